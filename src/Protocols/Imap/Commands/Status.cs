using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.List;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>STATUS (RFC 3501 section 6.3.10).</summary>
internal sealed record Status(MailboxName Name, IReadOnlyList<StatusItem> Items) : IAuthenticatedCommand<Status>
{
    public static Verb Verb { get; } = new("STATUS");

    public static Status Parse(ref ImapReader r)
    {
        r.Space();
        var name = r.Mailbox();
        r.Space();
        var items = StatusItems.Parse(ref r);
        r.End();
        return new(name, items);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        if (await mail.Mailboxes.FindAsync(Name, ct) is not { } info)
            return Reply.No("There is no such mailbox", Code.NonExistent);
        if (!info.Rights.Has(MailboxRights.Read))
            return Replies.NotAllowed(info.Rights);
        if (Items.Contains(StatusItems.Table.Find("HIGHESTMODSEQ"u8)!))
            session.SwitchOnCondstore();
        await StatusItems.WriteAsync(session, mail, info, Items, ct);
        return Reply.Done;
    }
}
