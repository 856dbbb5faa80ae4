using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.Sharing;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>GETACL (RFC 4314 section 3.3).</summary>
internal sealed record GetAcl(MailboxName Mailbox) : IAuthenticatedCommand<GetAcl>
{
    public static Verb Verb { get; } = new("GETACL");

    public static GetAcl Parse(ref ImapReader r)
    {
        r.Space();
        var mailbox = r.Mailbox();
        r.End();
        return new(mailbox);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        var entries = await mail.Sharing.ListAsync(Mailbox, ct);
        session.Out.Write($"* ACL {Mailbox}");
        foreach (var entry in entries)
            session.Out.Write($" {new Quoted(entry.Who.ToString())} {entry.Rights}");
        session.Out.Line($"");
        return Reply.Done;
    }
}

/// <summary>LISTRIGHTS (RFC 4314 section 3.4). No rights are tied to each other.</summary>
internal sealed record ListRights(MailboxName Mailbox, string Identifier, AclIdentifier Who) : IAuthenticatedCommand<ListRights>
{
    public static Verb Verb { get; } = new("LISTRIGHTS");

    public static ListRights Parse(ref ImapReader r)
    {
        r.Space();
        var mailbox = r.Mailbox();
        r.Space();
        var identifier = AclWords.Identifier(ref r);
        r.End();
        return new(mailbox, identifier, AclWords.Known(identifier));
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        var always = await mail.Sharing.AlwaysAsync(Mailbox, Who, ct);

        // The identifier as the client wrote it (RFC 4314 section 3.4).
        session.Out.Write($"* LISTRIGHTS {Mailbox} {new Quoted(Identifier)} {always}");
        if (always == MailboxRights.None)
            session.Out.Raw(" l r s w i p k x t e a c d"u8);
        session.Out.Line($"");
        return Reply.Done;
    }
}

/// <summary>MYRIGHTS (RFC 4314 section 3.5).</summary>
internal sealed record MyRights(MailboxName Mailbox) : IAuthenticatedCommand<MyRights>
{
    public static Verb Verb { get; } = new("MYRIGHTS");

    public static MyRights Parse(ref ImapReader r)
    {
        r.Space();
        var mailbox = r.Mailbox();
        r.End();
        return new(mailbox);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        if (await mail.Mailboxes.FindAsync(Mailbox, ct) is not { } info)
            return Reply.No("There is no such mailbox", Code.NonExistent);
        session.Out.Line($"* MYRIGHTS {Mailbox} {info.Rights}");
        return Reply.Done;
    }
}
