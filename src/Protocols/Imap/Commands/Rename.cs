using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.List;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>RENAME (RFC 3501 section 6.3.5). Renaming INBOX moves its messages out; the store does it.</summary>
internal sealed record Rename(MailboxName From, MailboxName To) : IAuthenticatedCommand<Rename>
{
    public static Verb Verb { get; } = new("RENAME");

    public static Rename Parse(ref ImapReader r)
    {
        r.Space();
        var from = r.NewMailbox();
        r.Space();
        var to = r.NewMailbox();
        r.End();
        return new(from, to);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        await mail.Mailboxes.RenameAsync(From, To, ct);
        session.Notifier?.Own.Add(From);
        session.Notifier?.Own.Add(To);
        ListLine.WriteGone(session, From);
        if (ListLine.OldName(session, To) is not null && await mail.Mailboxes.FindAsync(To, ct) is { } renamed)
            ListLine.WriteCanonical(session, renamed);
        return Reply.Ok("Renamed");
    }
}
