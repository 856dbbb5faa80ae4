using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Auth;

/// <summary>
/// Logins by TLS client certificate (EXTERNAL). Two ways: the account registered this very certificate, of whatever issuer; or an authority that the
/// administrator trusts (Tls.ClientCaPath) signed it and it names the account's address. The TLS layer has seen that the client owns the key.
/// </summary>
internal sealed class CertificateVerifier(CredentialLookup credentials, AccountLookup accounts, ClientAuthority authority, LoginThrottle throttle, TimeProvider time)
{
    /// <summary>Certificates name few people.</summary>
    private const int MaxAddresses = 10;

    public async ValueTask<Principal?> LoginAsync(string? name, ClientFacts client, CancellationToken ct)
    {
        var wanted = EmailAddress.TryParse(name);
        var key = wanted?.Key ?? "@";
        throttle.Check(key, client.Address);
        if (client.Tls?.ClientCertificate is { } certificate
            && (name is null || wanted is not null)
            && await PrincipalAsync(certificate, wanted, client, ct) is { } principal)
        {
            throttle.Succeeded(principal.Address.Key, client.Address);
            return principal;
        }

        throttle.Failed(key, client.Address);
        return null;
    }

    private async ValueTask<Principal?> PrincipalAsync(X509Certificate2 certificate, EmailAddress? wanted, ClientFacts client, CancellationToken ct)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (now < certificate.NotBefore.ToUniversalTime() || now > certificate.NotAfter.ToUniversalTime())
            return null;
        if (await credentials.FindAsync(CredentialKind.ClientCertificate, DigestOf(certificate), ct) is var (account, credential))
        {
            if (account.IsDisabled || credentials.HasExpired(credential) || !credential.Scopes.Opens(client.Protocol) || (wanted is not null && !wanted.Equals(account.Address)))
                return null;
            await credentials.UsedAsync(credential);
            return account.ToPrincipal(credential);
        }

        return authority.Vouches(certificate) ? await NamedAsync(certificate, wanted, ct) : null;
    }

    /// <summary>The account that was asked for, if the certificate names it; or the only one that it names.</summary>
    private async ValueTask<Principal?> NamedAsync(X509Certificate2 certificate, EmailAddress? wanted, CancellationToken ct)
    {
        var named = CertificateNames.AddressesOf(certificate).Distinct().Take(MaxAddresses).ToList();
        if (wanted is not null)
            named = named.Contains(wanted) ? [wanted] : [];
        var found = new List<Account>();
        foreach (var address in named)
        {
            if (await accounts.FindAsync(address, ct) is { } account)
                found.Add(account);
        }

        if (found is not [{ IsDisabled: false } one])
            return null;
        await accounts.LoggedInAsync(one, renewed: null);
        return one.ToPrincipal();
    }

    /// <summary>What is stored of a registered certificate.</summary>
    public static byte[] DigestOf(X509Certificate2 certificate) => certificate.GetCertHash(HashAlgorithmName.SHA256);
}
