using Microsoft.EntityFrameworkCore;
using Webmail.MailCore.Data;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Directory;

/// <summary>
/// The only way to change the directory: one change at a time in the whole installation (an advisory lock until the commit), so that "the last
/// administrator" and "this alias leads back to itself" can be decided by looking. Changes are rare; hash passwords and make keys before.
/// </summary>
internal sealed class DirectoryWriter(IDbContextFactory<MailDbContext> contexts, DirectoryChanges changes)
{
    // Migrator.LockSpace: 0 is the schema, 1 and up are jobs.
    private const int LockKey = -1;

    /// <exception cref="MailException"><see cref="MailError.Unavailable"/>, and what the change itself refuses</exception>
    public async Task<T> WriteAsync<T>(Func<MailDbContext, Task<T>> change, CancellationToken ct)
    {
        var touched = new HashSet<AccountId>();
        T result;
        try
        {
            result = await CommitAsync(change, touched, ct);
        }
        catch (Exception e) when (DirectoryReader.Cause(e) is { } cause)
        {
            throw StoreErrors.Translate(cause);
        }

        await changes.PublishAsync(touched);
        return result;
    }

    private async Task<T> CommitAsync<T>(Func<MailDbContext, Task<T>> change, HashSet<AccountId> touched, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        db.SavingChanges += (_, _) => touched.UnionWith(Touched(db));
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({Migrator.LockSpace}, {LockKey})", ct);
        var result = await change(db);
        await db.SaveAsync(ct);

        // From here on the change may be on disk: others hear of it even if the client has gone.
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    private static IEnumerable<AccountId> Touched(MailDbContext db) => db.ChangeTracker.Entries<AccountRow>()
        .Where(e => e.State is EntityState.Modified or EntityState.Deleted)
        .Select(e => new AccountId(e.Entity.AccountId))
        .Concat(db.ChangeTracker.Entries<CredentialRow>().Where(e => e.State == EntityState.Deleted).Select(e => new AccountId(e.Entity.AccountId)));
}
