using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.List;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>DELETE (RFC 3501 section 6.3.4). A mailbox with others below it leaves a \Noselect name.</summary>
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
        try
        {
            if (await mail.Mailboxes.DeleteLeavingNameAsync(Name, ct) is { } gone && session.Selected?.Id == gone)
            {
                session.Unselect();
                session.Out.Line($"* OK [{Code.Closed}] The selected mailbox was deleted");
            }

            session.Notifier?.Own.Add(Name);
            ListLine.WriteGone(session, Name);
            return Reply.Ok("Deleted");
        }
        catch (MailException e) when (e.Error == MailError.InUse && !(OthersName.TryParse(Name)?.Name ?? Name).IsInbox)
        {
            return Reply.No(e.Message, Code.HasChildren);
        }
    }
}
