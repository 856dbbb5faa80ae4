using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.Sharing;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>SETACL (RFC 4314 section 3.1).</summary>
internal sealed record SetAcl(MailboxName Mailbox, AclIdentifier Who, AclOperation Operation, MailboxRights Rights) : IAuthenticatedCommand<SetAcl>
{
    public static Verb Verb { get; } = new("SETACL") { Capability = "ACL RIGHTS=texk" };

    public static SetAcl Parse(ref ImapReader r)
    {
        r.Space();
        var mailbox = r.Mailbox();
        r.Space();
        var who = AclWords.Identifier(ref r);
        r.Space();
        var letters = r.AString();
        r.End();
        var operation = letters switch
        {
            ['+', ..] => AclOperation.Add,
            ['-', ..] => AclOperation.Remove,
            _ => AclOperation.Replace,
        };
        return new(mailbox, AclWords.Known(who), operation, AclWords.Rights(operation == AclOperation.Replace ? letters : letters[1..]));
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        await mail.Sharing.SetAsync(Mailbox, Who, Operation, Rights, ct);
        return Reply.Done;
    }
}

/// <summary>DELETEACL (RFC 4314 section 3.2).</summary>
internal sealed record DeleteAcl(MailboxName Mailbox, AclIdentifier Who) : IAuthenticatedCommand<DeleteAcl>
{
    public static Verb Verb { get; } = new("DELETEACL");

    public static DeleteAcl Parse(ref ImapReader r)
    {
        r.Space();
        var mailbox = r.Mailbox();
        r.Space();
        var who = AclWords.Identifier(ref r);
        r.End();
        return new(mailbox, AclWords.Known(who));
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        await mail.Sharing.SetAsync(Mailbox, Who, AclOperation.Replace, MailboxRights.None, ct);
        return Reply.Done;
    }
}
