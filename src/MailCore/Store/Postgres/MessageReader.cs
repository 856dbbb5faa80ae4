using System.Globalization;
using Npgsql;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>Rows and octets of messages, a page at a time.</summary>
internal sealed class MessageReader(NpgsqlDataSource dataSource, BlobStore blobs)
{
    private const string RowsSql =
        """
        select e.uid, e.message_id, g.thread_id, g.header_size, g.sent_at, g.envelope, g.structure_short, g.structure, g.preview, g.has_attachments, g.verdicts::text
        from unnest($3::bigint[]) u(uid)
        cross join lateral (select * from mail.entry e where e.account_id = $1 and e.mailbox_id = $2 and e.uid = u.uid offset 0) e
        cross join lateral (select * from mail.message g where g.account_id = $1 and g.message_id = e.message_id offset 0) g
        order by e.uid
        """;

    public async ValueTask<IReadOnlyList<MessageRow>> RowsAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct)
    {
        if (uids.Count == 0)
            return [];
        return await dataSource.QueryAsync(
            RowsSql,
            Keys(mailbox, uids),
            r => new MessageRow(
                new((uint)r.GetInt64(0)), new(mailbox.Account, r.GetInt64(1)), ThreadOf(mailbox.Account, r.GetInt64(2)), r.GetInt32(3),
                r.IsDBNull(4) ? null : r.GetFieldValue<DateTimeOffset>(4), r.GetFieldValue<byte[]>(5), r.GetFieldValue<byte[]>(6), r.GetFieldValue<byte[]>(7),
                r.GetString(8), r.GetBoolean(9), r.IsDBNull(10) ? null : r.GetString(10)),
            ct);
    }

    private const string BodiesSql =
        """
        select e.uid, g.size, g.object_id, b.data
        from unnest($3::bigint[]) u(uid)
        cross join lateral (select * from mail.entry e where e.account_id = $1 and e.mailbox_id = $2 and e.uid = u.uid offset 0) e
        cross join lateral (select * from mail.message g where g.account_id = $1 and g.message_id = e.message_id offset 0) g
        left join lateral (select * from mail.body b where b.account_id = $1 and b.message_id = e.message_id offset 0) b on true
        order by e.uid
        """;

    public async ValueTask<IReadOnlyList<(Uid Uid, MessageBody Body)>> BodiesAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct)
    {
        if (uids.Count == 0)
            return [];
        return await dataSource.QueryAsync(
            BodiesSql,
            Keys(mailbox, uids),
            r => (new Uid((uint)r.GetInt64(0)),
                blobs.Open(r.IsDBNull(2) ? null : r.GetFieldValue<byte[]>(2), r.IsDBNull(3) ? null : r.GetFieldValue<byte[]>(3), r.GetInt32(1))),
            ct);
    }

    // Only where the row has no header does the body come along.
    private const string HeadersSql =
        """
        select e.uid, g.header_size, g.header, g.size, g.object_id,
          case when g.header is null then (select b.data from mail.body b where b.account_id = g.account_id and b.message_id = g.message_id) end
        from unnest($3::bigint[]) u(uid)
        cross join lateral (select x.uid, x.message_id from mail.entry x where x.account_id = $1 and x.mailbox_id = $2 and x.uid = u.uid offset 0) e
        cross join lateral (
          select m.account_id, m.message_id, m.header_size, m.header, m.size, m.object_id from mail.message m
          where m.account_id = $1 and m.message_id = e.message_id offset 0) g
        order by e.uid
        """;

    /// <summary>The messages' headers, each with its empty line.</summary>
    public async ValueTask<IReadOnlyList<(Uid Uid, MessageBody Header)>> HeadersAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct)
    {
        if (uids.Count == 0)
            return [];
        return await dataSource.QueryAsync(HeadersSql, Keys(mailbox, uids), r => (new Uid((uint)r.GetInt64(0)), Header(r)), ct);
    }

    private MessageBody Header(NpgsqlDataReader r)
    {
        var size = r.GetInt32(1);
        return r.IsDBNull(2)
            ? new BodySlice(blobs.Open(r.IsDBNull(4) ? null : r.GetFieldValue<byte[]>(4), r.IsDBNull(5) ? null : r.GetFieldValue<byte[]>(5), r.GetInt32(3)), 0, size)
            : new MemoryBody(BodyCodec.Unpack(r.GetFieldValue<byte[]>(2), size));
    }

    private const string VanishedSql =
        """
        select m.log_floor, (select range_agg(int8range(x.uid, x.uid, '[]')) from mail.expunged x
          where x.account_id = $1 and x.mailbox_id = $2 and x.modseq > $3 and x.modseq <= $4)
        from mail.mailbox m where m.account_id = $1 and m.mailbox_id = $2
        """;

    /// <summary>What was expunged after one modseq and up to another; null: the log doesn't reach back that far.</summary>
    public async ValueTask<UidSet?> VanishedAsync(MailboxId mailbox, ModSeq since, ModSeq upTo, CancellationToken ct)
    {
        var rows = await dataSource.QueryAsync(
            VanishedSql,
            [Value(mailbox.Account.Value), Value(mailbox.Number), Value(since.Value), Value(upTo.Value)],
            r => (Floor: r.GetInt64(0), Uids: r.IsDBNull(1) ? UidSet.Empty : Ranges.ToSet(r.GetFieldValue<NpgsqlTypes.NpgsqlRange<long>[]>(1))),
            ct);
        if (rows.Count == 0)
            throw new MailException(MailError.NotFound, "The mailbox was deleted");
        return since.Value < rows[0].Floor ? null : rows[0].Uids;
    }

    private const string ClaimSql = "select mail.claim_recent_1($1, $2)";

    public async ValueTask<long> ClaimRecentAsync(MailboxId mailbox, CancellationToken ct)
    {
        var rows = await dataSource.QueryAsync(
            ClaimSql, [Value(mailbox.Account.Value), Value(mailbox.Number)], r => r.IsDBNull(0) ? (long?)null : r.GetInt64(0), ct);
        return rows[0] ?? throw new MailException(MailError.NotFound, "The mailbox was deleted");
    }

    /// <summary>THREADID: opaque, the same for all messages of a thread.</summary>
    public static string ThreadOf(AccountId account, long thread) => string.Create(CultureInfo.InvariantCulture, $"T{account.Value:x}-{thread:x}");

    private static NpgsqlParameter[] Keys(MailboxId mailbox, IReadOnlyList<Uid> uids) =>
        [Value(mailbox.Account.Value), Value(mailbox.Number), Value(uids.Select(u => (long)u.Value).ToArray())];
}
