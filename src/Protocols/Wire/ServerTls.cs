using System.Net.Security;
using System.Security.Authentication;

namespace Webmail.Protocols.Wire;

/// <summary>How this server does TLS, on every port alike. The certificate is asked for at each handshake, so a renewed one is used at once.</summary>
public sealed class ServerTls(Func<SslStreamCertificateContext> certificate)
{
    /// <summary>
    /// No ALPN is set: a client that offers "imap" or "pop3" goes on without it, where a server that insists on HTTP's names would refuse.
    /// </summary>
    public SslServerAuthenticationOptions Options() => new()
    {
        ServerCertificateContext = certificate(),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
        ClientCertificateRequired = false,
    };
}
