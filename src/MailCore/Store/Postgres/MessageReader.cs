using System.Globalization;
using Npgsql;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>Rows and octets of messages, a page at a time. What was read lately comes from memory, without a question to the database.</summary>
internal sealed class MessageReader(NpgsqlDataSource dataSource, BlobStore blobs, MailboxIndex index, RecentMessages recent)
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
        var found = await FindAsync(mailbox, uids, MessagePart.Row, RowsSql, r => Row(mailbox.Account, r), ct);
        var rows = new MessageRow[found.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            // A copy has the same row under another UID.
            var (uid, row) = found[i];
            rows[i] = row.Uid == uid ? row : row with { Uid = uid };
        }

        return rows;
    }

    private MessageRow Row(AccountId account, NpgsqlDataReader r)
    {
        var row = new MessageRow(
            new((uint)r.GetInt64(0)), new(account, r.GetInt64(1)), ThreadOf(account, r.GetInt64(2)), r.GetInt32(3),
            r.IsDBNull(4) ? null : r.GetFieldValue<DateTimeOffset>(4), r.GetFieldValue<byte[]>(5), r.GetFieldValue<byte[]>(6), r.GetFieldValue<byte[]>(7),
            r.GetString(8), r.GetBoolean(9), r.IsDBNull(10) ? null : r.GetString(10));
        var octets = row.Envelope.Length + row.Body.Length + row.Structure.Length + (2 * (row.Preview.Length + row.Thread.Length + (row.Verdicts?.Length ?? 0)));
        recent.Add(account, r.GetInt64(1), MessagePart.Row, row, octets);
        return row;
    }

    private const string BodiesSql =
        """
        select e.uid, e.message_id, g.size, g.object_id, b.data
        from unnest($3::bigint[]) u(uid)
        cross join lateral (select * from mail.entry e where e.account_id = $1 and e.mailbox_id = $2 and e.uid = u.uid offset 0) e
        cross join lateral (select * from mail.message g where g.account_id = $1 and g.message_id = e.message_id offset 0) g
        left join lateral (select * from mail.body b where b.account_id = $1 and b.message_id = e.message_id offset 0) b on true
        order by e.uid
        """;

    public ValueTask<IReadOnlyList<(Uid Uid, MessageBody Body)>> BodiesAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct) =>
        FindAsync(mailbox, uids, MessagePart.Body, BodiesSql, r => Kept(mailbox.Account, r, MessagePart.Body, Body(r, 2)), ct);

    private MessageBody Body(NpgsqlDataReader r, int size) => blobs.Open(
        r.IsDBNull(size + 1) ? null : r.GetFieldValue<byte[]>(size + 1), r.IsDBNull(size + 2) ? null : r.GetFieldValue<byte[]>(size + 2), r.GetInt32(size));

    // Only where the row has no header does the body come along.
    private const string HeadersSql =
        """
        select e.uid, e.message_id, g.header_size, g.header, g.size, g.object_id,
          case when g.header is null then (select b.data from mail.body b where b.account_id = g.account_id and b.message_id = g.message_id) end
        from unnest($3::bigint[]) u(uid)
        cross join lateral (select x.uid, x.message_id from mail.entry x where x.account_id = $1 and x.mailbox_id = $2 and x.uid = u.uid offset 0) e
        cross join lateral (
          select m.account_id, m.message_id, m.header_size, m.header, m.size, m.object_id from mail.message m
          where m.account_id = $1 and m.message_id = e.message_id offset 0) g
        order by e.uid
        """;

    /// <summary>The messages' headers, each with its empty line.</summary>
    public ValueTask<IReadOnlyList<(Uid Uid, MessageBody Header)>> HeadersAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct) =>
        FindAsync(mailbox, uids, MessagePart.Header, HeadersSql, r => Kept(mailbox.Account, r, MessagePart.Header, Header(r)), ct);

    private MessageBody Header(NpgsqlDataReader r)
    {
        var size = r.GetInt32(2);
        return r.IsDBNull(3) ? new BodySlice(Body(r, 4), 0, size) : new MemoryBody(BodyCodec.Unpack(r.GetFieldValue<byte[]>(3), size));
    }

    // A large message's object isn't kept, and neither is a slice, which would keep the whole of it.
    private MessageBody Kept(AccountId account, NpgsqlDataReader r, MessagePart part, MessageBody octets)
    {
        if (octets is MemoryBody)
            recent.Add(account, r.GetInt64(1), part, octets, (int)octets.Length);
        return octets;
    }

    /// <summary>In ascending order. The index says which message a UID is; only what isn't in memory is read.</summary>
    private ValueTask<IReadOnlyList<(Uid Uid, T Part)>> FindAsync<T>(
        MailboxId mailbox, IReadOnlyList<Uid> uids, MessagePart part, string sql, Func<NpgsqlDataReader, T> read, CancellationToken ct)
        where T : class
    {
        var found = new List<(Uid Uid, T Part)>(uids.Count);
        List<long>? missing = null;
        var snapshot = index.Current(mailbox);
        var isSorted = true;
        for (var i = 0; i < uids.Count; i++)
        {
            var uid = uids[i];
            isSorted &= i == 0 || uids[i - 1] <= uid;
            var at = snapshot?.Find(uid) ?? -1;
            if (at >= 0 && recent.Find<T>(mailbox.Account, snapshot![at].Message, part) is { } kept)
                found.Add((uid, kept));
            else
                (missing ??= new(uids.Count - found.Count)).Add(uid.Value);
        }

        if (missing is not null)
            return ReadAsync(mailbox, missing, sql, read, found, ct);
        if (!isSorted)
            Sort(found);
        return new(found);
    }

    private async ValueTask<IReadOnlyList<(Uid Uid, T Part)>> ReadAsync<T>(
        MailboxId mailbox, List<long> missing, string sql, Func<NpgsqlDataReader, T> read, List<(Uid Uid, T Part)> found, CancellationToken ct)
    {
        var rows = await dataSource.QueryAsync(
            sql,
            [Value(mailbox.Account.Value), Value(mailbox.Number), Value(missing.ToArray())],
            r => (new Uid((uint)r.GetInt64(0)), read(r)),
            ct);
        if (found.Count == 0)
            return rows;
        found.AddRange(rows);
        Sort(found);
        return found;
    }

    private static void Sort<T>(List<(Uid Uid, T Part)> found) => found.Sort(static (a, b) => a.Uid.Value.CompareTo(b.Uid.Value));

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
}
