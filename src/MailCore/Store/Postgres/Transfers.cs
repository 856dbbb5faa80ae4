using Npgsql;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>COPY, MOVE and EXPUNGE: one function of the database. Compares and sets as <see cref="Flagging"/> does, since what it moves comes from the index.</summary>
internal sealed class Transfers(NpgsqlDataSource dataSource, MailboxIndex index, Committed committed)
{
    private const int MaxTries = 50;

    public async ValueTask<Transferred> TransferAsync(MailboxId from, UidSet uids, MailboxId to, bool remove, CancellationToken ct)
    {
        var done = await RunAsync(from, uids, _ => true, to.Number, remove, ct);
        if (done.Entries.Length == 0)
            return new(done.UidValidity, UidSet.Empty, UidSet.Empty, new(done.ModSeq));
        var first = new Uid((uint)done.FirstUid);
        return new(done.UidValidity, UidsOf(done.Entries), UidSet.Range(first, new(first.Value + (uint)done.Entries.Length - 1)), new(done.ModSeq));
    }

    public async ValueTask<Expunged> ExpungeAsync(MailboxId mailbox, UidSet uids, Func<IndexEntry, bool> which, CancellationToken ct)
    {
        var done = await RunAsync(mailbox, uids, which, 0, remove: true, ct);
        return new(UidsOf(done.Entries), new(done.ModSeq));
    }

    /// <summary>RENAME of INBOX: makes the mailbox and moves all messages of INBOX to it, in one transaction.</summary>
    /// <exception cref="MailException">AlreadyExists, LimitReached</exception>
    public async ValueTask RenameInboxAsync(AccountId account, MailboxName to, CancellationToken ct)
    {
        var inbox = new MailboxId(account, 1);
        var turn = index.WriterOf(inbox);
        await turn.WaitAsync(ct);
        try
        {
            for (var tries = 0; tries < MaxTries; tries++)
            {
                var now = await index.OpenAsync(inbox, ct);
                if (await RenameInboxAsync(now, [.. now.Among(Everything)], to))
                    return;
            }

            throw new MailException(MailError.Conflict, "The mailbox is changing too fast; try again");
        }
        finally
        {
            turn.Release();
        }
    }

    private static readonly UidSet Everything = UidSet.Range(new(1), new(uint.MaxValue));

    private const string RenameInboxSql =
        """
        select status, modseq, from_previous, to_previous, uidvalidity, first_uid, saved, target
        from mail.rename_inbox_2($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    private async ValueTask<bool> RenameInboxAsync(Snapshot now, IndexEntry[] entries, MailboxName to)
    {
        var rows = await dataSource.QueryAsync(
            RenameInboxSql,
            [Value(now.Id.Account.Value), Value(StoredText.Clean(to.Value)), Value(now.State.FlagsModSeq), .. Columns(entries)],
            r => (Outcome: Read(r), Target: r.GetInt32(7)),
            CancellationToken.None);
        if (rows[0].Outcome.Status != 0)
            return false;
        if (entries.Length > 0)
            await TellAsync(now.Id, rows[0].Outcome with { Entries = entries }, rows[0].Target, remove: true);
        return true;
    }

    /// <summary>What transfer_3 says. Status 2: the index was stale.</summary>
    internal sealed record Outcome(int Status, long ModSeq, long FromPrevious, long ToPrevious, uint UidValidity, long FirstUid, long Saved)
    {
        public IndexEntry[] Entries { get; init; } = [];
    }

    private async ValueTask<Outcome> RunAsync(MailboxId from, UidSet uids, Func<IndexEntry, bool> which, int to, bool remove, CancellationToken ct)
    {
        var turn = index.WriterOf(from);
        await turn.WaitAsync(ct);
        try
        {
            var now = index.Current(from);
            var isFresh = now is null || now.IsExceededBy(uids);
            if (isFresh)
                now = await index.OpenAsync(from, ct);
            for (var tries = 0; tries < MaxTries; tries++)
            {
                IndexEntry[] entries = [.. now!.Among(uids).Where(which)];
                if (entries.Length == 0 && isFresh)
                    return new(0, now.State.ModSeq, 0, 0, now.UidValidity, 0, 0);
                if (entries.Length > 0 && await TransferAsync(now, entries, to, remove) is { } done)
                    return done;
                now = await index.OpenAsync(from, ct);
                isFresh = true;
            }

            throw new MailException(MailError.Conflict, "The mailbox is changing too fast; try again");
        }
        finally
        {
            turn.Release();
        }
    }

    private const string TransferSql =
        """
        select status, modseq, from_previous, to_previous, uidvalidity, first_uid, saved
        from mail.transfer_3($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """;

    // Null: the index was stale. Not cancelled once it is under way: what is committed must reach the index.
    private async ValueTask<Outcome?> TransferAsync(Snapshot now, IndexEntry[] entries, int to, bool remove)
    {
        var rows = await dataSource.QueryAsync(
            TransferSql,
            Parameters(now, entries, to, remove),
            Read,
            CancellationToken.None);
        switch (rows[0].Status)
        {
            case 1:
                throw new MailException(MailError.OverQuota, "The account is over its quota");
            case 2:
                return null;
            case 3:
                throw new MailException(MailError.NotFound, "The target mailbox was deleted");
            default:
                var done = rows[0] with { Entries = entries };
                await TellAsync(now.Id, done, to, remove);
                return done;
        }
    }

    /// <summary>The same as a command of a batch, for who does more in its transaction.</summary>
    internal static NpgsqlBatchCommand Command(Snapshot now, IndexEntry[] entries, int target, bool remove)
    {
        var command = new NpgsqlBatchCommand(TransferSql);
        foreach (var parameter in Parameters(now, entries, target, remove))
            command.Parameters.Add(parameter);
        return command;
    }

    private static NpgsqlParameter[] Parameters(Snapshot now, IndexEntry[] entries, int target, bool remove) =>
        [Value(now.Id.Account.Value), Value(now.Id.Number), Value(target), Value(now.State.FlagsModSeq), .. Columns(entries), Value(remove)];

    /// <summary>What moves: UIDs, messages, flags, and what the counters move by.</summary>
    private static NpgsqlParameter[] Columns(IndexEntry[] entries) =>
    [
        Value(Array.ConvertAll(entries, e => (long)e.Uid.Value)), Value(Array.ConvertAll(entries, e => e.Message)),
        Value(Array.ConvertAll(entries, e => e.Flags.Bits)), Value(entries.Sum(e => (long)e.Size)),
        Value(entries.Count(e => !e.Flags.Has(FlagSet.Seen))), Value(entries.Count(e => e.Flags.Has(FlagSet.Deleted))),
    ];

    internal static Outcome Read(NpgsqlDataReader r) => new(
        r.GetInt32(0), r.GetInt64(1), r.GetInt64(2), r.IsDBNull(3) ? 0 : r.GetInt64(3), r.IsDBNull(4) ? 0 : (uint)r.GetInt64(4),
        r.IsDBNull(5) ? 0 : r.GetInt64(5), r.GetInt64(6));

    private async ValueTask TellAsync(MailboxId from, Outcome done, int to, bool remove)
    {
        // Within one mailbox it is one step: what comes, and then what goes.
        if (to == from.Number && remove)
        {
            await committed.MovedWithinAsync(from, done.FromPrevious, done.ModSeq, Arrivals(done), UidsOf(done.Entries));
            return;
        }

        if (to != 0)
            await committed.ArrivedAsync(new(from.Account, to), done.ToPrevious, done.ModSeq, Arrivals(done));
        if (remove)
            await committed.VanishedAsync(from, done.FromPrevious, done.ModSeq, UidsOf(done.Entries));
    }

    private static IndexEntry[] Arrivals(Outcome done) =>
        [.. done.Entries.Select((e, i) => e with { Uid = new((uint)(done.FirstUid + i)), ModSeq = new(done.ModSeq), Saved = done.Saved })];

    private static UidSet UidsOf(IndexEntry[] entries) => UidSet.From(entries.Select(e => e.Uid));
}
