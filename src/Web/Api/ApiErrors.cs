using Microsoft.AspNetCore.Diagnostics;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;

namespace Webmail.Web.Api;

/// <summary>MailCore's refusals as HTTP status codes (the one switch) and problem details (RFC 9457).</summary>
internal static class ApiErrors
{
    public static int StatusOf(MailError error) => error switch
    {
        MailError.NotFound => StatusCodes.Status404NotFound,
        MailError.AlreadyExists or MailError.Conflict or MailError.InUse => StatusCodes.Status409Conflict,
        MailError.NoPermission or MailError.ReadOnly => StatusCodes.Status403Forbidden,
        MailError.OverQuota => StatusCodes.Status507InsufficientStorage,
        MailError.TooLarge => StatusCodes.Status413PayloadTooLarge,
        MailError.Throttled => StatusCodes.Status429TooManyRequests,
        MailError.Unavailable => StatusCodes.Status503ServiceUnavailable,
        MailError.Invalid or MailError.LimitReached => StatusCodes.Status422UnprocessableEntity,
        MailError.AuthenticationFailed => StatusCodes.Status401Unauthorized,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Temporary => StatusCodes.Status503ServiceUnavailable,
        RefusalKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    public static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);

    /// <summary>Sending was refused: which recipient, and why.</summary>
    public static IResult Of(IReadOnlyList<RecipientOutcome> outcomes) => Results.Problem(
        "Nothing was sent: the sender or a recipient was refused",
        statusCode: StatusOf(outcomes.First(o => o.Refusal is not null).Refusal!.Kind),
        extensions: new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["refused"] = outcomes.Where(o => o.Refusal is not null)
                .Select(o => new RefusedRecipient(o.Recipient.Address.ToString(), o.Refusal!.Kind.ToString(), o.Refusal.Text)).ToList(),
        });

    /// <summary>Below /api nobody gets an HTML page: what the framework refuses by a bare status becomes a problem too.</summary>
    public static async Task FillAsync(HttpContext http, RequestDelegate next)
    {
        if (!http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
        {
            await next(http);
            return;
        }

        if (http.Features.Get<IStatusCodePagesFeature>() is { } pages)
            pages.Enabled = false;
        await next(http);
        if (http.Response is { StatusCode: >= 400, HasStarted: false, ContentType: null } response)
            await Problem(response.StatusCode, response.StatusCode == StatusCodes.Status400BadRequest ? "The request can't be read: look at its parameters and its JSON" : "Refused").ExecuteAsync(http);
    }

    /// <summary>Around every resource: no forged request by cookie, and refusals as problems.</summary>
    public static async ValueTask<object?> TranslateAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (IsForged(http.Request))
            return Problem(StatusCodes.Status403Forbidden, "A change from another site, by cookie");
        try
        {
            return await next(context);
        }
        catch (MailException e)
        {
            return Problem(StatusOf(e.Error), e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return Problem(e.StatusCode, e.Message);
        }
    }

    // The cookie is SameSite=Lax; this holds for browsers that don't know it and for pages of a sister domain too.
    private static bool IsForged(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || BasicAuthentication.IsUsedBy(request) || BearerAuthentication.IsUsedBy(request))
            return false;
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
            return site is not ("same-origin" or "none");
        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0 && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }
}

/// <param name="Kind">UnknownUser, NotYourAddress, OverQuota …</param>
public sealed record RefusedRecipient(string Address, string Kind, string Text);
