using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Auth;

/// <summary>Logins by access token: found by its digest, so nothing secret is compared. Only who holds a good token learns that it lacks the scope.</summary>
internal sealed class TokenVerifier(CredentialLookup credentials, LoginThrottle throttle)
{
    public async ValueTask<TokenLogin> LoginAsync(string token, string? name, ClientFacts client, CancellationToken ct)
    {
        var address = EmailAddress.TryParse(name);
        var key = address?.Key ?? "@";
        throttle.Check(key, client.Address);
        var found = await credentials.FindAsync(CredentialKind.AccessToken, AccessToken.DigestOf(token), ct);
        if (found is not var (account, credential)
            || account.IsDisabled
            || credentials.HasExpired(credential)
            || (name is not null && !account.Address.Equals(address)))
        {
            throttle.Failed(key, client.Address);
            return default;
        }

        if (!credential.Scopes.Opens(client.Protocol))
            return new(null, LacksScope: true);
        throttle.Succeeded(account.Address.Key, client.Address);
        await credentials.UsedAsync(credential);
        return new(account.ToPrincipal(credential), LacksScope: false);
    }
}
