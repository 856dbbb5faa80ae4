using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Auth;

/// <summary>
/// The one place where a password is compared. In this order: is the client throttled, is it a login of the last minute, the hash. Unknown names,
/// disabled accounts and wrong passwords take the same hash and give the same answer. No lock is held over the hash; at most as many run as there
/// are cores (<see cref="HashGate"/>). What has the form of an app password is looked for among those first. The other credentials have verifiers of
/// their own, behind the same throttle.
/// </summary>
internal sealed partial class Authenticator(
    AccountLookup accounts,
    CredentialLookup credentials,
    LoginThrottle throttle,
    LoginCache cache,
    HashGate gate,
    AppPasswordVerifier appPasswords,
    TokenVerifier tokens,
    CertificateVerifier certificates,
    ILogger<Authenticator> log) : IAuthenticator
{
    // Logins with the same name and password from the same place at the same moment: one hash for all.
    private readonly ConcurrentDictionary<string, Lazy<Task<Principal?>>> _underWay = new(StringComparer.Ordinal);

    public async ValueTask<Principal?> LoginAsync(string name, string password, ClientFacts client, CancellationToken ct)
    {
        var address = EmailAddress.TryParse(name);
        var octets = Passwords.Prepare(password);
        var accountKey = address?.Key ?? "@";
        throttle.Check(accountKey, client.Address);
        if (octets is null)
            return await RefuseAsync(accountKey, client, ct);

        var key = cache.KeyOf(accountKey, octets);
        var account = address is null ? null : await accounts.FindAsync(address, ct);
        if (account is { IsDisabled: false }
            && cache.Find(key, account.Id, account.CredentialVersion) is { } good
            && (good.Credential is not { } by || await credentials.FindGoodAsync(by, ct) is { } found && found.Scopes.Opens(client.Protocol)))
        {
            return account.ToPrincipal() with { Credential = good.Credential };
        }

        if (address is not null && AppPassword.HasForm(password) && await appPasswords.TryAsync(address, octets, client, ct) is { } principal)
        {
            cache.Add(key, principal.Account, principal.CredentialVersion, principal.Credential);
            return principal;
        }

        var place = key + client.Address;
        var attempt = _underWay.GetOrAdd(place, _ => new(() => HashAsync(accountKey, octets, key, account, client)));
        try
        {
            return await attempt.Value.WaitAsync(ct);
        }
        finally
        {
            if (attempt.Value.IsCompleted)
                _underWay.TryRemove(new(place, attempt));
            else
                _ = attempt.Value.ContinueWith(_ => _underWay.TryRemove(new(place, attempt)), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    public async ValueTask<IScramLogin> ScramAsync(string name, ClientFacts client, CancellationToken ct) =>
        await appPasswords.BeginAsync(EmailAddress.TryParse(name), client, ct);

    public async ValueTask<TokenLogin> TokenAsync(string token, string? name, ClientFacts client, CancellationToken ct)
    {
        var login = await tokens.LoginAsync(token, name, client, ct);
        if (login.Principal is null)
            LogFailed(client.Protocol, client.Address);
        return login;
    }

    public async ValueTask<Principal?> CertificateAsync(string? name, ClientFacts client, CancellationToken ct)
    {
        var principal = await certificates.LoginAsync(name, client, ct);
        if (principal is null)
            LogFailed(client.Protocol, client.Address);
        return principal;
    }

    public async ValueTask<bool> IsCurrentAsync(Principal principal, CancellationToken ct) =>
        ReferenceEquals(principal, Principal.LocalConsole)
        || (await accounts.FindAsync(principal.Account, ct) is { IsDisabled: false } account
            && account.CredentialVersion == principal.CredentialVersion
            && (principal.Credential is not { } credential || await credentials.FindGoodAsync(credential, ct) is not null));

    /// <summary>Is this the account's password? For the change of one's own: nothing is cached, failures count.</summary>
    internal async Task<bool> VerifyAsync(EmailAddress address, string password, ClientFacts client, CancellationToken ct)
    {
        throttle.Check(address.Key, client.Address);
        var account = await accounts.FindAsync(address, ct);
        var octets = Passwords.Prepare(password) ?? [];
        if (await MatchesAsync(account, octets, address.Key, client, ct))
            return true;
        throttle.Failed(address.Key, client.Address);
        return false;
    }

    // Belongs to no caller: who gives up waiting doesn't take it away from the others.
    private async Task<Principal?> HashAsync(string accountKey, byte[] password, string cacheKey, Account? account, ClientFacts client)
    {
        if (!await MatchesAsync(account, password, accountKey, client, CancellationToken.None) || account is null or { IsDisabled: true })
        {
            throttle.Failed(accountKey, client.Address);
            LogFailed(client.Protocol, client.Address);
            return null;
        }

        throttle.Succeeded(accountKey, client.Address);
        cache.Add(cacheKey, account.Id, account.CredentialVersion, credential: null);
        await accounts.LoggedInAsync(account, PasswordHash.TryParse(account.PasswordHash) is { IsOutdated: true } ? PasswordHash.Make(password) : null);
        return account.ToPrincipal();
    }

    private Task<bool> MatchesAsync(Account? account, byte[] password, string accountKey, ClientFacts client, CancellationToken ct)
    {
        var hash = (account is null ? null : PasswordHash.TryParse(account.PasswordHash)) ?? PasswordHash.Nobody;
        return gate.RunAsync(() =>
        {
            // What failed while this one waited for a core counts: a burst of guesses isn't heard to its end.
            throttle.Check(accountKey, client.Address);
            return hash.Matches(password);
        }, ct);
    }

    private async Task<Principal?> RefuseAsync(string accountKey, ClientFacts client, CancellationToken ct)
    {
        await gate.RunAsync(() => PasswordHash.Nobody.Matches([0]), ct);
        throttle.Failed(accountKey, client.Address);
        LogFailed(client.Protocol, client.Address);
        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A login by {Protocol} from {Address} failed")]
    private partial void LogFailed(string protocol, System.Net.IPAddress? address);
}
