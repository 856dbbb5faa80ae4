using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap;

/// <summary>Answers that several commands give.</summary>
internal static class Replies
{
    /// <summary>RFC 9051 section 9 (seq-number): a message number above EXISTS, or "*" where there is none.</summary>
    public static readonly Reply NoSuchMessage = Reply.Bad("There is no message of this number");

    /// <summary>RFC 4314 section 6: who may not see that the mailbox is there gets the answer of one that isn't.</summary>
    public static Reply NotAllowed(MailboxRights rights) => (rights & (MailboxRights.Lookup | MailboxRights.Read)) != MailboxRights.None
        ? Reply.No("You may not do that with this mailbox", Code.NoPerm)
        : Reply.No("There is no such mailbox", Code.NonExistent);

    /// <summary>The target of messages isn't there. TRYCREATE only where the client may make it for sure.</summary>
    public static Reply NoTarget(MailboxName name) => Reply.No("There is no such mailbox", OthersName.IsInside(name) ? Code.NonExistent : Code.TryCreate);

    /// <summary>The code for who syncs by modseq, where something was expunged.</summary>
    public static Code? HighestModSeq(ImapSession session, UidSet expunged, ModSeq modSeq) =>
        session.IsCondstore && !expunged.IsEmpty ? Code.HighestModSeq(modSeq) : null;

    /// <summary>RFC 2180 section 4.1.2 and RFC 5530.</summary>
    public static readonly Reply SomeAreGone = Reply.No("Some of the messages are no longer there", Code.ExpungeIssued);
}
