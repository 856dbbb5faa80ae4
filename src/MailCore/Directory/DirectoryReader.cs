using Microsoft.EntityFrameworkCore;
using Npgsql;
using Webmail.MailCore.Data;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Directory;

/// <summary>Reads the directory: a context a question, and an outage in MailCore's words.</summary>
internal sealed class DirectoryReader(IDbContextFactory<MailDbContext> contexts, NpgsqlDataSource dataSource)
{
    private const string IsEmptySql = "select not exists (select from directory.domain)";

    /// <summary>There is no domain yet. Asked at every start, without waiting for EF Core to build its model.</summary>
    /// <exception cref="MailException"><see cref="MailError.Unavailable"/></exception>
    public async Task<bool> IsEmptyAsync(CancellationToken ct) => (await dataSource.QueryAsync(IsEmptySql, [], r => r.GetBoolean(0), ct))[0];

    /// <exception cref="MailException"><see cref="MailError.Unavailable"/></exception>
    public async Task<T> ReadAsync<T>(Func<MailDbContext, Task<T>> read, CancellationToken ct)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(ct);
            return await read(db);
        }
        catch (Exception e) when (Cause(e) is { } cause)
        {
            throw StoreErrors.Translate(cause);
        }
    }

    /// <summary>EF wraps what may pass by itself.</summary>
    internal static NpgsqlException? Cause(Exception e) => e as NpgsqlException ?? (e is InvalidOperationException or DbUpdateException ? e.InnerException as NpgsqlException : null);
}
