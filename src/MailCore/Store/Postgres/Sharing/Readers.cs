using System.Collections.Concurrent;
using Npgsql;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres.Sharing;

/// <summary>What is known of one reader of a mailbox, as of one moment.</summary>
/// <param name="AsOf">The mailbox's modseq at that moment: with the shared snapshot of this modseq it is the reader's whole view.</param>
internal sealed record ReaderState(MailboxRights Rights, ReaderSeen Seen, long AsOf);

/// <summary>
/// Mailboxes as readers who aren't their owners see them. A look is one statement: rights, mailbox's modseq, and what the reader saw since the last look; the
/// index gives the rest, from memory where it stands at that modseq. Invariants as the index has them: a view never goes back, and a commit of this node is in it before
/// its method returns. Bounded; no lock is held over an await.
/// </summary>
internal sealed class Readers(NpgsqlDataSource dataSource, MailboxIndex index)
{
    private const int MaxReaders = 20_000;

    /// <summary>How often the mailbox may change between two looks that must fit.</summary>
    private const int MaxTries = 50;

    private readonly ConcurrentDictionary<(MailboxId, AccountId), Slot> _slots = new();

    private const string LookSql =
        """
        select mail.rights_1($1, $2, $3), m.modseq, s.modseq, s.seen, s.unseen
        from (select (select m.modseq from mail.mailbox m where m.account_id = $1 and m.mailbox_id = $2) as modseq) m
        left join lateral (select * from mail.seen s where s.account_id = $1 and s.mailbox_id = $2 and s.reader = $3 and s.modseq > $4 offset 0) s on true
        order by s.modseq
        """;

    /// <summary>The reader's rights and \Seen as of now.</summary>
    public async ValueTask<ReaderState> LookAsync(MailboxId mailbox, AccountId reader, CancellationToken ct)
    {
        var slot = SlotOf(mailbox, reader);
        var known = slot.State;
        var rows = await dataSource.QueryAsync(
            LookSql,
            [Value(mailbox.Account.Value), Value(mailbox.Number), Value(reader.Value), Value(known?.Seen.ModSeq ?? 0)],
            r => (
                Rights: (MailboxRights)r.GetInt32(0), AsOf: r.IsDBNull(1) ? -1 : r.GetInt64(1), ModSeq: r.IsDBNull(2) ? 0 : r.GetInt64(2),
                Seen: Uids(r, 3), Unseen: Uids(r, 4)),
            ct);
        if (rows[0].AsOf < 0)
            return new(MailboxRights.None, ReaderSeen.Nothing, 0);
        var seen = known?.Seen ?? ReaderSeen.Nothing;
        foreach (var row in rows)
        {
            if (row.ModSeq > 0)
                seen = seen.With(row.ModSeq, row.Seen, row.Unseen);
        }

        var state = new ReaderState(rows[0].Rights, seen, rows[0].AsOf);
        slot.Keep(state);
        return state;
    }

    /// <summary>After a commit of the reader's: it is in its view when the verb returns. What is on disk is not refused because this look failed; the next one makes up for it.</summary>
    public async ValueTask CatchUpAsync(MailboxId mailbox, AccountId reader)
    {
        try
        {
            await LookAsync(mailbox, reader, CancellationToken.None);
        }
        catch (MailException)
        {
            // An outage: whatever is asked next meets it too.
        }
    }

    /// <summary>The reader's view of now.</summary>
    /// <exception cref="MailException">NoPermission; NotFound: it is gone, or who asks must not learn of it</exception>
    public async ValueTask<(MailboxRights Rights, ReaderSnapshot View)> OpenAsync(MailboxId mailbox, AccountId reader, MailboxRights needs, CancellationToken ct)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var state = await LookAsync(mailbox, reader, ct);
            Refusals.Demand(state.Rights, needs);
            var shared = index.Current(mailbox);
            if (shared?.State.ModSeq != state.AsOf)
                shared = await index.OpenAsync(mailbox, ct);
            if (shared.State.ModSeq == state.AsOf)
                return (state.Rights, SlotOf(mailbox, reader).Compose(shared, state.Seen));
        }

        throw new MailException(MailError.Conflict, "The mailbox is changing too fast; try again");
    }

    /// <summary>The newest view that this node can tell without asking; null: none.</summary>
    public ReaderSnapshot? Current(MailboxId mailbox, AccountId reader)
    {
        if (!_slots.TryGetValue((mailbox, reader), out var slot))
            return null;
        return slot.State is { } state && index.Current(mailbox) is { } shared && shared.State.ModSeq == state.AsOf ? slot.Compose(shared, state.Seen) : slot.Last;
    }

    /// <summary>This node changed the reader's \Seen, or flags that all share, from a view to a later one.</summary>
    /// <param name="asOf">The mailbox's modseq afterwards.</param>
    public void Committed(MailboxId mailbox, AccountId reader, ReaderSnapshot before, long modSeq, long asOf, UidSet seen, UidSet unseen)
    {
        var slot = SlotOf(mailbox, reader);
        if (slot.State is not { } state || state.Seen.ModSeq != before.Seen.ModSeq)
            return;
        slot.Keep(state with { AsOf = asOf, Seen = seen.IsEmpty && unseen.IsEmpty ? state.Seen : state.Seen.With(modSeq, seen, unseen) });
    }

    private Slot SlotOf(MailboxId mailbox, AccountId reader)
    {
        if (_slots.Count >= MaxReaders)
            _slots.Clear();
        return _slots.GetOrAdd((mailbox, reader), static _ => new Slot());
    }

    private static UidSet Uids(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? UidSet.Empty : Ranges.ToSet(reader.GetFieldValue<NpgsqlTypes.NpgsqlRange<long>[]>(column));

    private sealed class Slot
    {
        private readonly Lock _gate = new();

        public ReaderState? State { get; private set; }

        /// <summary>The newest view that was composed.</summary>
        public ReaderSnapshot? Last { get; private set; }

        /// <summary>Keeps what is newer; rights are of the last look.</summary>
        public void Keep(ReaderState state)
        {
            lock (_gate)
            {
                if (State is null || (state.AsOf >= State.AsOf && state.Seen.ModSeq >= State.Seen.ModSeq))
                    State = state.Seen.ModSeq == State?.Seen.ModSeq ? state with { Seen = State.Seen } : state;
            }
        }

        public ReaderSnapshot Compose(Snapshot shared, ReaderSeen seen)
        {
            lock (_gate)
            {
                if (Last is { } last && ReferenceEquals(last.Shared, shared) && last.Seen.ModSeq == seen.ModSeq)
                    return last;
                var view = new ReaderSnapshot(shared, seen);
                if (Last is null || (Last.Shared.State.ModSeq <= shared.State.ModSeq && Last.Seen.ModSeq <= seen.ModSeq))
                    Last = view;
                return view;
            }
        }
    }
}
