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

    /// <summary>False: only a name, left of a mailbox that was deleted while others stood below it. No mailbox has its id.</summary>
    public bool IsSelectable => Id.Number != 0;
}

/// <summary>A subscription to a name, whether a mailbox of that name exists or not (RFC 9051 section 6.3.7).</summary>
public sealed record Subscription(MailboxName Name, bool Exists);

/// <param name="Limit">Null: no limit.</param>
public sealed record QuotaInfo(long UsedBytes, long? LimitBytes, long Messages);
