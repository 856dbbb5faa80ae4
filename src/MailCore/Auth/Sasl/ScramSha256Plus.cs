namespace Webmail.MailCore.Auth.Sasl;

/// <summary>SCRAM-SHA-256-PLUS (RFC 7677): bound to this very TLS connection, so that nobody in the middle can pass the login on.</summary>
internal static class ScramSha256Plus
{
    public static readonly SaslMechanism Mechanism =
        new("SCRAM-SHA-256-PLUS", (authenticator, client) => ScramExchange.Begin(authenticator, client, plus: true))
        {
            IsScram = true,
            Works = client => client.Tls is { HasChannelBinding: true },
        };
}
