namespace Webmail.MailCore.Auth.Sasl;

/// <summary>SCRAM-SHA-256 (RFC 7677), without channel binding.</summary>
internal static class ScramSha256
{
    public static readonly SaslMechanism Mechanism =
        new("SCRAM-SHA-256", (authenticator, client) => ScramExchange.Begin(authenticator, client, plus: false)) { IsScram = true };
}
