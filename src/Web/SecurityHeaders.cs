namespace Webmail.Web;

/// <summary>
/// The headers that every answer carries. The policy allows nothing from elsewhere and no inline script; style attributes are let through, since
/// the list is positioned and the editor formats with them. An endpoint with a stricter need sets its own policy over this one.
/// </summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
        + "connect-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        Set(context);
        // An answer that begins anew after an exception has lost them.
        context.Response.OnStarting(() =>
        {
            if (context.Response.Headers.ContentSecurityPolicy.Count == 0)
                Set(context);
            return Task.CompletedTask;
        });
        return next(context);
    }

    private static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["X-Robots-Tag"] = "noindex";
        if (context.Request.IsHttps)
            headers.StrictTransportSecurity = "max-age=31536000";
    }
}
