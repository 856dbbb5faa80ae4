using Npgsql;
using Webmail.MailCore.Store.Postgres;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Jobs;

/// <summary>Frees what was expunged longer than two weeks ago: until then QRESYNC can tell a client of it, and it could be brought back.</summary>
internal sealed class PurgeExpunged(NpgsqlDataSource dataSource, SearchPages pages) : IJob
{
    private static readonly TimeSpan Keep = TimeSpan.FromDays(14);

    /// <summary>How many rows one transaction removes: the account's lock is held that long.</summary>
    private const int Slice = 1_000;

    private const string OldSql = "select account_id, mailbox_id from mail.expunged where at < now() - $1::interval group by 1, 2 order by 1, 2 limit 1000";

    private const string PurgeSql = "select mail.purge_2($1, $2, now() - $3::interval, $4)";

    private const string ThreadsSql = "select mail.purge_threads_1($1)";

    public async Task RunAsync(CancellationToken ct)
    {
        var touched = new HashSet<long>();
        while (true)
        {
            var page = await dataSource.QueryAsync(OldSql, [Value(Keep)], r => (Account: r.GetInt64(0), Mailbox: r.GetInt32(1)), ct);
            foreach (var (account, mailbox) in page)
            {
                touched.Add(account);
                var n = Slice;
                while (n == Slice)
                    n = (await dataSource.QueryAsync(PurgeSql, [Value(account), Value(mailbox), Value(Keep), Value(Slice)], r => r.GetInt32(0), ct))[0];
            }

            if (page.Count == 0)
                break;
        }

        foreach (var account in touched)
        {
            await dataSource.ExecuteAsync(ThreadsSql, [Value(account)], ct);
            await pages.FreeAsync(new(account), ct);
        }
    }
}
