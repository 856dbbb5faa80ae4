using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store.Search;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>What the stores of all principals share.</summary>
internal sealed record StoreParts(
    MailboxIndex Index, MessageReader Reader, Flagging Flagging, Transfers Transfers, CommitLane Lane, ISearch Search, Sorter Sorter, Threader Threader, WebmailSettings Settings, TimeProvider Time);

/// <summary>The messages that one principal may see and change: checks whose mailbox it is, and hands on to the verb.</summary>
internal sealed class MessageStore(StoreParts parts, AccountId account) : IMessageStore
{
    private static readonly UidSet Everything = UidSet.Range(new(1), new(uint.MaxValue));

    public async ValueTask<MailboxSnapshot> OpenAsync(MailboxId mailbox, CancellationToken ct) => await parts.Index.OpenAsync(Mine(mailbox), ct);

    public MailboxSnapshot? Current(MailboxId mailbox) => parts.Index.Current(Mine(mailbox));

    public async ValueTask<Uid> ClaimRecentAsync(MailboxId mailbox, CancellationToken ct)
    {
        if (parts.Index.NothingIsRecent(Mine(mailbox), out var from))
            return from;
        var claimed = await parts.Reader.ClaimRecentAsync(mailbox, ct);
        // At least what this node knows of has been announced now.
        parts.Index.Claimed(mailbox, Math.Max(claimed, parts.Index.Current(mailbox)?.State.UidNext ?? 0));
        return new((uint)claimed);
    }

    public async ValueTask<Appended> AppendAsync(MailboxId mailbox, IReadOnlyList<AppendItem> items, CancellationToken ct)
    {
        Mine(mailbox);
        if (items.Count == 0)
            throw new ArgumentException("Nothing to append", nameof(items));
        ct.ThrowIfCancellationRequested();
        var now = parts.Time.GetLocalNow();
        var rows = new List<AppendRow>(items.Count);
        foreach (var item in items)
        {
            if (parts.Settings.Limits.MessageSize > 0 && item.Message.Size > parts.Settings.Limits.MessageSize)
                throw new MailException(MailError.TooLarge, "The message is larger than this server takes");
            rows.Add(new(
                StoredMessage.Of(item.Message), 1, mailbox.Number, SpecialUse.None, false, false, item.Flags, item.Received ?? now, null, null));
        }

        var stored = await StoreAsync(rows);
        return stored[0].Status switch
        {
            AppendStatus.Stored => new(
                (uint)stored[0].UidValidity, UidSet.Range(new((uint)stored[0].Uid), new((uint)stored[^1].Uid)), new(stored[0].ModSeq)),
            AppendStatus.OverQuota => throw new MailException(MailError.OverQuota, "The account is over its quota"),
            _ => throw new MailException(MailError.NotFound, "The mailbox was deleted"),
        };
    }

    public ValueTask<IReadOnlyList<MessageRow>> ReadRowsAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct) =>
        parts.Reader.RowsAsync(Mine(mailbox), uids, ct);

    public ValueTask<IReadOnlyList<(Uid Uid, MessageBody Body)>> ReadBodiesAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct) =>
        parts.Reader.BodiesAsync(Mine(mailbox), uids, ct);

    public ValueTask<IReadOnlyList<(Uid Uid, MessageBody Header)>> ReadHeadersAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct) =>
        parts.Reader.HeadersAsync(Mine(mailbox), uids, ct);

    public ValueTask<UidSet> SearchAsync(MailboxSnapshot mailbox, SearchQuery query, CancellationToken ct)
    {
        Mine(mailbox.Id);
        return parts.Search.RunAsync(mailbox, query, ct);
    }

    public ValueTask<IReadOnlyList<Uid>> SortAsync(MailboxSnapshot mailbox, UidSet uids, IReadOnlyList<SortTerm> terms, CancellationToken ct)
    {
        Mine(mailbox.Id);
        return parts.Sorter.RunAsync(mailbox, uids, terms, ct);
    }

    public ValueTask<IReadOnlyList<ThreadNode>> ThreadAsync(MailboxSnapshot mailbox, UidSet uids, ThreadAlgorithm algorithm, CancellationToken ct)
    {
        Mine(mailbox.Id);
        return parts.Threader.RunAsync(mailbox, uids, algorithm, ct);
    }

    public ValueTask<FlagsChanged> ChangeFlagsAsync(MailboxId mailbox, UidSet uids, FlagChange change, ModSeq? unchangedSince, CancellationToken ct) =>
        parts.Flagging.ChangeAsync(Mine(mailbox), uids, change, unchangedSince, ct);

    public ValueTask<Transferred> CopyAsync(MailboxId from, UidSet uids, MailboxId to, CancellationToken ct) =>
        parts.Transfers.TransferAsync(Mine(from), uids, Mine(to), remove: false, ct);

    public ValueTask<Transferred> MoveAsync(MailboxId from, UidSet uids, MailboxId to, CancellationToken ct) =>
        parts.Transfers.TransferAsync(Mine(from), uids, Mine(to), remove: true, ct);

    public ValueTask<Expunged> ExpungeAsync(MailboxId mailbox, UidSet? only, CancellationToken ct) =>
        parts.Transfers.ExpungeAsync(Mine(mailbox), only ?? Everything, e => e.Flags.Has(FlagSet.Deleted), ct);

    public ValueTask<Expunged> RemoveAsync(MailboxId mailbox, UidSet uids, CancellationToken ct) =>
        parts.Transfers.ExpungeAsync(Mine(mailbox), uids, _ => true, ct);

    public async ValueTask<ChangeSet> ChangesSinceAsync(MailboxSnapshot mailbox, ModSeq since, CancellationToken ct)
    {
        Mine(mailbox.Id);
        if (since >= mailbox.HighestModSeq)
            return new(UidSet.Empty, UidSet.Empty);
        var vanished = await parts.Reader.VanishedAsync(mailbox.Id, since, mailbox.HighestModSeq, ct);
        return new(vanished, ((Snapshot)mailbox).ChangedSince(since.Value));
    }

    private async ValueTask<AppendedRow[]> StoreAsync(List<AppendRow> rows)
    {
        try
        {
            // Not cancelled once it is handed over: it may be on disk already.
            var stored = await parts.Lane.StoreAsync(new(new() { [account.Value] = rows }, null));
            return stored[account.Value];
        }
        catch (Npgsql.NpgsqlException e)
        {
            throw StoreErrors.Translate(e);
        }
    }

    // Only rights-checked lookups hand out a MailboxId; today each principal sees its own account only.
    private MailboxId Mine(MailboxId mailbox) =>
        mailbox.Account == account ? mailbox : throw new MailException(MailError.NoPermission, "That mailbox is not yours");
}
