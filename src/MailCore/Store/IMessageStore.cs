using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Search;

namespace Webmail.MailCore.Store;

/// <summary>One message to append.</summary>
/// <param name="Received">INTERNALDATE; null: now.</param>
public sealed record AppendItem(IncomingMessage Message, FlagSet Flags, DateTimeOffset? Received);

/// <param name="Uids">Of the appended messages, in the order given: always one ascending run.</param>
public sealed record Appended(uint UidValidity, UidSet Uids, ModSeq ModSeq);

/// <param name="Changed">The UIDs whose flags are as asked for now, those that already had them included.</param>
/// <param name="Modified">UNCHANGEDSINCE failed for these (RFC 7162's MODIFIED).</param>
/// <param name="Snapshot">The mailbox after the change.</param>
public sealed record FlagsChanged(UidSet Changed, UidSet Modified, ModSeq ModSeq, MailboxSnapshot Snapshot);

/// <summary>COPY or MOVE: the n-th UID of <see cref="From"/> became the n-th of <see cref="To"/>. Empty sets: nothing was there any more.</summary>
public sealed record Transferred(uint UidValidity, UidSet From, UidSet To, ModSeq ModSeq);

public sealed record Expunged(UidSet Uids, ModSeq ModSeq);

/// <summary>REPLACE: what came, and what went for it.</summary>
public sealed record Replaced(Appended Appended, Expunged Expunged);

/// <summary>What QRESYNC asks: everything after a modseq and up to a snapshot.</summary>
/// <param name="Vanished">Expunged since; null: the log doesn't reach back that far, compare with what is there.</param>
/// <param name="Changed">Arrived or flags changed since.</param>
public sealed record ChangeSet(UidSet? Vanished, UidSet Changed);

/// <summary>
/// Messages in mailboxes. Sequence numbers, tags and wire text never come here. Every write is one round trip and one transaction; when it
/// returns it is on disk, and this node's index has it.
/// </summary>
public interface IMessageStore
{
    /// <summary>The mailbox as of now: the mailbox row is read, and its changes if there are any. Several callers share the work.</summary>
    /// <exception cref="MailException">NotFound: the mailbox was deleted</exception>
    ValueTask<MailboxSnapshot> OpenAsync(MailboxId mailbox, CancellationToken ct);

    /// <summary>The newest snapshot this node knows, without asking the database; null when none is loaded.</summary>
    MailboxSnapshot? Current(MailboxId mailbox);

    /// <summary>\Recent (RFC 3501 section 2.3.2): claims the messages that no session has been told of and gives the first of their UIDs.</summary>
    ValueTask<Uid> ClaimRecentAsync(MailboxId mailbox, CancellationToken ct);

    /// <summary>All or none.</summary>
    /// <exception cref="MailException">NotFound, OverQuota, TooLarge</exception>
    ValueTask<Appended> AppendAsync(MailboxId mailbox, IReadOnlyList<AppendItem> items, CancellationToken ct);

    /// <summary>Rows for some of the UIDs, in ascending order; expunged ones are left out. Ask for pages of up to 500.</summary>
    ValueTask<IReadOnlyList<MessageRow>> ReadRowsAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct);

    /// <summary>Bodies of some UIDs, in ascending order; ones that are gone are left out. Ask for pages whose sizes sum up to a few MiB.</summary>
    ValueTask<IReadOnlyList<(Uid Uid, MessageBody Body)>> ReadBodiesAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct);

    /// <summary>Headers of some UIDs with their empty lines, in ascending order, without a look at the bodies; ones that are gone are left out. Ask for pages of up to 500.</summary>
    ValueTask<IReadOnlyList<(Uid Uid, MessageBody Header)>> ReadHeadersAsync(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct);

    /// <summary>The UIDs that match, among those of the snapshot.</summary>
    /// <param name="progress">Told of the messages that are decided; null: nobody asks.</param>
    ValueTask<UidSet> SearchAsync(MailboxSnapshot mailbox, SearchQuery query, CancellationToken ct, WorkProgress? progress = null);

    /// <summary>How well messages fit the fuzzy terms of a query: from 1 to 100 (RFC 6203 section 4).</summary>
    ValueTask<IReadOnlyDictionary<Uid, int>> RelevancyAsync(MailboxSnapshot mailbox, UidSet uids, SearchQuery query, CancellationToken ct);

    /// <summary>Some of the snapshot's messages in order (RFC 5256); between equals their order in the mailbox decides.</summary>
    /// <param name="relevancy">Needed where it is among the terms; null else.</param>
    ValueTask<IReadOnlyList<Uid>> SortAsync(
        MailboxSnapshot mailbox, UidSet uids, IReadOnlyList<SortTerm> terms, IReadOnlyDictionary<Uid, int>? relevancy, CancellationToken ct);

    /// <summary>Some of the snapshot's messages in threads (RFC 5256).</summary>
    ValueTask<IReadOnlyList<ThreadNode>> ThreadAsync(MailboxSnapshot mailbox, UidSet uids, ThreadAlgorithm algorithm, CancellationToken ct);

    /// <param name="unchangedSince">Only messages whose modseq is at most this are changed.</param>
    ValueTask<FlagsChanged> ChangeFlagsAsync(MailboxId mailbox, UidSet uids, FlagChange change, ModSeq? unchangedSince, CancellationToken ct);

    /// <exception cref="MailException">NotFound (target), OverQuota</exception>
    ValueTask<Transferred> CopyAsync(MailboxId from, UidSet uids, MailboxId to, CancellationToken ct);

    ValueTask<Transferred> MoveAsync(MailboxId from, UidSet uids, MailboxId to, CancellationToken ct);

    /// <summary>Removes the messages with \Deleted; among <paramref name="only"/> where given (UID EXPUNGE).</summary>
    ValueTask<Expunged> ExpungeAsync(MailboxId mailbox, UidSet? only, CancellationToken ct);

    /// <summary>Removes exactly these messages, \Deleted or not: POP3's QUIT and the web's "delete for good".</summary>
    ValueTask<Expunged> RemoveAsync(MailboxId mailbox, UidSet uids, CancellationToken ct);

    /// <summary>Appends a message and removes another one, both or neither (RFC 8508). What goes makes room for what comes.</summary>
    /// <returns>Null: the message to be replaced is gone; nothing was done.</returns>
    /// <exception cref="MailException">NotFound (target), OverQuota, TooLarge; nothing was done</exception>
    ValueTask<Replaced?> ReplaceAsync(MailboxId from, Uid uid, MailboxId to, AppendItem item, CancellationToken ct);

    ValueTask<ChangeSet> ChangesSinceAsync(MailboxSnapshot mailbox, ModSeq since, CancellationToken ct);
}
