using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.Web.SignIn;

namespace Webmail.Web.Api;

/// <summary>HTTP Basic (RFC 7617, UTF-8): the authenticator remembers good logins for a minute, so a program that sends it each time is hashed once.</summary>
internal sealed class BasicAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, IAuthenticator authenticator, WebmailSettings settings)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    public new const string Scheme = "Basic";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private (int Status, string Detail) _answer = (StatusCodes.Status401Unauthorized, "Log in first");

    public static bool IsUsedBy(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith("Basic ", StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!IsUsedBy(Request))
            return AuthenticateResult.NoResult();
        var client = new ClientFacts(Context.Connection.RemoteIpAddress, "web", Request.IsHttps);
        if (!PlaintextRule.Allows(settings.Networks, client))
            return Refuse(StatusCodes.Status403Forbidden, "Passwords only over HTTPS");
        if (Read(Request.Headers.Authorization.ToString()["Basic ".Length..].Trim()) is not var (name, password))
            return Refuse(StatusCodes.Status401Unauthorized, "The Authorization header isn't one of HTTP Basic");
        try
        {
            return await authenticator.LoginAsync(name, password, client, Context.RequestAborted) is { } principal
                ? AuthenticateResult.Success(new(principal.ToClaims(), Scheme))
                : Refuse(StatusCodes.Status401Unauthorized, "Wrong name or password");
        }
        catch (MailException e)
        {
            return Refuse(ApiErrors.StatusOf(e.Error), e.Message);
        }
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (BearerAuthentication.IsUsedBy(Request))
            return Context.ChallengeAsync(BearerAuthentication.Scheme);
        if (_answer.Status == StatusCodes.Status401Unauthorized)
            Response.Headers.WWWAuthenticate = "Basic realm=\"Webmail\", charset=\"UTF-8\"";
        return ApiErrors.Problem(_answer.Status, _answer.Detail).ExecuteAsync(Context);
    }

    private AuthenticateResult Refuse(int status, string detail)
    {
        _answer = (status, detail);
        return AuthenticateResult.Fail(detail);
    }

    private static (string Name, string Password)? Read(string base64)
    {
        var octets = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, octets, out var length))
            return null;
        try
        {
            var text = Utf8.GetString(octets, 0, length);
            return text.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 ? (text[..colon], text[(colon + 1)..]) : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
