using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;

namespace Webmail.Web.SignIn;

/// <summary>Where the sign-in form and the sign-out button go. Both are forms with an antiforgery token; the answer is always a redirect.</summary>
internal static class SignInEndpoints
{
    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/signin", SignInAsync).AllowAnonymous();
        routes.MapPost("/signout", SignOutAsync);
    }

    private static async Task<IResult> SignInAsync(
        [FromForm] string? address, [FromForm] string? password, [FromForm] string? then, HttpContext http, IAuthenticator authenticator)
    {
        var target = IsOurs(then) ? then! : "/mail/inbox";
        if (string.IsNullOrWhiteSpace(address) || string.IsNullOrEmpty(password))
            return Again("empty", address, target);
        try
        {
            var facts = new ClientFacts(http.Connection.RemoteIpAddress, "web", http.Request.IsHttps);
            if (await authenticator.LoginAsync(address.Trim(), password, facts, http.RequestAborted) is not { } principal)
                return Again("wrong", address, target);
            await http.SignInAsync(principal.ToClaims(), new AuthenticationProperties { IsPersistent = true });
            return Results.LocalRedirect(target);
        }
        catch (MailException e)
        {
            return Again(e.Error == MailError.Throttled ? "throttled" : "unavailable", address, target);
        }
    }

    private static async Task<IResult> SignOutAsync([FromForm] string? then, HttpContext http)
    {
        await http.SignOutAsync();
        return Results.LocalRedirect(IsOurs(then) ? then! : "/signin?why=out");
    }

    private static IResult Again(string why, string? address, string then)
    {
        var query = new QueryBuilder { { "why", why }, { "address", address?.Trim() ?? "" }, { "then", then } };
        return Results.LocalRedirect("/signin" + query.ToQueryString());
    }

    /// <summary>A path of this site and nothing that a browser could read as another host.</summary>
    internal static bool IsOurs(string? path) =>
        path is { Length: > 0 and < 2000 } && path[0] == '/' && (path.Length == 1 || path[1] is not ('/' or '\\')) && !path.Any(char.IsControl);
}
