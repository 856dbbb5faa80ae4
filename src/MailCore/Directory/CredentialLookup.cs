using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Directory;

/// <summary>An account and the app passwords that are good now; an account that isn't there has none.</summary>
internal sealed record AppPasswordsOf(Account? Account, IReadOnlyList<CredentialRow> Credentials);

/// <summary>
/// Finds credentials for login. Each question is one query, for names that exist and names that don't alike: nothing is remembered that would make one
/// answer come sooner than the other. What sessions ask again and again (<see cref="FindGoodAsync"/>) comes from the cache.
/// </summary>
internal sealed class CredentialLookup(DirectoryReader directory, DirectoryCache cache, TimeProvider time)
{
    private const int SaltBytes = 16;

    private static readonly TimeSpan UseIsNoted = TimeSpan.FromMinutes(1);

    private byte[]? _saltSecret;

    public async Task<AppPasswordsOf> AppPasswordsAsync(EmailAddress address, CancellationToken ct)
    {
        var (key, now) = (address.Key, time.GetUtcNow());
        var rows = await directory.ReadAsync(
            db => (from a in db.Set<AddressRow>().AsNoTracking()
                   where a.Key == key
                   from c in db.Set<CredentialRow>().Where(c =>
                       c.AccountId == a.AccountId && c.Kind == CredentialKind.AppPassword && (c.ExpiresAt == null || c.ExpiresAt > now)).DefaultIfEmpty()
                   select new { a.Account, Credential = c }).ToListAsync(ct),
            ct);
        return rows.Count == 0 || rows[0].Account is not { } account
            ? new(null, [])
            : new(Account.From(account), [.. rows.Select(r => r.Credential).OfType<CredentialRow>()]);
    }

    /// <summary>A token or certificate with its account, whether it is good now or not; null: nobody's.</summary>
    public async Task<(Account Account, CredentialRow Credential)?> FindAsync(CredentialKind kind, byte[] digest, CancellationToken ct)
    {
        var row = await directory.ReadAsync(
            db => db.Set<CredentialRow>().AsNoTracking().Include(c => c.Account).FirstOrDefaultAsync(c => c.Digest == digest && c.Kind == kind, ct), ct);
        return row?.Account is { } account ? (Account.From(account), row) : null;
    }

    public bool HasExpired(CredentialRow credential) => credential.ExpiresAt <= time.GetUtcNow();

    /// <summary>The credential as of now, from memory or by a query every five seconds; null: it was removed or has run out.</summary>
    public async ValueTask<CredentialRow?> FindGoodAsync(long credential, CancellationToken ct)
    {
        if (cache.Credentials.Find(credential) is not { } row)
        {
            var generation = cache.Credentials.Generation;
            row = await directory.ReadAsync(db => db.Set<CredentialRow>().AsNoTracking().FirstOrDefaultAsync(c => c.CredentialId == credential, ct), ct);
            if (row is null)
                return null;
            cache.Credentials.Add(credential, row, generation);
        }

        return HasExpired(row) ? null : row;
    }

    /// <summary>Notes the use, at most once a minute; not a change that others must hear of.</summary>
    public async Task UsedAsync(CredentialRow credential)
    {
        var now = time.GetUtcNow();
        if (now - credential.LastUsed < UseIsNoted)
            return;
        await directory.ReadAsync(
            async db =>
            {
                await db.Set<CredentialRow>().Where(c => c.CredentialId == credential.CredentialId).ExecuteUpdateAsync(set => set.SetProperty(c => c.LastUsed, now));
                return await db.Set<AccountRow>().Where(a => a.AccountId == credential.AccountId).ExecuteUpdateAsync(set => set.SetProperty(a => a.LastLogin, now));
            },
            CancellationToken.None);
    }

    /// <summary>
    /// The salt that SCRAM tells for a name, and with which its first app password is made. The same on every node and for ever, whether the name exists
    /// or not (RFC 5802 section 9 asks for that).
    /// </summary>
    public async ValueTask<byte[]> SaltOfAsync(EmailAddress? address, CancellationToken ct)
    {
        _saltSecret ??= await directory.ReadAsync(db => db.Set<SecretRow>().AsNoTracking().Where(s => s.Name == SecretRow.ScramSalt).Select(s => s.Value).FirstAsync(ct), ct);
        return HMACSHA256.HashData(_saltSecret, Encoding.UTF8.GetBytes(address?.Key ?? "@"))[..SaltBytes];
    }

    public Task<bool> HasAppPasswordsAsync(CancellationToken ct) =>
        directory.ReadAsync(db => db.Set<CredentialRow>().AnyAsync(c => c.Kind == CredentialKind.AppPassword, ct), ct);
}
