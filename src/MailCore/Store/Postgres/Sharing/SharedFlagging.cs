using Npgsql;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres.Sharing;

/// <summary>
/// STORE by a reader who isn't the owner: \Seen goes to the reader's own log, the rest to the flags that all share, in one statement that compares and sets both.
/// </summary>
internal sealed class SharedFlagging(NpgsqlDataSource dataSource, MailboxIndex index, Readers readers, Committed committed)
{
    /// <summary>How often others may be faster before we give up.</summary>
    private const int MaxTries = 50;

    /// <summary>What rights don't allow stays as it is (RFC 4314 section 4).</summary>
    /// <exception cref="MailException">NoPermission: none of it is allowed; NotFound</exception>
    public async ValueTask<FlagsChanged> ChangeAsync(MailboxId mailbox, AccountId reader, UidSet uids, FlagChange change, ModSeq? unchangedSince, CancellationToken ct)
    {
        var turn = index.WriterOf(mailbox);
        await turn.WaitAsync(ct);
        try
        {
            for (var tries = 0; tries < MaxTries; tries++)
            {
                var (rights, view) = await readers.OpenAsync(mailbox, reader, MailboxRights.Read, ct);
                var plan = Plan.Of(view, Masks.Of(change, rights.Flags()), uids, unchangedSince);
                if (plan.IsIdle)
                    return new(plan.Changed, plan.Modified, view.HighestModSeq, view);
                if (await StoreAsync(view, reader, plan) is { } modSeq)
                    return new(plan.Changed, plan.Modified, modSeq, readers.Current(mailbox, reader) ?? view);
            }

            throw new MailException(MailError.Conflict, "The mailbox is changing too fast; try again");
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>What a change sets and clears as far as it is allowed.</summary>
    private readonly record struct Masks(FlagSet Set, FlagSet Clear)
    {
        public static Masks Of(FlagChange change, FlagSet allowed)
        {
            var asked = change.Operation == FlagOperation.Replace ? allowed : change.Flags;
            if ((asked & allowed) == FlagSet.None && (change.Operation == FlagOperation.Replace || change.Flags != FlagSet.None))
                throw new MailException(MailError.NoPermission, "You may not change these flags here");
            return change.Operation switch
            {
                FlagOperation.Add => new(change.Flags & allowed, FlagSet.None),
                FlagOperation.Remove => new(FlagSet.None, change.Flags & allowed),
                _ => new(change.Flags & allowed, allowed.Without(change.Flags)),
            };
        }

        public FlagSet Apply(FlagSet before) => (before | Set).Without(Clear);

        public Masks Shared => new(Set.Without(FlagSet.Seen), Clear.Without(FlagSet.Seen));
    }

    /// <param name="Changed">Are as asked for afterwards.</param>
    /// <param name="Moving">Of these, the ones whose shared flags change; <paramref name="On"/> and <paramref name="Off"/> are those whose \Seen does.</param>
    private sealed record Plan(Masks Masks, UidSet Changed, UidSet Modified, UidSet Moving, UidSet On, UidSet Off, int Deleted)
    {
        public bool IsIdle => Moving.IsEmpty && On.IsEmpty && Off.IsEmpty;

        /// <summary>The rights that it takes, asked for again under the lock.</summary>
        public MailboxRights Needs
        {
            get
            {
                var shared = Moving.IsEmpty ? FlagSet.None : Masks.Shared.Set | Masks.Shared.Clear;
                return MailboxRights.Read
                    | (On.IsEmpty && Off.IsEmpty ? MailboxRights.None : MailboxRights.KeepSeen)
                    | (shared.Has(FlagSet.Deleted) ? MailboxRights.DeleteMessages : MailboxRights.None)
                    | (shared.Without(FlagSet.Deleted) == FlagSet.None ? MailboxRights.None : MailboxRights.Write);
            }
        }

        public static Plan Of(ReaderSnapshot view, Masks masks, UidSet uids, ModSeq? unchangedSince)
        {
            UidSet.Builder changed = new(), modified = new(), moving = new(), on = new(), off = new();
            var deleted = 0;
            foreach (var entry in view.Among(uids))
            {
                if (unchangedSince is { } limit && entry.ModSeq > limit)
                {
                    modified.Add(entry.Uid);
                    continue;
                }

                changed.Add(entry.Uid);
                var after = masks.Apply(entry.Flags);
                if (after.Without(FlagSet.Seen) != entry.Flags.Without(FlagSet.Seen))
                    moving.Add(entry.Uid);
                if (after.Has(FlagSet.Seen) != entry.Flags.Has(FlagSet.Seen))
                    (after.Has(FlagSet.Seen) ? on : off).Add(entry.Uid);
                deleted += (after.Has(FlagSet.Deleted) ? 1 : 0) - (entry.Flags.Has(FlagSet.Deleted) ? 1 : 0);
            }

            return new(masks, changed.ToSet(), modified.ToSet(), moving.ToSet(), on.ToSet(), off.ToSet(), deleted);
        }
    }

    private const string StoreSql = "select modseq, previous from mail.store_shared_1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

    // Null: someone was faster. Not cancelled once it is under way: what is committed must reach the index.
    private async ValueTask<ModSeq?> StoreAsync(ReaderSnapshot view, AccountId reader, Plan plan)
    {
        var (set, clear) = plan.Masks.Shared;
        var rows = await dataSource.QueryAsync(
            StoreSql,
            [
                Value(view.Id.Account.Value), Value(view.Id.Number), Value(reader.Value), Value((int)plan.Needs), Value(view.Shared.State.FlagsModSeq),
                Value(view.Seen.ModSeq), Ranges.Parameter(plan.Moving), Value(set.Bits), Value(clear.Bits), Value(plan.Deleted), Ranges.Parameter(plan.On),
                Ranges.Parameter(plan.Off),
            ],
            r => (ModSeq: r.GetInt64(0), Previous: r.GetInt64(1)),
            CancellationToken.None);
        if (rows is not [var (modSeq, previous)])
            return null;
        if (!plan.Moving.IsEmpty)
            await committed.FlagsChangedAsync(view.Id, previous, new(modSeq, plan.Moving, set.Bits, clear.Bits));
        if (previous == view.Shared.State.ModSeq)
            readers.Committed(view.Id, reader, view, modSeq, plan.Moving.IsEmpty ? previous : modSeq, plan.On, plan.Off);
        else
            await readers.CatchUpAsync(view.Id, reader);
        if (!plan.On.IsEmpty || !plan.Off.IsEmpty)
            committed.ReadersChanged(view.Id, modSeq);
        return new(modSeq);
    }

    private const string SeeSql = "select modseq from mail.store_shared_1($1, $2, $3, 4, null, null, '{}', 0, 0, 0, $4, '{}')";

    /// <summary>These are seen by the reader, whatever they were.</summary>
    public async ValueTask SeeAsync(MailboxId mailbox, AccountId reader, UidSet uids)
    {
        var rows = await dataSource.QueryAsync(
            SeeSql,
            [Value(mailbox.Account.Value), Value(mailbox.Number), Value(reader.Value), Ranges.Parameter(uids)],
            r => r.GetInt64(0),
            CancellationToken.None);
        foreach (var modSeq in rows)
            committed.ReadersChanged(mailbox, modSeq);
    }
}
