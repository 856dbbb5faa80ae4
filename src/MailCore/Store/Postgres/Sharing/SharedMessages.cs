using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Search;

namespace Webmail.MailCore.Store.Postgres.Sharing;

/// <summary>What the stores of all principals share for mailboxes of others.</summary>
internal sealed record SharingParts(Readers Readers, SharedFlagging Flagging, SharedTransfers Transfers);

/// <summary>
/// The verbs of <see cref="MessageStore"/> for mailboxes of other accounts. Each asks for the rights it takes, as they are now: what was taken away is gone
/// with the next verb, whoever has the mailbox open. Writes ask again under the owner's lock.
/// </summary>
internal sealed class SharedMessages(StoreParts parts, SharingParts sharing, AccountId reader)
{
    /// <summary>Without an exception: none where there is no such mailbox.</summary>
    public async ValueTask<MailboxRights> RightsAsync(MailboxId mailbox, CancellationToken ct) => (await sharing.Readers.LookAsync(mailbox, reader, ct)).Rights;

    /// <exception cref="MailException">NoPermission, NotFound</exception>
    public async ValueTask<MailboxRights> DemandAsync(MailboxId mailbox, MailboxRights needs, CancellationToken ct)
    {
        var rights = await RightsAsync(mailbox, ct);
        Refusals.Demand(rights, needs);
        return rights;
    }

    public async ValueTask<MailboxSnapshot> OpenAsync(MailboxId mailbox, CancellationToken ct) =>
        (await sharing.Readers.OpenAsync(mailbox, reader, MailboxRights.Read, ct)).View;

    public MailboxSnapshot? Current(MailboxId mailbox) => sharing.Readers.Current(mailbox, reader);

    /// <summary>What is appended carries the flags that the rights allow (RFC 4314 section 4).</summary>
    public async ValueTask<IReadOnlyList<AppendItem>> BeforeAppendAsync(MailboxId mailbox, IReadOnlyList<AppendItem> items, CancellationToken ct)
    {
        var allowed = (await DemandAsync(mailbox, MailboxRights.Insert, ct)).Flags();
        return [.. items.Select(item => item with { Flags = item.Flags & allowed })];
    }

    /// <summary>\Seen is the reader's. What it did is in its own view when the verb returns.</summary>
    public async ValueTask AfterAppendAsync(MailboxId mailbox, IReadOnlyList<AppendItem> items, Appended appended)
    {
        var seen = appended.Uids.Where((_, i) => items[i].Flags.Has(FlagSet.Seen));
        try
        {
            if (UidSet.From(seen) is { IsEmpty: false } uids)
                await sharing.Flagging.SeeAsync(mailbox, reader, uids);
        }
        catch (MailException e) when (e.Error is MailError.NoPermission or MailError.NotFound)
        {
            // Taken away this very moment: the messages are there all the same.
        }

        await CatchUpAsync(mailbox);
    }

    /// <summary>What this reader did in a mailbox of another is in its own view when the verb returns.</summary>
    public ValueTask CatchUpAsync(MailboxId mailbox) => sharing.Readers.CatchUpAsync(mailbox, reader);

    public async ValueTask<IReadOnlyList<MessageRow>> ReadRowsAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct)
    {
        await DemandAsync(mailbox, MailboxRights.Read, ct);
        return await parts.Reader.RowsAsync(mailbox, uids, ct);
    }

    public async ValueTask<IReadOnlyList<(Uid Uid, MessageBody Body)>> ReadBodiesAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct)
    {
        await DemandAsync(mailbox, MailboxRights.Read, ct);
        return await parts.Reader.BodiesAsync(mailbox, uids, ct);
    }

    public async ValueTask<IReadOnlyList<(Uid Uid, MessageBody Header)>> ReadHeadersAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct)
    {
        await DemandAsync(mailbox, MailboxRights.Read, ct);
        return await parts.Reader.HeadersAsync(mailbox, uids, ct);
    }

    public async ValueTask<UidSet> SearchAsync(MailboxSnapshot mailbox, SearchQuery query, WorkProgress? progress, CancellationToken ct)
    {
        await DemandAsync(mailbox.Id, MailboxRights.Read, ct);
        return await parts.Search.RunAsync(mailbox, query, progress, ct);
    }

    public async ValueTask<IReadOnlyDictionary<Uid, int>> RelevancyAsync(MailboxSnapshot mailbox, UidSet uids, SearchQuery query, CancellationToken ct)
    {
        await DemandAsync(mailbox.Id, MailboxRights.Read, ct);
        return await parts.Relevancy.RunAsync(((ReaderSnapshot)mailbox).Shared, uids, query, ct);
    }

    public async ValueTask<IReadOnlyList<Uid>> SortAsync(
        MailboxSnapshot mailbox, UidSet uids, IReadOnlyList<SortTerm> terms, IReadOnlyDictionary<Uid, int>? relevancy, CancellationToken ct)
    {
        await DemandAsync(mailbox.Id, MailboxRights.Read, ct);
        return await parts.Sorter.RunAsync(((ReaderSnapshot)mailbox).Shared, uids, terms, relevancy, ct);
    }

    public async ValueTask<IReadOnlyList<ThreadNode>> ThreadAsync(MailboxSnapshot mailbox, UidSet uids, ThreadAlgorithm algorithm, CancellationToken ct)
    {
        await DemandAsync(mailbox.Id, MailboxRights.Read, ct);
        return await parts.Threader.RunAsync(((ReaderSnapshot)mailbox).Shared, uids, algorithm, ct);
    }

    public ValueTask<FlagsChanged> ChangeFlagsAsync(MailboxId mailbox, UidSet uids, FlagChange change, ModSeq? unchangedSince, CancellationToken ct) =>
        sharing.Flagging.ChangeAsync(mailbox, reader, uids, change, unchangedSince, ct);

    /// <summary>Where source or target is another's.</summary>
    public ValueTask<Transferred> TransferAsync(MailboxId from, UidSet uids, MailboxId to, bool remove, CancellationToken ct) =>
        sharing.Transfers.TransferAsync(reader, from, uids, to, remove, ct);

    public ValueTask<Expunged> ExpungeAsync(MailboxId mailbox, UidSet uids, Func<IndexEntry, bool> which, MailboxRights needs, CancellationToken ct) =>
        sharing.Transfers.ExpungeAsync(reader, mailbox, uids, which, needs, ct);

    public async ValueTask<ChangeSet> ChangesSinceAsync(MailboxSnapshot mailbox, ModSeq since, CancellationToken ct)
    {
        await DemandAsync(mailbox.Id, MailboxRights.Read, ct);
        if (since >= mailbox.HighestModSeq)
            return new(UidSet.Empty, UidSet.Empty);
        var view = (ReaderSnapshot)mailbox;
        var vanished = await parts.Reader.VanishedAsync(mailbox.Id, since, view.Shared.HighestModSeq, ct);
        return new(vanished, view.ChangedSince(since.Value));
    }
}
