using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store;

/// <summary>What is known of a message in a mailbox without reading a row: the in-memory index holds one for each (at most 64 bytes).</summary>
/// <param name="Received">INTERNALDATE: seconds since 1970 UTC.</param>
/// <param name="ReceivedZone">INTERNALDATE's zone, in minutes east of UTC.</param>
/// <param name="SentDay">The day in the Date header as written there (days since 0001-01-01, <see cref="DateOnly.DayNumber"/>); -1: no usable Date.</param>
/// <param name="Saved">When it came into this mailbox: seconds since 1970 UTC (RFC 8514).</param>
/// <param name="Sent">The Date header: seconds since 1970 UTC; <see cref="NoDate"/>: no usable Date.</param>
public readonly record struct IndexEntry(
    Uid Uid, FlagSet Flags, ModSeq ModSeq, long Message, uint Size, long Received, short ReceivedZone, int SentDay, long Saved, long Sent)
{
    public const long NoDate = long.MinValue;
}

/// <summary>
/// A mailbox at one moment, ordered by UID; position i is message sequence number i + 1. Immutable and shared by all sessions of a node:
/// unchanged stretches are the same memory in the next snapshot. Nothing reads the database.
/// </summary>
public abstract class MailboxSnapshot
{
    public abstract MailboxId Id { get; }

    public abstract uint UidValidity { get; }

    public abstract Uid UidNext { get; }

    public abstract ModSeq HighestModSeq { get; }

    /// <summary>How many keywords the account had when the mailbox was last read: see <see cref="IMailboxStore.KeywordsAsync"/>.</summary>
    public abstract int KeywordCount { get; }

    public abstract int Count { get; }

    public abstract int Unseen { get; }

    /// <summary>The entry at a position from 0.</summary>
    public abstract IndexEntry this[int position] { get; }

    /// <summary>The position of a UID, or the bitwise complement of where it would stand (as Array.BinarySearch).</summary>
    public abstract int Find(Uid uid);

    /// <summary>The position of the first message without \Seen, or -1.</summary>
    public abstract int FirstUnseen { get; }

    public EmailId EmailIdOf(in IndexEntry entry) => new(Id.Account, entry.Message);

    /// <summary>
    /// What happened since an older snapshot of the same mailbox (same UIDVALIDITY): what went, what came, whose flags changed
    /// (only messages that are in both). Costs what changed, not what is there.
    /// </summary>
    public abstract MailboxDelta Since(MailboxSnapshot older);
}

/// <param name="Vanished">In the older one, no longer in the newer.</param>
/// <param name="Arrived">Only in the newer.</param>
/// <param name="Changed">In both, with a higher modseq now.</param>
public sealed record MailboxDelta(UidSet Vanished, UidSet Arrived, UidSet Changed)
{
    public bool IsEmpty => Vanished.IsEmpty && Arrived.IsEmpty && Changed.IsEmpty;
}
