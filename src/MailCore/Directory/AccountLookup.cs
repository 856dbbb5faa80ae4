using Microsoft.EntityFrameworkCore;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Directory;

/// <summary>Finds accounts for login, by the account's own address only (an alias is no login name), and for the check that a session still may go on.</summary>
internal sealed class AccountLookup(DirectoryReader directory, DirectoryCache cache, TimeProvider time) : IDisposable
{
    // Sessions that idle ask in crowds, often many for one account: two at a time is quick enough, and leaves the connections to those who work.
    private readonly SemaphoreSlim _reads = new(2);

    public async ValueTask<Account?> FindAsync(EmailAddress address, CancellationToken ct)
    {
        var key = address.Key;
        if (cache.AccountsByKey.Find(key) is { } known)
            return known;
        var generation = cache.AccountsByKey.Generation;
        var row = await directory.ReadAsync(db => db.Set<AddressRow>().AsNoTracking().Where(a => a.Key == key).Select(a => a.Account).FirstOrDefaultAsync(ct), ct);
        if (row is null)
            return null;
        var account = Account.From(row);
        cache.AccountsByKey.Add(key, account, generation);
        return account;
    }

    public async ValueTask<Account?> FindAsync(AccountId id, CancellationToken ct)
    {
        if (cache.AccountsById.Find(id) is { } known)
            return known;
        await _reads.WaitAsync(ct);
        try
        {
            return cache.AccountsById.Find(id) ?? await ReadAsync(id, ct);
        }
        finally
        {
            _reads.Release();
        }
    }

    private async ValueTask<Account?> ReadAsync(AccountId id, CancellationToken ct)
    {
        var generation = cache.AccountsById.Generation;
        var row = await directory.ReadAsync(db => db.Set<AccountRow>().AsNoTracking().FirstOrDefaultAsync(a => a.AccountId == id.Value, ct), ct);
        if (row is null)
            return null;
        var account = Account.From(row);
        cache.AccountsById.Add(id, account, generation);
        return account;
    }

    public void Dispose() => _reads.Dispose();

    /// <summary>Notes the time, and a verifier made anew with today's costs where one is given; neither is a change that others must hear of.</summary>
    public async Task LoggedInAsync(Account account, PasswordHash? renewed)
    {
        var now = time.GetUtcNow();
        var hash = renewed?.ToString() ?? account.PasswordHash;
        await directory.ReadAsync(
            db => db.Set<AccountRow>()
                .Where(a => a.AccountId == account.Id.Value && a.CredentialVersion == account.CredentialVersion)
                .ExecuteUpdateAsync(set => set.SetProperty(a => a.LastLogin, now).SetProperty(a => a.PasswordHash, hash)),
            CancellationToken.None);
    }
}
