using Microsoft.AspNetCore.Localization;
using Webmail.Web.Components;
using Webmail.Web.SignIn;

namespace Webmail.Web.Settings;

/// <summary>GET /preferences?language=…&amp;then=…: keeps a harmless choice in a cookie and goes back. Works without script and without signing in.</summary>
internal static class PreferenceEndpoints
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(365);

    public static void MapPreferences(this IEndpointRouteBuilder routes) => routes.MapGet("/preferences", Set).AllowAnonymous();

    private static IResult Set(string? language, string? theme, string? then, HttpContext http)
    {
        var options = new CookieOptions { MaxAge = Kept, SameSite = SameSiteMode.Lax, IsEssential = true, Secure = http.Request.IsHttps, Path = "/" };
        if (LanguageLinks.Languages.Any(l => l.Culture.Equals(language, StringComparison.Ordinal)))
        {
            var value = CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(language!));
            http.Response.Cookies.Append(CookieRequestCultureProvider.DefaultCookieName, value, options);
        }

        if (theme is "light" or "dark" or "auto")
            http.Response.Cookies.Append(Preferences.ThemeCookie, theme, options);
        return Results.LocalRedirect(SignInEndpoints.IsOurs(then) ? then! : "/");
    }
}
