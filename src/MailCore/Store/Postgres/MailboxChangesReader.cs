using Npgsql;
using NpgsqlTypes;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// "What changed after N?": one statement, hence one view of the database. Each row begins with its kind: 0 the mailbox, 1 an entry, 2 a change of
/// flags, 3 what was expunged.
/// </summary>
internal sealed class MailboxChangesReader(NpgsqlDataSource dataSource)
{
    // The rows hold every change up to "folded"; newer ones are applied on top. Applying a change twice changes nothing.
    private const string ColdSql =
        """
        with m as materialized (select * from mail.mailbox where account_id = $1 and mailbox_id = $2)
        select 0, m.uidvalidity, m.uidnext, m.modseq, m.flags_modseq, m.log_floor, (select count(*) << 32 | m.messages from mail.keyword k where k.account_id = $1),
          null::int8multirange, null::timestamptz, null::timestamptz, null::timestamptz from m
        union all
        (select 1, e.uid, e.message_id, e.flags, e.modseq, g.size, (g.received_zone::bigint << 32) | coalesce(g.sent_day - date '0001-01-01', 2147483647),
            null, g.received_at, e.saved_at, g.sent_at
          from mail.entry e
          cross join lateral (select * from mail.message g where g.account_id = e.account_id and g.message_id = e.message_id offset 0) g
          where e.account_id = $1 and e.mailbox_id = $2 order by e.uid)
        union all
        (select 2, c.modseq, c.set_mask, c.clear_mask, 0, 0, 0, c.uids, null, null, null
          from mail.change c where c.account_id = $1 and c.mailbox_id = $2 and c.modseq > (select m.folded from m) order by c.modseq)
        """;

    private const string WarmSql =
        """
        with m as materialized (select * from mail.mailbox where account_id = $1 and mailbox_id = $2)
        select 0, m.uidvalidity, m.uidnext, m.modseq, m.flags_modseq, m.log_floor, (select count(*) << 32 | m.messages from mail.keyword k where k.account_id = $1),
          null::int8multirange, null::timestamptz, null::timestamptz, null::timestamptz from m
        union all
        (select 1, e.uid, e.message_id, e.flags, e.modseq, g.size, (g.received_zone::bigint << 32) | coalesce(g.sent_day - date '0001-01-01', 2147483647),
            null, g.received_at, e.saved_at, g.sent_at
          from mail.entry e
          cross join lateral (select * from mail.message g where g.account_id = e.account_id and g.message_id = e.message_id offset 0) g
          where e.account_id = $1 and e.mailbox_id = $2 and e.uid >= $4 and exists (select from m where m.modseq > $3) order by e.uid)
        union all
        (select 2, c.modseq, c.set_mask, c.clear_mask, 0, 0, 0, c.uids, null, null, null
          from mail.change c where c.account_id = $1 and c.mailbox_id = $2 and c.modseq > $3 and exists (select from m where m.flags_modseq > $3)
          order by c.modseq)
        union all
        (select 3, 0, 0, 0, 0, 0, 0, range_agg(int8range(x.uid, x.uid, '[]')), null, null, null
          from mail.expunged x where x.account_id = $1 and x.mailbox_id = $2 and x.modseq > $3 and exists (select from m where m.flags_modseq > $3))
        """;

    /// <summary>The mailbox as of now, from a snapshot where there is one. Null: the mailbox is gone.</summary>
    public async ValueTask<Snapshot?> ReadAsync(MailboxId id, Snapshot? known, CancellationToken ct)
    {
        var empty = new Snapshot(id, default, []);
        if (known is null)
            return (await RunAsync(id, null, ct)) is { Changes: var all } ? SnapshotEdit.Apply(empty, all) : null;
        // This node's own commits are in what is known already: most often there is nothing more, and the row alone says so.
        if (await ModSeqAsync(id, ct) is not { } modSeq)
            return null;
        if (modSeq == known.State.ModSeq)
            return known;
        if (await RunAsync(id, known, ct) is not { } read)
            return null;
        // The log was purged above what we know: start afresh.
        return read.LogFloor > known.State.ModSeq ? await ReadAsync(id, null, ct) : SnapshotEdit.Apply(known, read.Changes);
    }

    private const string ModSeqSql = "select modseq from mail.mailbox where account_id = $1 and mailbox_id = $2";

    private async ValueTask<long?> ModSeqAsync(MailboxId id, CancellationToken ct)
    {
        var rows = await dataSource.QueryAsync(ModSeqSql, [Statement.Value(id.Account.Value), Statement.Value(id.Number)], r => r.GetInt64(0), ct);
        return rows.Count == 0 ? null : rows[0];
    }

    private async ValueTask<(MailboxChanges Changes, long LogFloor)?> RunAsync(MailboxId id, Snapshot? known, CancellationToken ct)
    {
        try
        {
            await using var lease = await HotConnections.OpenAsync(dataSource, ct);
            await using var command = new NpgsqlCommand(known is null ? ColdSql : WarmSql, lease.Connection);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id.Account.Value });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = id.Number });
            if (known is not null)
            {
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = known.State.ModSeq });
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = known.State.UidNext });
            }

            await using var reader = await command.ExecuteReaderAsync(ct);
            return await ReadAsync(reader, known is null, ct);
        }
        catch (NpgsqlException e)
        {
            throw StoreErrors.Translate(e);
        }
    }

    private static async ValueTask<(MailboxChanges Changes, long LogFloor)?> ReadAsync(NpgsqlDataReader reader, bool isCold, CancellationToken ct)
    {
        MailboxState? state = null;
        long floor = 0;
        var arrived = new List<IndexEntry>();
        var flags = new List<FlagLogEntry>();
        var vanished = UidSet.Empty;
        while (await reader.ReadAsync(ct))
        {
            switch (reader.GetInt32(0))
            {
                case 0:
                    state = new((uint)reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), (int)(reader.GetInt64(6) >> 32));
                    if (isCold)
                        arrived.EnsureCapacity((int)reader.GetInt64(6));
                    floor = reader.GetInt64(5);
                    break;
                case 1:
                    arrived.Add(Entry(reader));
                    break;
                case 2:
                    flags.Add(new(reader.GetInt64(1), Ranges.ToSet(reader.GetFieldValue<NpgsqlRange<long>[]>(7)), reader.GetInt64(2), reader.GetInt64(3)));
                    break;
                default:
                    vanished = await reader.IsDBNullAsync(7, ct) ? UidSet.Empty : Ranges.ToSet(reader.GetFieldValue<NpgsqlRange<long>[]>(7));
                    break;
            }
        }

        return state is { } row ? (new MailboxChanges(row, arrived, flags, vanished), floor) : null;
    }

    private static IndexEntry Entry(NpgsqlDataReader reader)
    {
        var zoneAndDay = reader.GetInt64(6);
        var day = (int)zoneAndDay;
        return new(
            new((uint)reader.GetInt64(1)), new(reader.GetInt64(3)), new(reader.GetInt64(4)), reader.GetInt64(2), (uint)reader.GetInt64(5),
            Seconds(reader, 8), (short)(zoneAndDay >> 32), day == int.MaxValue ? -1 : day, Seconds(reader, 9),
            reader.IsDBNull(10) ? IndexEntry.NoDate : Seconds(reader, 10));
    }

    private static long Seconds(NpgsqlDataReader reader, int column) => new DateTimeOffset(reader.GetFieldValue<DateTime>(column)).ToUnixTimeSeconds();
}

/// <summary>UID sets as PostgreSQL keeps them: int8multirange.</summary>
internal static class Ranges
{
    public static NpgsqlRange<long>[] Of(UidSet uids)
    {
        var ranges = new NpgsqlRange<long>[uids.Ranges.Length];
        for (var i = 0; i < ranges.Length; i++)
            ranges[i] = new(uids.Ranges[i].First, true, uids.Ranges[i].Last, true);
        return ranges;
    }

    // PostgreSQL gives back [first, last + 1).
    public static UidSet ToSet(NpgsqlRange<long>[] ranges) =>
        UidSet.FromRanges(ranges.Select(r => new UidRange((uint)r.LowerBound, (uint)(r.UpperBoundIsInclusive ? r.UpperBound : r.UpperBound - 1))));

    public static NpgsqlParameter<NpgsqlRange<long>[]> Parameter(UidSet uids) =>
        new() { TypedValue = Of(uids), NpgsqlDbType = NpgsqlDbType.BigIntMultirange };
}
