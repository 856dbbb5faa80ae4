using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store;

/// <summary>
/// The mailboxes that one principal sees: its own, and under "Other Users/" (<see cref="OthersName"/>) those of others as far as it has rights there. Every
/// account has INBOX, Drafts, Sent, Junk, Trash and Archive from its first day.
/// </summary>
public interface IMailboxStore
{
    /// <summary>All mailboxes of its own by name (ordinal, INBOX first), with counters.</summary>
    ValueTask<IReadOnlyList<MailboxInfo>> ListAsync(CancellationToken ct);

    /// <summary>
    /// The same with the names that can't be selected, those for which <see cref="MailboxInfo.IsSelectable"/> is false, and with others' mailboxes that it may list.
    /// </summary>
    ValueTask<IReadOnlyList<MailboxInfo>> ListNamesAsync(CancellationToken ct);

    /// <summary>Its own, those that can't be selected and names that are subscribed only, now and whenever anything of it changes (RFC 5465).</summary>
    /// <param name="changed">There is a newer listing. It runs on the store's thread: it must only set a flag or wake someone.</param>
    ValueTask<IMailboxListWatch> WatchAsync(Action changed, CancellationToken ct);

    /// <summary>Null when there is none, or one of another's where this principal has no right at all.</summary>
    ValueTask<MailboxInfo?> FindAsync(MailboxName name, CancellationToken ct);

    /// <summary>By what <see cref="MailboxId.ToString"/> gave, for URLs. Null when there is none, or none that this principal may see.</summary>
    ValueTask<MailboxInfo?> FindAsync(string mailboxId, CancellationToken ct);

    ValueTask<MailboxInfo?> FindAsync(SpecialUse use, CancellationToken ct);

    /// <summary>The row as it stands now; null when the mailbox was deleted meanwhile.</summary>
    ValueTask<MailboxInfo?> GetAsync(MailboxId id, CancellationToken ct);

    /// <summary>
    /// Makes missing parents too. A name used before gets a higher UIDVALIDITY. What is made has the rights' list of the one above it; in another's account it takes
    /// <see cref="MailboxRights.CreateMailbox"/> there.
    /// </summary>
    /// <exception cref="MailException">AlreadyExists, Invalid, LimitReached, NoPermission</exception>
    ValueTask<MailboxInfo> CreateAsync(MailboxName name, SpecialUse use, CancellationToken ct);

    /// <summary>
    /// Renames with all children, a name that can't be selected too, making missing parents. Renaming INBOX moves its messages to a new mailbox and leaves it empty
    /// (RFC 9051 section 6.3.6). Subscriptions stay as they are.
    /// </summary>
    /// <exception cref="MailException">NotFound, AlreadyExists, Invalid; NoPermission: <see cref="MailboxRights.DeleteMailbox"/>, or what making it takes</exception>
    ValueTask RenameAsync(MailboxName from, MailboxName to, CancellationToken ct);

    /// <summary>Deletes with all messages.</summary>
    /// <exception cref="MailException">NotFound; InUse: INBOX, or it has children</exception>
    ValueTask DeleteAsync(MailboxName name, CancellationToken ct);

    /// <summary>
    /// Deletes as IMAP does (RFC 3501 section 6.3.4): one that has children leaves a name that can't be selected, and such a name can be deleted when nothing
    /// stands below it any more.
    /// </summary>
    /// <returns>The mailbox that is gone; null: it was such a name only.</returns>
    /// <exception cref="MailException">NotFound; InUse: INBOX, or a name that can't be selected and has children</exception>
    ValueTask<MailboxId?> DeleteLeavingNameAsync(MailboxName name, CancellationToken ct);

    ValueTask<IReadOnlyList<Subscription>> ListSubscriptionsAsync(CancellationToken ct);

    /// <summary>Subscribing twice, or unsubscribing what is not subscribed, is no error.</summary>
    ValueTask SetSubscribedAsync(MailboxName name, bool subscribed, CancellationToken ct);

    ValueTask<QuotaInfo> QuotaAsync(CancellationToken ct);

    /// <summary>The account's keywords (IMAP's user flags): from memory where as many are known there.</summary>
    /// <param name="atLeast">How many there are: <see cref="MailboxSnapshot.KeywordCount"/> of a mailbox, whose flags all have names then.</param>
    ValueTask<KeywordTable> KeywordsAsync(int atLeast, CancellationToken ct);

    /// <summary>The keywords of the account whose mailbox it is.</summary>
    /// <exception cref="MailException">NotFound, NoPermission: it is another's</exception>
    ValueTask<KeywordTable> KeywordsAsync(MailboxId mailbox, int atLeast, CancellationToken ct);

    /// <summary>As <see cref="KeywordBitsAsync(IReadOnlyCollection{string}, CancellationToken)"/> for flags in this mailbox; none where its flags may not be changed.</summary>
    ValueTask<FlagSet> KeywordBitsAsync(MailboxId mailbox, IReadOnlyCollection<string> names, CancellationToken ct);

    /// <summary>What the principal may do with a mailbox now: all with its own, without asking the database.</summary>
    ValueTask<MailboxRights> RightsAsync(MailboxId mailbox, CancellationToken ct);

    /// <summary>The bits of these keywords, new ones made as needed.</summary>
    /// <exception cref="MailException">LimitReached: more than 55 keywords; Invalid: not an IMAP atom, or longer than 200 bytes</exception>
    ValueTask<FlagSet> KeywordBitsAsync(IReadOnlyCollection<string> names, CancellationToken ct);
}
