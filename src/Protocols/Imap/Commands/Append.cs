using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>APPEND (RFC 3501 section 6.3.11), answered with APPENDUID (RFC 4315). The message went to a spool while it arrived.</summary>
/// <param name="Received">INTERNALDATE; null: now.</param>
internal sealed record Append(MailboxName Name, FlagNames Flags, DateTimeOffset? Received, SpooledLiteral Message) : IAuthenticatedCommand<Append>
{
    public static Verb Verb { get; } = new("APPEND")
    {
        // The first literal may be the mailbox's name; whatever comes behind the name is a message.
        IsMessage = static arguments => !arguments.IsEmpty,
    };

    public static Append Parse(ref ImapReader r)
    {
        r.Space();
        var name = r.Mailbox();
        r.Space();
        var flags = FlagNames.None;
        DateTimeOffset? received = null;
        if (r.NextIs('('))
        {
            flags = r.FlagList(bareAllowed: false);
            r.Space();
        }

        if (r.NextIs('"'))
        {
            received = r.DateTime();
            r.Space();
        }

        var message = r.Message();
        r.End();
        return new(name, flags, received, message);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        if (await mail.Mailboxes.FindAsync(Name, ct) is not { } target)
            return Reply.No("There is no such mailbox", Code.TryCreate);
        if (Message.Length == 0)
            return Reply.No("A message of no octets can't be kept", Code.Cannot);
        var flags = await ImapSession.FlagsAsync(mail, Flags, ct);
        var message = await Message.Spool.CompleteAsync(default, ct);
        try
        {
            var appended = await mail.Messages.AppendAsync(target.Id, [new(message, flags, Received)], ct);
            return Reply.Ok("Appended", Code.AppendUid(appended.UidValidity, appended.Uids));
        }
        catch (MailException e) when (e.Error == MailError.NotFound)
        {
            return Reply.No("There is no such mailbox", Code.TryCreate);
        }
    }
}
