using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Webmail.Testing;

/// <summary>A self-signed certificate for "mx.example.test", made once a test process.</summary>
public static class TestCertificate
{
    private static readonly Lazy<SslStreamCertificateContext> Made = new(Make);

    public static SslStreamCertificateContext Context => Made.Value;

    public static bool IsIt(X509Certificate? presented) => presented?.GetCertHashString() == Context.TargetCertificate.GetCertHashString();

    private static SslStreamCertificateContext Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mx.example.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("mx.example.test");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return SslStreamCertificateContext.Create(request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30)), []);
    }
}
