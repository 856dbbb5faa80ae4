using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>SUBSCRIBE (RFC 3501 section 6.3.6). The name need not exist: a mailbox may come and go.</summary>
internal sealed record Subscribe(MailboxName Name) : IAuthenticatedCommand<Subscribe>
{
    public static Verb Verb { get; } = new("SUBSCRIBE");

    public static Subscribe Parse(ref ImapReader r)
    {
        r.Space();
        var name = r.NewMailbox();
        r.End();
        return new(name);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        await mail.Mailboxes.SetSubscribedAsync(Name, subscribed: true, ct);
        session.Notifier?.Own.Add(Name);
        return Reply.Done;
    }
}

/// <summary>UNSUBSCRIBE (RFC 3501 section 6.3.7).</summary>
internal sealed record Unsubscribe(MailboxName Name) : IAuthenticatedCommand<Unsubscribe>
{
    public static Verb Verb { get; } = new("UNSUBSCRIBE");

    public static Unsubscribe Parse(ref ImapReader r)
    {
        r.Space();
        var name = r.NewMailbox();
        r.End();
        return new(name);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        await mail.Mailboxes.SetSubscribedAsync(Name, subscribed: false, ct);
        session.Notifier?.Own.Add(Name);
        return Reply.Done;
    }
}
