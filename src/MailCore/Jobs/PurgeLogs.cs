using Npgsql;
using Webmail.MailCore.Store.Postgres;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Jobs;

/// <summary>Forgets flag changes of more than two weeks ago (a client that was away longer compares for itself), deliveries that no worker can repeat any more, and annotations of what is gone.</summary>
internal sealed class PurgeLogs(NpgsqlDataSource dataSource) : IJob
{
    private static readonly TimeSpan Keep = TimeSpan.FromDays(14);
    private static readonly TimeSpan KeepDeliveries = TimeSpan.FromDays(60);

    private const string OldSql = "select account_id, mailbox_id from mail.change where at < now() - $1::interval and folded group by 1, 2 order by 1, 2 limit 1000";

    private const string PurgeSql = "select mail.purge_changes_1($1, $2, now() - $3::interval)";

    private const string DeliveriesSql = "delete from mail.delivered where at < now() - $1::interval";

    private const string AnnotationsSql =
        """
        delete from mail.annotation x where (x.value is null and x.at < now() - $1::interval)
          or (select a.account_id from mail.account_state a where a.account_id = x.account_id) is null
          or (x.mailbox_id <> 0 and (select m.mailbox_id from mail.mailbox m where m.account_id = x.account_id and m.mailbox_id = x.mailbox_id) is null)
        """;

    public async Task RunAsync(CancellationToken ct)
    {
        await dataSource.ExecuteAsync(AnnotationsSql, [Value(Keep)], ct);
        await dataSource.ExecuteAsync(DeliveriesSql, [Value(KeepDeliveries)], ct);
        while (true)
        {
            var page = await dataSource.QueryAsync(OldSql, [Value(Keep)], r => (Account: r.GetInt64(0), Mailbox: r.GetInt32(1)), ct);
            foreach (var (account, mailbox) in page)
                await dataSource.ExecuteAsync(PurgeSql, [Value(account), Value(mailbox), Value(Keep)], ct);
            if (page.Count == 0)
                return;
        }
    }
}
