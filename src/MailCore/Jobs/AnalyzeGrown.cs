using Npgsql;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Jobs;

/// <summary>
/// Counts a table anew when it has become twice as large as its statistics know, long before autovacuum looks: plans are kept (ADR 0011), and those that
/// were made while a table was small read on as if it still were. ANALYZE makes every connection plan again (ADR 0100).
/// </summary>
internal sealed class AnalyzeGrown(NpgsqlDataSource dataSource) : IJob
{
    // Below eight pages nothing is slow whatever the plan.
    private const string GrownSql =
        """
        select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('mail', 'queue', 'directory') and c.relkind = 'r'
          and pg_relation_size(c.oid) >= 2 * greatest(c.relpages, 8) * current_setting('block_size')::bigint
        order by 1
        """;

    public async Task RunAsync(CancellationToken ct)
    {
        foreach (var table in await dataSource.QueryAsync(GrownSql, [], r => r.GetString(0), ct))
            await dataSource.ExecuteAsync("analyze " + table, [], ct);
    }
}
