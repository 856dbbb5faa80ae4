using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store;

/// <summary>A mailbox with its counters, exact as of the read.</summary>
/// <param name="HighestModSeq">The last change of any kind (RFC 7162).</param>
/// <param name="Size">The sum of the messages' sizes in bytes (RFC 8438).</param>
public sealed record MailboxInfo(
    MailboxId Id,
    MailboxName Name,
    SpecialUse SpecialUse,
    bool IsSubscribed,
    bool HasChildren,
    uint UidValidity,
    Uid UidNext,
    ModSeq HighestModSeq,
    int Messages,
    int Unseen,
    int Deleted,
    long Size)
{
    /// <summary>The first UID that no session has been told of yet: what STATUS counts as RECENT.</summary>
    public Uid RecentFrom { get; init; }

    /// <summary>What the principal may do with it as of the read: everything with its own.</summary>
    public MailboxRights Rights { get; init; } = MailboxRights.All;

    /// <summary>
    /// Whose it is; null: the principal's own. What another's mailbox says of itself is what this principal may know: no special use, no counters without the
    /// right to read, and <see cref="Unseen"/> is -1 where only a snapshot knows it, since \Seen is each reader's own.
    /// </summary>
    public EmailAddress? Owner { get; init; }

    /// <summary>False: only a name, left of a mailbox that was deleted while others stood below it. No mailbox has its id.</summary>
    public bool IsSelectable => Id.Number != 0;
}

/// <summary>A subscription to a name, whether a mailbox of that name exists or not (RFC 9051 section 6.3.7).</summary>
public sealed record Subscription(MailboxName Name, bool Exists);

/// <summary>What an account keeps, and what it may keep. A copy counts again.</summary>
/// <param name="LimitBytes">Null: no limit.</param>
/// <param name="MessageLimit">Null: no limit.</param>
public sealed record QuotaInfo(long UsedBytes, long? LimitBytes, long Messages, long? MessageLimit);

/// <summary>What an account may keep (RFC 9208 section 5: STORAGE and MESSAGE). Who is above a limit that was lowered keeps what is there, and gets no more.</summary>
/// <param name="Bytes">Null: no limit.</param>
/// <param name="Messages">Null: no limit.</param>
public readonly record struct QuotaLimits(long? Bytes, long? Messages);
