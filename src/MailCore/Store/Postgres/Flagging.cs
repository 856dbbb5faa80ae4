using Npgsql;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// STORE as one row of the log, however many messages. What changes is worked out from the index; the statement compares and sets, and when someone else
/// was faster it is worked out again.
/// </summary>
internal sealed class Flagging(NpgsqlDataSource dataSource, MailboxIndex index, Committed committed)
{
    /// <summary>How often others may be faster before we give up.</summary>
    private const int MaxTries = 50;

    public async ValueTask<FlagsChanged> ChangeAsync(MailboxId mailbox, UidSet uids, FlagChange change, ModSeq? unchangedSince, CancellationToken ct)
    {
        var turn = index.WriterOf(mailbox);
        await turn.WaitAsync(ct);
        try
        {
            var now = index.Current(mailbox);
            var isFresh = now is null || now.IsExceededBy(uids);
            if (isFresh)
                now = await index.OpenAsync(mailbox, ct);
            for (var tries = 0; tries < MaxTries; tries++)
            {
                var plan = Plan(now!, uids, change, unchangedSince);
                if (!plan.Moving.IsEmpty && await StoreAsync(now!, plan, change) is { } modSeq)
                    return new(plan.Changed, plan.Modified, modSeq, Newest(now!));
                // Nothing to do is an answer only as of now.
                if (plan.Moving.IsEmpty && isFresh)
                    return new(plan.Changed, plan.Modified, now!.HighestModSeq, now);
                now = await index.OpenAsync(mailbox, ct);
                isFresh = true;
            }

            throw new MailException(MailError.Conflict, "The mailbox is changing too fast; try again");
        }
        finally
        {
            turn.Release();
        }
    }

    private Snapshot Newest(Snapshot otherwise) => index.Current(otherwise.Id) ?? otherwise;

    /// <param name="Changed">Have the flags as asked for afterwards.</param>
    /// <param name="Moving">Of these, the ones that don't have them yet.</param>
    private sealed record FlagPlan(UidSet Changed, UidSet Modified, UidSet Moving, int Unseen, int Deleted);

    private static FlagPlan Plan(Snapshot now, UidSet uids, FlagChange change, ModSeq? unchangedSince)
    {
        var changed = new UidSet.Builder();
        var modified = new UidSet.Builder();
        var moving = new UidSet.Builder();
        int unseen = 0, deleted = 0;
        foreach (var entry in now.Among(uids))
        {
            if (unchangedSince is { } limit && entry.ModSeq > limit)
            {
                modified.Add(entry.Uid);
                continue;
            }

            changed.Add(entry.Uid);
            var after = change.Apply(entry.Flags);
            if (after == entry.Flags)
                continue;
            moving.Add(entry.Uid);
            unseen += Step(entry.Flags, after, FlagSet.Seen) * -1;
            deleted += Step(entry.Flags, after, FlagSet.Deleted);
        }

        return new(changed.ToSet(), modified.ToSet(), moving.ToSet(), unseen, deleted);
    }

    private static int Step(FlagSet before, FlagSet after, FlagSet flag) => (after.Has(flag) ? 1 : 0) - (before.Has(flag) ? 1 : 0);

    private const string StoreSql = "select modseq, previous from mail.store_1($1, $2, $3, $4, $5, $6, $7, $8)";

    // Not cancelled once it is under way: what is committed must reach the index.
    private async ValueTask<ModSeq?> StoreAsync(Snapshot now, FlagPlan plan, FlagChange change)
    {
        var set = change.Operation == FlagOperation.Remove ? 0 : change.Flags.Bits;
        var clear = change.Operation switch
        {
            FlagOperation.Add => 0,
            FlagOperation.Remove => change.Flags.Bits,
            _ => ~change.Flags.Bits & long.MaxValue,
        };
        var rows = await dataSource.QueryAsync(
            StoreSql,
            [
                Value(now.Id.Account.Value), Value(now.Id.Number), Value(now.State.FlagsModSeq), Ranges.Parameter(plan.Moving), Value(set), Value(clear),
                Value(plan.Unseen), Value(plan.Deleted),
            ],
            r => (ModSeq: r.GetInt64(0), Previous: r.GetInt64(1)),
            CancellationToken.None);
        if (rows.Count == 0)
            return null;
        await committed.FlagsChangedAsync(now.Id, rows[0].Previous, new(rows[0].ModSeq, plan.Moving, set, clear));
        return new(rows[0].ModSeq);
    }
}
