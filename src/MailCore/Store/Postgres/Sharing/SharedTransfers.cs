using Npgsql;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres.Sharing;

/// <summary>
/// COPY, MOVE and EXPUNGE where a mailbox is another's than the actor's, or the target is of another account than the source: one statement, one transaction.
/// Keywords are matched by name, \Seen is the actor's, and flags go along as far as rights in the target allow (RFC 4314 section 4).
/// </summary>
internal sealed class SharedTransfers(
    NpgsqlDataSource dataSource, MailboxIndex index, Readers readers, KeywordCache keywords, KeywordMaker keywordMaker, Committed committed)
{
    private const int MaxTries = 50;

    /// <exception cref="MailException">NoPermission, NotFound, OverQuota (of the target's owner)</exception>
    public async ValueTask<Transferred> TransferAsync(AccountId actor, MailboxId from, UidSet uids, MailboxId to, bool remove, CancellationToken ct)
    {
        var needs = remove ? MailboxRights.Read | MailboxRights.DeleteMessages | MailboxRights.Expunge : MailboxRights.Read;
        var done = await RunAsync(new(actor, from, needs, to, remove), uids, _ => true, ct);
        if (done.Entries.Length == 0)
            return new(done.UidValidity, UidSet.Empty, UidSet.Empty, new(done.ModSeq));
        var first = new Uid((uint)done.FirstUid);
        return new(done.UidValidity, UidsOf(done.Entries), UidSet.Range(first, new(first.Value + (uint)done.Entries.Length - 1)), new(done.ModSeq));
    }

    /// <exception cref="MailException">NoPermission, NotFound</exception>
    public async ValueTask<Expunged> ExpungeAsync(
        AccountId actor, MailboxId mailbox, UidSet uids, Func<IndexEntry, bool> which, MailboxRights needs, CancellationToken ct)
    {
        var done = await RunAsync(new(actor, mailbox, needs, null, true), uids, which, ct);
        return new(UidsOf(done.Entries), new(done.ModSeq));
    }

    /// <param name="Needs">Of the rights in <paramref name="From"/>.</param>
    /// <param name="To">Null: nowhere, it is an EXPUNGE.</param>
    private sealed record Errand(AccountId Actor, MailboxId From, MailboxRights Needs, MailboxId? To, bool Remove)
    {
        public bool IsWithinAccount => To is not { } to || to.Account == From.Account;
    }

    private sealed record Outcome(
        int Status, long ModSeq, long FromPrevious, long ToModSeq, long ToPrevious, uint UidValidity, long FirstUid, long FirstId, long Saved)
    {
        /// <summary>As the source has them.</summary>
        public IndexEntry[] Entries { get; init; } = [];
    }

    private async ValueTask<Outcome> RunAsync(Errand errand, UidSet uids, Func<IndexEntry, bool> which, CancellationToken ct)
    {
        var turn = index.WriterOf(errand.From);
        await turn.WaitAsync(ct);
        try
        {
            var allowed = errand.To is { } to ? (await RightsAsync(errand.Actor, to, MailboxRights.Insert, ct)).Flags() : FlagSet.None;
            for (var tries = 0; tries < MaxTries; tries++)
            {
                var (shared, view) = await OpenAsync(errand, ct);
                IndexEntry[] entries = [.. shared.Among(uids).Where(which)];
                if (entries.Length == 0)
                    return new(0, shared.State.ModSeq, 0, 0, 0, shared.UidValidity, 0, 0, 0);
                var arriving = errand.To is null ? entries : await ArrivingAsync(errand, shared, entries, view, allowed, ct);
                var read = Array.ConvertAll(entries, e => (view?.Own(e) ?? e).Flags.Has(FlagSet.Seen) && allowed.Has(FlagSet.Seen));
                if (await TransferAsync(errand, shared, entries, arriving, read) is { } done)
                    return done;
            }

            throw new MailException(MailError.Conflict, "The mailbox is changing too fast; try again");
        }
        finally
        {
            turn.Release();
        }
    }

    private async ValueTask<MailboxRights> RightsAsync(AccountId actor, MailboxId mailbox, MailboxRights needs, CancellationToken ct)
    {
        if (mailbox.Account == actor)
            return MailboxRights.All;
        var rights = (await readers.LookAsync(mailbox, actor, ct)).Rights;
        Refusals.Demand(rights, needs);
        return rights;
    }

    private async ValueTask<(Snapshot Shared, ReaderSnapshot? View)> OpenAsync(Errand errand, CancellationToken ct)
    {
        if (errand.From.Account == errand.Actor)
            return (await index.OpenAsync(errand.From, ct), null);
        var (_, view) = await readers.OpenAsync(errand.From, errand.Actor, errand.Needs, ct);
        return (view.Shared, view);
    }

    /// <summary>The entries with the flags that they get in the target. \Seen there is its owner's: what the owner saw within its account, or what the actor saw where that is the owner.</summary>
    private async ValueTask<IndexEntry[]> ArrivingAsync(Errand errand, Snapshot shared, IndexEntry[] entries, ReaderSnapshot? view, FlagSet allowed, CancellationToken ct)
    {
        var to = errand.To!.Value;
        var map = errand.IsWithinAccount ? null : await MapAsync(errand.From.Account, shared.KeywordCount, entries, to.Account, allowed, ct);
        return Array.ConvertAll(entries, e =>
        {
            var flags = (map is null ? e.Flags : Map(e.Flags, map)).Without(FlagSet.Seen) & allowed;
            var seen = to.Account == errand.Actor ? (view?.Own(e) ?? e).Flags : errand.IsWithinAccount ? e.Flags : FlagSet.None;
            return e with { Flags = flags | (seen & FlagSet.Seen) };
        });
    }

    /// <summary>The target's bit for each of the source's; 0: it stays behind, because the target's owner has no room for more keywords.</summary>
    private async ValueTask<long[]> MapAsync(AccountId from, int known, IndexEntry[] entries, AccountId to, FlagSet allowed, CancellationToken ct)
    {
        var used = new FlagSet(entries.Aggregate(0L, (bits, e) => bits | e.Flags.Bits)) & allowed;
        var source = await keywords.ReadAsync(from, known, ct);
        string[] names = [.. source.NamesIn(used)];
        try
        {
            await keywordMaker.BitsAsync(to, names, ct);
        }
        catch (MailException e) when (e.Error == MailError.LimitReached)
        {
            // As many as there are already.
        }

        var target = await keywords.ReadAsync(to, 0, ct);
        var map = new long[64];
        foreach (var name in names)
        {
            if (source.TryGetBit(name, out var before) && target.TryGetBit(name, out var after))
                map[before] = 1L << after;
        }

        return map;
    }

    private static FlagSet Map(FlagSet flags, long[] keywords)
    {
        var mapped = flags.Bits & ((1L << FlagSet.FirstKeywordBit) - 1);
        for (var bit = FlagSet.FirstKeywordBit; bit <= FlagSet.LastKeywordBit; bit++)
        {
            if ((flags.Bits & (1L << bit)) != 0)
                mapped |= keywords[bit];
        }

        return new(mapped);
    }

    private const string TransferSql =
        """
        select status, modseq, from_previous, to_modseq, to_previous, uidvalidity, first_uid, first_id, saved
        from mail.transfer_4($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
        """;

    // Null: the index was stale. Not cancelled once it is under way: what is committed must reach the index.
    private async ValueTask<Outcome?> TransferAsync(Errand errand, Snapshot now, IndexEntry[] entries, IndexEntry[] arriving, bool[] read)
    {
        var to = errand.To ?? new MailboxId(errand.From.Account, 0);
        var rows = await dataSource.QueryAsync(
            TransferSql,
            [
                Value(errand.Actor.Value), Value(errand.From.Account.Value), Value(errand.From.Number), Value((int)errand.Needs), Value(to.Account.Value), Value(to.Number),
                Value((int)MailboxRights.Insert), Value(now.State.FlagsModSeq), Value(Array.ConvertAll(entries, e => (long)e.Uid.Value)),
                Value(Array.ConvertAll(entries, e => e.Message)), Value(Array.ConvertAll(entries, e => e.Flags.Bits)),
                Value(Array.ConvertAll(arriving, e => e.Flags.Bits)), Value(read), Value(entries.Sum(e => (long)e.Size)), Value(Unseen(entries)),
                Value(Deleted(entries)), Value(Unseen(arriving)), Value(Deleted(arriving)), Value(errand.Remove),
            ],
            Read,
            CancellationToken.None);
        switch (rows[0].Status)
        {
            case 1:
                throw new MailException(MailError.OverQuota, "The account of the target is over its quota");
            case 2:
                return null;
            case 3:
                throw new MailException(MailError.NotFound, "The target mailbox was deleted");
            default:
                var done = rows[0] with { Entries = entries };
                await TellAsync(errand, done, arriving);
                return done;
        }
    }

    private static int Unseen(IndexEntry[] entries) => entries.Count(e => !e.Flags.Has(FlagSet.Seen));

    private static int Deleted(IndexEntry[] entries) => entries.Count(e => e.Flags.Has(FlagSet.Deleted));

    private static Outcome Read(NpgsqlDataReader r) => new(
        r.GetInt32(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.IsDBNull(4) ? 0 : r.GetInt64(4), r.IsDBNull(5) ? 0 : (uint)r.GetInt64(5),
        r.IsDBNull(6) ? 0 : r.GetInt64(6), r.GetInt64(7), r.GetInt64(8));

    private async ValueTask TellAsync(Errand errand, Outcome done, IndexEntry[] arriving)
    {
        IndexEntry[] arrivals =
        [
            .. arriving.Select((e, i) => e with
            {
                Uid = new((uint)(done.FirstUid + i)),
                ModSeq = new(done.ToModSeq),
                Saved = done.Saved,
                Message = errand.IsWithinAccount ? e.Message : done.FirstId + i,
            }),
        ];

        // Within one mailbox it is one step: what comes, and then what goes.
        if (errand.To == errand.From && errand.Remove)
        {
            await committed.MovedWithinAsync(errand.From, done.FromPrevious, done.ModSeq, arrivals, UidsOf(done.Entries));
        }
        else
        {
            if (errand.To is { } target)
                await committed.ArrivedAsync(target, done.ToPrevious, done.ToModSeq, arrivals);
            if (errand.Remove)
                await committed.VanishedAsync(errand.From, done.FromPrevious, done.ModSeq, UidsOf(done.Entries));
        }

        // What the actor did is in its own views when the verb returns.
        if (errand.To is { } to && to.Account != errand.Actor)
        {
            committed.ReadersChanged(to, done.ToModSeq);
            await readers.CatchUpAsync(to, errand.Actor);
        }

        if (errand.Remove && errand.From.Account != errand.Actor)
            await readers.CatchUpAsync(errand.From, errand.Actor);
    }

    private static UidSet UidsOf(IndexEntry[] entries) => UidSet.From(entries.Select(e => e.Uid));
}
