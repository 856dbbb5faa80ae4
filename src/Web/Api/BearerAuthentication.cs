using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.Web.SignIn;

namespace Webmail.Web.Api;

/// <summary>HTTP Bearer (RFC 6750, the header only): an access token with the scope "api" has its owner's rights.</summary>
internal sealed class BearerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, IAuthenticator authenticator, WebmailSettings settings)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    public new const string Scheme = "Bearer";

    private (int Status, string Detail, string? Error) _answer = (StatusCodes.Status401Unauthorized, "Log in first", null);

    public static bool IsUsedBy(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!IsUsedBy(Request))
            return AuthenticateResult.NoResult();
        var client = new ClientFacts(Context.Connection.RemoteIpAddress, "web", Request.IsHttps);
        if (!PlaintextRule.Allows(settings.Networks, client))
            return Refuse(StatusCodes.Status403Forbidden, "Tokens only over HTTPS", null);
        try
        {
            var login = await authenticator.TokenAsync(Request.Headers.Authorization.ToString()["Bearer ".Length..].Trim(), name: null, client, Context.RequestAborted);
            return login switch
            {
                { Principal: { } principal } => AuthenticateResult.Success(new(principal.ToClaims(), Scheme)),
                { LacksScope: true } => Refuse(StatusCodes.Status403Forbidden, "The token hasn't the scope \"api\"", "insufficient_scope"),
                _ => Refuse(StatusCodes.Status401Unauthorized, "The token is wrong or has run out", "invalid_token"),
            };
        }
        catch (MailException e)
        {
            return Refuse(ApiErrors.StatusOf(e.Error), e.Message, null);
        }
    }

    // RFC 6750 section 3.
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_answer.Status == StatusCodes.Status401Unauthorized || _answer.Error is not null)
            Response.Headers.WWWAuthenticate = "Bearer realm=\"Webmail\"" + (_answer.Error is { } error ? $", error=\"{error}\", scope=\"api\"" : "");
        return ApiErrors.Problem(_answer.Status, _answer.Detail).ExecuteAsync(Context);
    }

    private AuthenticateResult Refuse(int status, string detail, string? error)
    {
        _answer = (status, detail, error);
        return AuthenticateResult.Fail(detail);
    }
}
