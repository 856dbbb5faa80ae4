using System.Globalization;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.Web.Live;
using Webmail.Web.Mail;
using Webmail.Web.Settings;
using Webmail.Web.SignIn;

namespace Webmail.Web;

/// <summary>
/// The browser's half of the program: what it registers and the order of its middleware. Pages are Blazor (interactive over one circuit a tab;
/// sign-in is a plain page); message bodies, attachments, uploads and drafts are HTTP endpoints beside them, under the same cookie.
/// </summary>
public static class WebUi
{
    private const int LargestCircuitMessage = 64 * 1024;

    private static readonly CultureInfo[] Cultures = [new("en"), new("zh-Hans")];

    public static IServiceCollection AddWebUi(this IServiceCollection services)
    {
        services.AddLocalization();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>, KeysInDataDirectory>();
        services.AddDataProtection().SetApplicationName("webmail");
        services.AddAntiforgery(o =>
        {
            o.HeaderName = "X-CSRF";
            o.Cookie.Name = "webmail-csrf";
            o.Cookie.SameSite = SameSiteMode.Strict;
            o.SuppressXFrameOptionsHeader = true; // frame-ancestors says it, and differs by endpoint
        });
        services.AddScoped<SignInCookie>();
        services.AddScoped<Drafts>();
        services.AddScoped<DraftStarts>();
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(SignInCookie.Configure);
        services.AddAuthorizationBuilder().AddPolicy(PrincipalClaims.AdministratorPolicy, p => p.RequireRole(PrincipalClaims.AdministratorRole));
        services.AddCascadingAuthenticationState();
        services.AddRazorComponents().AddInteractiveServerComponents(o => o.DetailedErrors = false)
            .AddHubOptions(o => o.MaximumReceiveMessageSize = LargestCircuitMessage);
        services.AddScoped<AuthenticationStateProvider, CircuitUser>();
        services.AddResponseCompression(o =>
        {
            // Only what holds no secret: a compressed page that reflects input beside a token can be measured (BREACH).
            o.EnableForHttps = true;
            o.MimeTypes = ["text/css", "text/javascript", "application/javascript", "image/svg+xml"];
        });
        services.Configure<RequestLocalizationOptions>(o =>
        {
            o.DefaultRequestCulture = new RequestCulture(Cultures[0]);
            o.SupportedCultures = Cultures;
            o.SupportedUICultures = Cultures;
            o.ApplyCurrentCultureToResponseHeaders = true;
        });
        return services;
    }

    /// <summary>The middleware in its order, then the pages and their endpoints. Map APIs after it.</summary>
    public static WebApplication MapWebUi(this WebApplication app)
    {
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = "/error/500",
            CreateScopeForErrors = true,
            StatusCodeSelector = e => e is MailException { Error: MailError.Unavailable } ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError,
        });
        app.UseResponseCompression();
        app.UseRequestLocalization();
        app.UseStatusCodePagesWithReExecute("/error/{0}", createScopeForStatusCodePages: true);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapSignIn();
        app.MapPreferences();
        app.MapContent();
        app.MapDrafts();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(o => o.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }

    /// <summary>Cookies stay good over restarts; the keys are as private as the mail beside them.</summary>
    private sealed class KeysInDataDirectory(WebmailSettings settings, ILoggerFactory log) : IConfigureOptions<KeyManagementOptions>
    {
        public void Configure(KeyManagementOptions options)
        {
            var directory = new DirectoryInfo(Path.Combine(settings.DataDirectory, "keys"));
            if (!directory.Exists)
            {
                if (OperatingSystem.IsWindows())
                    directory.Create();
                else
                    System.IO.Directory.CreateDirectory(directory.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            options.XmlRepository = new FileSystemXmlRepository(directory, log);
        }
    }
}
