using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store.Postgres.Sharing;
using Webmail.MailCore.Store.Search;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>What the stores of all principals share.</summary>
internal sealed record StoreParts(
    MailboxIndex Index, MessageReader Reader, Flagging Flagging, Transfers Transfers, Replacing Replacing, CommitLane Lane, ISearch Search, Sorter Sorter, Threader Threader, Relevancy Relevancy, WebmailSettings Settings, TimeProvider Time);

/// <summary>
/// The messages that one principal may see and change: hands on to the verb, and where the mailbox is another's to <see cref="SharedMessages"/>, which asks for rights.
/// </summary>
internal sealed class MessageStore(StoreParts parts, SharedMessages others, AccountId account) : IMessageStore
{
    private static readonly UidSet Everything = UidSet.Range(new(1), new(uint.MaxValue));

    public async ValueTask<MailboxSnapshot> OpenAsync(MailboxId mailbox, CancellationToken ct) =>
        IsMine(mailbox) ? await parts.Index.OpenAsync(mailbox, ct) : await others.OpenAsync(mailbox, ct);

    public MailboxSnapshot? Current(MailboxId mailbox) => IsMine(mailbox) ? parts.Index.Current(mailbox) : others.Current(mailbox);

    public async ValueTask<Uid> ClaimRecentAsync(MailboxId mailbox, CancellationToken ct)
    {
        // \Recent is the owner's.
        if (!IsMine(mailbox))
            return new(uint.MaxValue);
        if (parts.Index.NothingIsRecent(mailbox, out var from))
            return from;
        var claimed = await parts.Reader.ClaimRecentAsync(mailbox, ct);
        // At least what this node knows of has been announced now.
        parts.Index.Claimed(mailbox, Math.Max(claimed, parts.Index.Current(mailbox)?.State.UidNext ?? 0));
        return new((uint)claimed);
    }

    public async ValueTask<Appended> AppendAsync(MailboxId mailbox, IReadOnlyList<AppendItem> items, CancellationToken ct)
    {
        if (items.Count == 0)
            throw new ArgumentException("Nothing to append", nameof(items));
        if (IsMine(mailbox))
            return await PutAsync(mailbox, items, ct);
        var allowed = await others.BeforeAppendAsync(mailbox, items, ct);
        var appended = await PutAsync(mailbox, [.. allowed.Select(item => item with { Flags = item.Flags.Without(FlagSet.Seen) })], ct);
        await others.AfterAppendAsync(mailbox, allowed, appended);
        return appended;
    }

    private async ValueTask<Appended> PutAsync(MailboxId mailbox, IReadOnlyList<AppendItem> items, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var now = parts.Time.GetLocalNow();
        var stored = await StoreAsync(mailbox.Account, [.. items.Select(item => RowOf(item, mailbox, now))]);
        return stored[0].Status switch
        {
            AppendStatus.Stored => new(
                (uint)stored[0].UidValidity, UidSet.Range(new((uint)stored[0].Uid), new((uint)stored[^1].Uid)), new(stored[0].ModSeq)),
            AppendStatus.OverQuota => throw new MailException(MailError.OverQuota, "The account is over its quota"),
            _ => throw new MailException(MailError.NotFound, "The mailbox was deleted"),
        };
    }

    public ValueTask<IReadOnlyList<MessageRow>> ReadRowsAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct) =>
        IsMine(mailbox) ? parts.Reader.RowsAsync(mailbox, uids, ct) : others.ReadRowsAsync(mailbox, uids, ct);

    public ValueTask<IReadOnlyList<(Uid Uid, MessageBody Body)>> ReadBodiesAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct) =>
        IsMine(mailbox) ? parts.Reader.BodiesAsync(mailbox, uids, ct) : others.ReadBodiesAsync(mailbox, uids, ct);

    public ValueTask<IReadOnlyList<(Uid Uid, MessageBody Header)>> ReadHeadersAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct) =>
        IsMine(mailbox) ? parts.Reader.HeadersAsync(mailbox, uids, ct) : others.ReadHeadersAsync(mailbox, uids, ct);

    public ValueTask<UidSet> SearchAsync(MailboxSnapshot mailbox, SearchQuery query, CancellationToken ct, WorkProgress? progress = null) =>
        IsMine(mailbox.Id) ? parts.Search.RunAsync(mailbox, query, progress, ct) : others.SearchAsync(mailbox, query, progress, ct);

    public ValueTask<IReadOnlyDictionary<Uid, int>> RelevancyAsync(MailboxSnapshot mailbox, UidSet uids, SearchQuery query, CancellationToken ct) =>
        IsMine(mailbox.Id) ? parts.Relevancy.RunAsync(mailbox, uids, query, ct) : others.RelevancyAsync(mailbox, uids, query, ct);

    public ValueTask<IReadOnlyList<Uid>> SortAsync(
        MailboxSnapshot mailbox, UidSet uids, IReadOnlyList<SortTerm> terms, IReadOnlyDictionary<Uid, int>? relevancy, CancellationToken ct) =>
        IsMine(mailbox.Id) ? parts.Sorter.RunAsync(mailbox, uids, terms, relevancy, ct) : others.SortAsync(mailbox, uids, terms, relevancy, ct);

    public ValueTask<IReadOnlyList<ThreadNode>> ThreadAsync(MailboxSnapshot mailbox, UidSet uids, ThreadAlgorithm algorithm, CancellationToken ct) =>
        IsMine(mailbox.Id) ? parts.Threader.RunAsync(mailbox, uids, algorithm, ct) : others.ThreadAsync(mailbox, uids, algorithm, ct);

    public ValueTask<FlagsChanged> ChangeFlagsAsync(MailboxId mailbox, UidSet uids, FlagChange change, ModSeq? unchangedSince, CancellationToken ct) =>
        IsMine(mailbox)
            ? parts.Flagging.ChangeAsync(mailbox, uids, change, unchangedSince, ct)
            : others.ChangeFlagsAsync(mailbox, uids, change, unchangedSince, ct);

    public ValueTask<Transferred> CopyAsync(MailboxId from, UidSet uids, MailboxId to, CancellationToken ct) =>
        TransferAsync(from, uids, to, remove: false, ct);

    public ValueTask<Transferred> MoveAsync(MailboxId from, UidSet uids, MailboxId to, CancellationToken ct) =>
        TransferAsync(from, uids, to, remove: true, ct);

    public ValueTask<Expunged> ExpungeAsync(MailboxId mailbox, UidSet? only, CancellationToken ct) =>
        IsMine(mailbox)
            ? parts.Transfers.ExpungeAsync(mailbox, only ?? Everything, IsDeleted, ct)
            : others.ExpungeAsync(mailbox, only ?? Everything, IsDeleted, MailboxRights.Read | MailboxRights.Expunge, ct);

    public ValueTask<Expunged> RemoveAsync(MailboxId mailbox, UidSet uids, CancellationToken ct) =>
        IsMine(mailbox)
            ? parts.Transfers.ExpungeAsync(mailbox, uids, _ => true, ct)
            : others.ExpungeAsync(mailbox, uids, _ => true, MailboxRights.Read | MailboxRights.DeleteMessages | MailboxRights.Expunge, ct);

    private static bool IsDeleted(IndexEntry entry) => entry.Flags.Has(FlagSet.Deleted);

    private ValueTask<Transferred> TransferAsync(MailboxId from, UidSet uids, MailboxId to, bool remove, CancellationToken ct) => IsMine(from) && IsMine(to)
        ? parts.Transfers.TransferAsync(from, uids, to, remove, ct)
        : others.TransferAsync(from, uids, to, remove, ct);

    public async ValueTask<Replaced?> ReplaceAsync(MailboxId from, Uid uid, MailboxId to, AppendItem item, CancellationToken ct)
    {
        // RFC 8508 section 4.1: the rights of UID EXPUNGE here, those of APPEND there.
        if (!IsMine(from))
            await others.DemandAsync(from, MailboxRights.Read | MailboxRights.DeleteMessages | MailboxRights.Expunge, ct);
        if (IsMine(to) && IsMine(from))
            return await parts.Replacing.ReplaceAsync(from, uid, RowOf(item, to, parts.Time.GetLocalNow()), to.Account, ct);
        return await ReplaceSharedAsync(from, uid, to, item, ct);
    }

    private async ValueTask<Replaced?> ReplaceSharedAsync(MailboxId from, Uid uid, MailboxId to, AppendItem item, CancellationToken ct)
    {
        if (IsMine(to))
        {
            var mine = await parts.Replacing.ReplaceAsync(from, uid, RowOf(item, to, parts.Time.GetLocalNow()), to.Account, ct);
            await others.CatchUpAsync(from);
            return mine;
        }

        var allowed = await others.BeforeAppendAsync(to, [item], ct);
        var row = RowOf(allowed[0] with { Flags = allowed[0].Flags.Without(FlagSet.Seen) }, to, parts.Time.GetLocalNow());
        var replaced = await parts.Replacing.ReplaceAsync(from, uid, row, to.Account, ct);
        if (replaced is not null)
            await others.AfterAppendAsync(to, allowed, replaced.Appended);
        if (!IsMine(from))
            await others.CatchUpAsync(from);
        return replaced;
    }

    public async ValueTask<ChangeSet> ChangesSinceAsync(MailboxSnapshot mailbox, ModSeq since, CancellationToken ct)
    {
        if (!IsMine(mailbox.Id))
            return await others.ChangesSinceAsync(mailbox, since, ct);
        if (since >= mailbox.HighestModSeq)
            return new(UidSet.Empty, UidSet.Empty);
        var vanished = await parts.Reader.VanishedAsync(mailbox.Id, since, mailbox.HighestModSeq, ct);
        return new(vanished, ((Snapshot)mailbox).ChangedSince(since.Value));
    }

    private AppendRow RowOf(AppendItem item, MailboxId mailbox, DateTimeOffset now) =>
        parts.Settings.Limits.MessageSize > 0 && item.Message.Size > parts.Settings.Limits.MessageSize
            ? throw new MailException(MailError.TooLarge, "The message is larger than this server takes")
            : new(StoredMessage.Of(item.Message), 1, mailbox.Number, SpecialUse.None, false, false, item.Flags, item.Received ?? now, null, null);

    private async ValueTask<AppendedRow[]> StoreAsync(AccountId owner, List<AppendRow> rows)
    {
        try
        {
            // Not cancelled once it is handed over: it may be on disk already.
            var stored = await parts.Lane.StoreAsync(new(new() { [owner.Value] = rows }, null));
            return stored[owner.Value];
        }
        catch (Npgsql.NpgsqlException e)
        {
            throw StoreErrors.Translate(e);
        }
    }

    private bool IsMine(MailboxId mailbox) => mailbox.Account == account;
}
