using System.Text;

namespace Webmail.MailCore.Auth.Sasl;

/// <summary>
/// XOAUTH2 (Google's and Microsoft's "SASL XOAUTH2 Mechanism", registered by no RFC): <c>user=… ^A auth=Bearer … ^A ^A</c>, against access tokens that this
/// server made. A refusal is a JSON object, an empty response, and only then the failure.
/// </summary>
internal sealed class XOAuth2(IAuthenticator authenticator, ClientFacts client) : ISaslExchange
{
    public static readonly SaslMechanism Mechanism = new("XOAUTH2", (authenticator, client) => new XOAuth2(authenticator, client));

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

        if (_refused || message is not { } octets || Read(octets.Span) is not var (name, token))
            return SaslStep.Refuse(Advice);
        if ((await authenticator.TokenAsync(token, name, client, ct)).Principal is { } principal)
            return SaslStep.Succeed(principal);
        _refused = true;
        return SaslStep.Continue(Encoding.ASCII.GetBytes($$"""{"status":"400","schemes":"Bearer","scope":"{{client.Protocol}}"}"""));
    }

    /// <summary>Null: not a message of this mechanism.</summary>
    internal static (string Name, string Token)? Read(ReadOnlySpan<byte> message) =>
        message.Length <= BearerMessage.MaxMessage
        && SaslText.Decode(message) is { } text
        && BearerMessage.Pairs(text) is { } pairs
        && pairs.TryGetValue("user", out var user) && user.Length > 0
        && pairs.TryGetValue("auth", out var auth)
        && BearerMessage.Token(auth) is { } token
            ? (user, token)
            : null;
}
