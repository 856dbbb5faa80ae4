using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Webmail.Protocols.Wire;

/// <summary>How this server does TLS, on every port alike. The certificate is asked for at each handshake, so a renewed one is used at once.</summary>
/// <param name="asksClients">Ask those who may log in with one for a certificate (SASL EXTERNAL).</param>
public sealed class ServerTls(Func<SslStreamCertificateContext> certificate, bool asksClients = false)
{
    /// <summary>
    /// No ALPN is set: a client that offers "imap" or "pop3" goes on without it, where a server that insists on HTTP's names would refuse.
    /// </summary>
    /// <param name="takesLogins">Clients log in here: not other servers, which have no certificate for us, and not browsers, which would ask their users.</param>
    public SslServerAuthenticationOptions Options(bool takesLogins)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate(),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
        };
        if (!asksClients || !takesLogins)
            return options;
        options.ClientCertificateRequired = true;

        // Whether a certificate is anybody's is asked at login: none, or one of an unknown issuer, keeps nobody from TLS. Nothing is fetched for it.
        options.RemoteCertificateValidationCallback = static (_, _, _, errors) =>
            (errors & ~(SslPolicyErrors.RemoteCertificateNotAvailable | SslPolicyErrors.RemoteCertificateChainErrors)) == SslPolicyErrors.None;
        options.CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        return options;
    }
}
