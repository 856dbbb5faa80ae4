namespace Webmail.MailCore.Auth.Sasl;

/// <summary>
/// OAUTHBEARER (RFC 7628), against access tokens that this server made. A refusal is a JSON object that says why, the client's ^A, and only then the
/// failure. Host and port are the client's own affair: a token is good for the whole installation.
/// </summary>
internal sealed class OAuthBearer(IAuthenticator authenticator, ClientFacts client) : BearerExchange(authenticator, client)
{
    public static readonly SaslMechanism Mechanism = new("OAUTHBEARER", (authenticator, client) => new OAuthBearer(authenticator, client));

    protected override (string? Name, string? Token)? Parse(ReadOnlySpan<byte> message) => Read(message);

    protected override string Refusal(TokenLogin login, string scope) =>
        login.LacksScope ? $$"""{"status":"insufficient_scope","scope":"{{scope}}"}""" : """{"status":"invalid_token"}""";

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
