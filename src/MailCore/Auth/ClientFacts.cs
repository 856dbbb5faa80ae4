using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Webmail.MailCore.Auth;

/// <summary>What is known of the client that tries to log in: for throttling, for the log, and for mechanisms that look at TLS.</summary>
/// <param name="Protocol">"imap", "pop3", "smtp", "web" …</param>
public sealed record ClientFacts(IPAddress? Address, string Protocol, bool IsEncrypted)
{
    /// <summary>Null: no TLS, or one that ends elsewhere.</summary>
    public ITlsSession? Tls { get; init; }
}

/// <summary>What a connection's TLS can say to those who log in over it.</summary>
public interface ITlsSession
{
    /// <summary>Whether the channel binding that clients of this TLS version begin with is at hand: only then is there any use in SCRAM-…-PLUS.</summary>
    bool HasChannelBinding { get; }

    /// <summary>The octets that both ends of this very connection know; null: not of this type.</summary>
    /// <param name="type">"tls-exporter" (RFC 9266), "tls-unique", "tls-server-end-point" (RFC 5929)</param>
    byte[]? ChannelBinding(string type);

    /// <summary>What the client presented and proved to own, of whatever issuer; null: none.</summary>
    X509Certificate2? ClientCertificate { get; }
}
