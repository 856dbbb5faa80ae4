using System.Collections.Concurrent;
using Npgsql;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// Accounts' keywords. They are only ever added, so a table with as many names as the account is known to have is the newest: whoever read a mailbox read
/// that number with it, and no hint is needed. Bounded; no locks.
/// </summary>
internal sealed class KeywordCache(NpgsqlDataSource dataSource)
{
    private const int MaxAccounts = 20_000;

    private readonly ConcurrentDictionary<long, KeywordTable> _tables = new();

    private const string KeywordsSql = "select bit, name from mail.keyword where account_id = $1";

    public ValueTask<KeywordTable> ReadAsync(AccountId account, int atLeast, CancellationToken ct) =>
        _tables.TryGetValue(account.Value, out var known) && known.Count >= atLeast ? new(known) : RefreshAsync(account, ct);

    /// <summary>For who added one: from then on this node has no flag that the cache doesn't name.</summary>
    public async ValueTask<KeywordTable> RefreshAsync(AccountId account, CancellationToken ct)
    {
        var table = new KeywordTable(await dataSource.QueryAsync(KeywordsSql, [Value(account.Value)], r => ((int)r.GetInt16(0), r.GetString(1)), ct));
        if (_tables.Count >= MaxAccounts)
            _tables.Clear();
        return _tables.AddOrUpdate(account.Value, table, (_, other) => other.Count > table.Count ? other : table);
    }
}
