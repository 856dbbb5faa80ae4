using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Authentication.ExtendedProtection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Webmail.MailCore.Auth;

namespace Webmail.Protocols.Wire;

/// <summary>
/// The server's side of a TLS connection, for SASL. Measured on .NET 10 with OpenSSL 3: SslStream's own "Unique" is right for TLS 1.2 (and without
/// meaning for 1.3), its "Endpoint" is right on a client only (on a server it takes the client's certificate), and it has no exporter.
/// </summary>
internal sealed class TlsSession(SslStream stream) : ITlsSession
{
    // RFC 5929 section 3: tls-unique is the second word of SEC's header.
    private static readonly int HeaderLength = Marshal.SizeOf<SecChannelBindings>();

    /// <summary>Clients begin with tls-exporter on TLS 1.3 (RFC 9266 section 3) and with tls-unique before (RFC 5802 section 6.1).</summary>
    public bool HasChannelBinding => stream.SslProtocol == SslProtocols.Tls12 || TlsExporter.IsAvailable(stream);

    public X509Certificate2? ClientCertificate => stream.RemoteCertificate as X509Certificate2;

    public byte[]? ChannelBinding(string type) => type switch
    {
        "tls-exporter" => TlsExporter.ChannelBinding(stream),
        "tls-unique" => Unique(),
        "tls-server-end-point" => stream.LocalCertificate is X509Certificate2 own ? EndPoint(own) : null,
        _ => null,
    };

    // RFC 9266 section 4: there is no tls-unique in TLS 1.3, whatever the library gives.
    private byte[]? Unique()
    {
        if (stream.SslProtocol != SslProtocols.Tls12)
            return null;
        using var binding = stream.TransportContext.GetChannelBinding(ChannelBindingKind.Unique);
        if (binding is null || binding.IsInvalid || binding.Size <= HeaderLength)
            return null;
        var octets = new byte[binding.Size];
        Marshal.Copy(binding.DangerousGetHandle(), octets, 0, octets.Length);
        var prefix = "tls-unique:"u8;
        return octets.AsSpan(HeaderLength).StartsWith(prefix) ? octets[(HeaderLength + prefix.Length)..] : null;
    }

    /// <summary>RFC 5929 section 4.1: the certificate's hash by its signature's hash function, SHA-256 in place of MD5 and SHA-1; undefined for signatures that have none or several.</summary>
    internal static byte[]? EndPoint(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" => SHA256.HashData(certificate.RawData),
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => SHA256.HashData(certificate.RawData),
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(certificate.RawData),
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(certificate.RawData),
        _ => null,
    };

    /// <summary>SEC_CHANNEL_BINDINGS, which SslStream puts before the octets on every system.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct SecChannelBindings
    {
        private readonly uint _initiatorAddressType;
        private readonly uint _initiatorLength;
        private readonly uint _initiatorOffset;
        private readonly uint _acceptorAddressType;
        private readonly uint _acceptorLength;
        private readonly uint _acceptorOffset;
        private readonly uint _applicationLength;
        private readonly uint _applicationOffset;
    }
}
