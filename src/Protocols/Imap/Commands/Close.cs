using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>CLOSE (RFC 3501 section 6.4.2): removes what is \Deleted without a word, and closes.</summary>
internal sealed record Close : ISelectedCommand<Close>
{
    public static Verb Verb { get; } = new("CLOSE") { Leaves = true };

    public static Close Parse(ref ImapReader r)
    {
        r.End();
        return new();
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        // RFC 7162 section 3.2.8: no VANISHED, but the modseq.
        // RFC 4314 section 4: without the right it closes all the same.
        var expunged = box.IsReadOnly || !box.Rights.Has(MailboxRights.Read | MailboxRights.Expunge) ? null : await box.Mail.Messages.ExpungeAsync(box.Id, only: null, ct);
        session.Unselect();
        return Reply.Ok("Closed", expunged is null ? null : Replies.HighestModSeq(session, expunged.Uids, expunged.ModSeq));
    }
}
