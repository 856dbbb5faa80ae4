using Npgsql;
using Webmail.MailCore.Store.Postgres;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Jobs;

/// <summary>Writes the log of flag changes into the entries' rows, so that opening a mailbox cold has little to apply. The log itself stays for QRESYNC.</summary>
internal sealed class FoldChanges(NpgsqlDataSource dataSource) : IJob
{
    /// <summary>How many UIDs one transaction covers: the account's lock is held that long.</summary>
    private const int Slice = 5_000;

    private const string UnfoldedSql =
        """
        select account_id, mailbox_id, modseq, lower(uids) from mail.change where not folded order by account_id, mailbox_id, modseq limit 1000
        """;

    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            var page = await dataSource.QueryAsync(
                UnfoldedSql, [], r => (Account: r.GetInt64(0), Mailbox: r.GetInt32(1), ModSeq: r.GetInt64(2), First: r.GetInt64(3)), ct);
            foreach (var change in page)
                await FoldAsync(change.Account, change.Mailbox, change.ModSeq, change.First - 1, ct);
            if (page.Count < 1000)
                return;
        }
    }

    private const string FoldSql = "select mail.fold_1($1, $2, $3, $4, $5)";

    private async Task FoldAsync(long account, int mailbox, long modSeq, long after, CancellationToken ct)
    {
        for (long? from = after; from is not null;)
        {
            var next = await dataSource.QueryAsync(
                FoldSql,
                [Value(account), Value(mailbox), Value(modSeq), Value(from.Value), Value(Slice)],
                r => r.IsDBNull(0) ? (long?)null : r.GetInt64(0),
                ct);
            from = next[0];
        }
    }
}
