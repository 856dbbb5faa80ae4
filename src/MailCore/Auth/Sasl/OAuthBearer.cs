using System.Text;

namespace Webmail.MailCore.Auth.Sasl;

/// <summary>
/// OAUTHBEARER (RFC 7628), against access tokens that this server made. A refusal is a JSON object that says why, the client's ^A, and only then the
/// failure. Host and port are the client's own affair: a token is good for the whole installation.
/// </summary>
internal sealed class OAuthBearer(IAuthenticator authenticator, ClientFacts client) : ISaslExchange
{
    public static readonly SaslMechanism Mechanism = new("OAUTHBEARER", (authenticator, client) => new OAuthBearer(authenticator, client));

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
        var login = token is null ? default : await authenticator.TokenAsync(token, name, client, ct);
        if (login.Principal is { } principal)
            return SaslStep.Succeed(principal);
        _refused = true;
        return SaslStep.Continue(Encoding.ASCII.GetBytes(login.LacksScope
            ? $$"""{"status":"insufficient_scope","scope":"{{client.Protocol}}"}"""
            : """{"status":"invalid_token"}"""));
    }

    /// <summary>
    /// Whose the token shall be (null: whoever's it is) and the token; without one the client only asks what is wanted (RFC 7628 section 4.3). Null: not a
    /// message of this mechanism.
    /// </summary>
    internal static (string? Name, string? Token)? Read(ReadOnlySpan<byte> message)
    {
        if (message.Length > BearerMessage.MaxMessage || SaslText.Decode(message) is not { } text || Gs2Header.TryRead(text) is not { } header)
            return null;
        var rest = text[header.Text.Length..];
        return header.Flag != ChannelBindingFlag.Used
            && rest.StartsWith(BearerMessage.Separator)
            && BearerMessage.Pairs(rest[1..]) is { } pairs
            && pairs.TryGetValue("auth", out var auth)
            && (auth.Length == 0 || BearerMessage.Token(auth) is not null)
            ? (header.Authzid, BearerMessage.Token(auth))
            : null;
    }
}
