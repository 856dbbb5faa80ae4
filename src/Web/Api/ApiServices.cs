using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Scalar.AspNetCore;

namespace Webmail.Web.Api;

/// <summary>
/// The REST API, /api/v1: JSON over the same services as the pages, by Basic login or an access token (for programs), or the pages' cookie. A resource is a file with its
/// MapXxx; refusals are problem details (<see cref="ApiErrors"/>). /api/docs is the reference, made from /api/openapi/v1.json; nothing is loaded from elsewhere.
/// </summary>
public static class ApiServices
{
    internal const string Policy = "api";

    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddAuthentication()
            .AddScheme<AuthenticationSchemeOptions, BasicAuthentication>(BasicAuthentication.Scheme, null)
            .AddScheme<AuthenticationSchemeOptions, BearerAuthentication>(BearerAuthentication.Scheme, null)
            .AddPolicyScheme(Policy, null, options =>
            {
                // One or the other, never two mixed: who sends a name and a password, or a token, means that one.
                options.ForwardDefaultSelector = http =>
                    BearerAuthentication.IsUsedBy(http.Request) ? BearerAuthentication.Scheme
                    : BasicAuthentication.IsUsedBy(http.Request) ? BasicAuthentication.Scheme
                    : CookieAuthenticationDefaults.AuthenticationScheme;
                options.ForwardChallenge = BasicAuthentication.Scheme;
            });
        services.AddAuthorizationBuilder().AddPolicy(Policy, p => p.AddAuthenticationSchemes(Policy).RequireAuthenticatedUser());
        services.AddExceptionHandler<ApiExceptions>();
        services.AddOpenApi("v1", ApiDocument.Describe);
        return services;
    }

    public static WebApplication MapApi(this WebApplication app)
    {
        app.Use(DocumentHeaders);
        app.Use(ApiErrors.FillAsync);
        var api = app.MapGroup("/api/v1").RequireAuthorization(Policy).AddEndpointFilter(ApiErrors.TranslateAsync).DisableAntiforgery();
        api.MapMe();
        api.MapMailboxes();
        api.MapMessages();
        api.MapSend();
        api.MapAdminUsers();
        api.MapAdminDomains();
        api.MapAdminAliases();
        app.MapOpenApi("/api/openapi/{documentName}.json").AllowAnonymous();
        app.MapScalarApiReference("/api/docs", options => options
            .WithTitle("Webmail API")
            .WithOpenApiRoutePattern("/api/openapi/{documentName}.json")
            .DisableDefaultFonts()
            .WithFavicon("/favicon.svg")
            .HideClientButton()
            .HideDeveloperTools()
            .DisableAgent()
            .DisableMcp()
            .DisableTelemetry()).AllowAnonymous();
        app.Map("/api/{**rest}", () => ApiErrors.Problem(StatusCodes.Status404NotFound, "There is no such resource")).ExcludeFromDescription();
        return app;
    }

    // The reference page is a script of its maker with inline parts: it gets a policy of its own, and still nothing from elsewhere.
    private static Task DocumentHeaders(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path.StartsWithSegments("/api/docs", StringComparison.OrdinalIgnoreCase))
        {
            http.Response.Headers.ContentSecurityPolicy =
                "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
                + "connect-src 'self'; worker-src blob:; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";
        }

        return next(http);
    }
}
