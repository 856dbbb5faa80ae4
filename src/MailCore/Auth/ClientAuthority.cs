using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Auth;

/// <summary>
/// The authorities that the administrator trusts to say who a client is (Tls.ClientCaPath). The file is read at the first use and again when it has
/// changed. Revocation lists are not fetched: whoever leaves is disabled here.
/// </summary>
internal sealed class ClientAuthority(WebmailSettings settings, TimeProvider time)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private (DateTime Written, X509Certificate2Collection Roots)? _loaded;

    public bool Vouches(X509Certificate2 certificate)
    {
        if (Roots() is not { Count: > 0 } roots)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.ExtraStore.AddRange(roots);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        return chain.Build(certificate);
    }

    private X509Certificate2Collection? Roots()
    {
        if (settings.Tls.ClientCaPath is not { } path)
            return null;
        var written = File.GetLastWriteTimeUtc(path);
        if (_loaded is { } loaded && loaded.Written == written)
            return loaded.Roots;
        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(path);
            _loaded = (written, roots);
            return roots;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            // Half written, most likely: the old ones go on.
            return _loaded?.Roots;
        }
    }
}
