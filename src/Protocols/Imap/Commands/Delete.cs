using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>DELETE (RFC 3501 section 6.3.4).</summary>
internal sealed record Delete(MailboxName Name) : IAuthenticatedCommand<Delete>
{
    public static Verb Verb { get; } = new("DELETE");

    public static Delete Parse(ref ImapReader r)
    {
        r.Space();
        var name = r.Mailbox();
        r.End();
        return new(name);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        if (await mail.Mailboxes.FindAsync(Name, ct) is not { } info)
            return Reply.No("There is no such mailbox", Code.NonExistent);
        if (info.HasChildren && !Name.IsInbox)
            return Reply.No("The mailbox has others below it", Code.HasChildren);
        await mail.Mailboxes.DeleteAsync(Name, ct);
        if (session.Selected?.Id == info.Id)
        {
            session.Unselect();
            session.Out.Line($"* OK [{Code.Closed}] The selected mailbox was deleted");
        }

        return Reply.Ok("Deleted");
    }
}
