using Microsoft.AspNetCore.Diagnostics;
using Webmail.MailCore.Model;

namespace Webmail.Web.Api;

/// <summary>What nobody caught below /api: a problem for the client, the exception for the log. Pages get a page (<see cref="WebUi"/>).</summary>
internal sealed partial class ApiExceptions(ILogger<ApiExceptions> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!httpContext.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
            return false;
        if (exception is MailException refusal)
        {
            await ApiErrors.Problem(ApiErrors.StatusOf(refusal.Error), refusal.Message).ExecuteAsync(httpContext);
            return true;
        }

        Unexpected(httpContext.Request.Method, (httpContext.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "/api", exception);
        await ApiErrors.Problem(StatusCodes.Status500InternalServerError, "Something went wrong here; the server's log says what").ExecuteAsync(httpContext);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Route} failed")]
    private partial void Unexpected(string method, string route, Exception exception);
}
