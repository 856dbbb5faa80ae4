using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Webmail.MailCore.Auth;

namespace Webmail.Web.SignIn;

/// <summary>
/// The cookie that keeps one signed in: each request asks the authenticator whether the principal in it is still good, so a changed password or a
/// disabled account ends every browser at once.
/// </summary>
internal sealed class SignInCookie(IAuthenticator authenticator) : CookieAuthenticationEvents
{
    private static readonly string[] AnswersByStatus = ["/api", "/content", "/drafts"];

    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "webmail";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.ExpireTimeSpan = TimeSpan.FromDays(14);
        options.SlidingExpiration = true;
        options.LoginPath = "/signin";
        options.AccessDeniedPath = "/error/403";
        options.ReturnUrlParameter = "then";
        options.EventsType = typeof(SignInCookie);
    }

    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        if (context.Principal?.ToPrincipal() is { } principal
            && await authenticator.IsCurrentAsync(principal, context.HttpContext.RequestAborted))
            return;
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }

    public override Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context) =>
        HasAnswered(context, StatusCodes.Status401Unauthorized) ? Task.CompletedTask : base.RedirectToLogin(context);

    public override Task RedirectToAccessDenied(RedirectContext<CookieAuthenticationOptions> context) =>
        HasAnswered(context, StatusCodes.Status403Forbidden) ? Task.CompletedTask : base.RedirectToAccessDenied(context);

    private static bool HasAnswered(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        if (!AnswersByStatus.Any(p => context.Request.Path.StartsWithSegments(p, StringComparison.OrdinalIgnoreCase)))
            return false;
        context.Response.StatusCode = status;
        return true;
    }
}
