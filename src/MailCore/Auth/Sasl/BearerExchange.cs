using System.Text;

namespace Webmail.MailCore.Auth.Sasl;

/// <summary>
/// What OAUTHBEARER and XOAUTH2 have in common: one message with an access token; and a refusal that is a JSON object first, and after the client's answer,
/// whatever that is, the failure.
/// </summary>
internal abstract class BearerExchange(IAuthenticator authenticator, ClientFacts client) : ISaslExchange
{
    private const string Advice = "The token is wrong, has run out, or isn't for this";

    private bool _asked;
    private bool _refused;

    public async ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte>? message, CancellationToken ct)
    {
        if (message is null && !_asked)
        {
            _asked = true;
            return SaslStep.Continue(default);
        }

        if (_refused || message is not { } octets || Parse(octets.Span) is not var (name, token))
            return SaslStep.Refuse(Advice);
        var login = token is null ? default : await authenticator.TokenAsync(token, name, client, ct);
        if (login.Principal is { } principal)
            return SaslStep.Succeed(principal);
        _refused = true;
        return SaslStep.Continue(Encoding.ASCII.GetBytes(Refusal(login, client.Protocol)));
    }

    /// <summary>Whose the token shall be (null: whoever's it is) and the token (null: the client only asks what is wanted). Null: not a message of this mechanism.</summary>
    protected abstract (string? Name, string? Token)? Parse(ReadOnlySpan<byte> message);

    /// <summary>The JSON object that says why, in ASCII.</summary>
    protected abstract string Refusal(TokenLogin login, string scope);
}
