using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;

namespace Webmail.Web.SignIn;

/// <summary>A <see cref="Principal"/> as the cookie's claims and back. The cookie holds nothing else.</summary>
internal static class PrincipalClaims
{
    public const string AdministratorRole = "administrator";
    public const string AdministratorPolicy = "administrator";
    private const string Version = "webmail:version";
    private const string Display = "webmail:display";

    public static readonly ClaimsPrincipal Nobody = new(new ClaimsIdentity());

    public static ClaimsPrincipal ToClaims(this Principal principal)
    {
        var identity = new ClaimsIdentity(CookieAuthenticationDefaults.AuthenticationScheme);
        identity.AddClaim(new(ClaimTypes.NameIdentifier, principal.Account.ToString()));
        identity.AddClaim(new(ClaimTypes.Name, principal.Address.ToString()));
        identity.AddClaim(new(Version, principal.CredentialVersion.ToString(CultureInfo.InvariantCulture)));
        identity.AddClaim(new(Display, principal.DisplayName));
        if (principal.IsAdministrator)
            identity.AddClaim(new(ClaimTypes.Role, AdministratorRole));
        return new(identity);
    }

    /// <summary>Null when nobody is signed in, or the claims are not ours.</summary>
    public static Principal? ToPrincipal(this ClaimsPrincipal claims) =>
        long.TryParse(claims.FindFirstValue(ClaimTypes.NameIdentifier), CultureInfo.InvariantCulture, out var account)
        && EmailAddress.TryParse(claims.FindFirstValue(ClaimTypes.Name)) is { } address
        && long.TryParse(claims.FindFirstValue(Version), CultureInfo.InvariantCulture, out var version)
            ? new Principal(new(account), address, claims.IsInRole(AdministratorRole), version) { DisplayName = claims.FindFirstValue(Display) ?? "" }
            : null;

    /// <exception cref="MailException">AuthenticationFailed: nobody is signed in</exception>
    public static Principal Required(this ClaimsPrincipal claims) =>
        claims.ToPrincipal() ?? throw new MailException(MailError.AuthenticationFailed, "Not signed in");
}
