namespace Webmail.MailCore.Auth.Sasl;

/// <summary>
/// XOAUTH2 (Google's and Microsoft's "SASL XOAUTH2 Mechanism", registered by no RFC): <c>user=… ^A auth=Bearer … ^A ^A</c>, against access tokens that this
/// server made. A refusal is a JSON object, an empty response, and only then the failure.
/// </summary>
internal sealed class XOAuth2(IAuthenticator authenticator, ClientFacts client) : BearerExchange(authenticator, client)
{
    public static readonly SaslMechanism Mechanism = new("XOAUTH2", (authenticator, client) => new XOAuth2(authenticator, client));

    protected override (string? Name, string? Token)? Parse(ReadOnlySpan<byte> message) => Read(message);

    protected override string Refusal(TokenLogin login, string scope) => $$"""{"status":"400","schemes":"Bearer","scope":"{{scope}}"}""";

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
