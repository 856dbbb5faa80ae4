using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Commands;

/// <param name="Received">INTERNALDATE; null: now.</param>
internal sealed record AppendedMessage(FlagNames Flags, DateTimeOffset? Received, SpooledLiteral Message);

/// <summary>
/// APPEND (RFC 3501 section 6.3.11), of several messages at once (RFC 3502) and of ones with NUL (RFC 3516 section 5), answered with APPENDUID (RFC 4315).
/// The messages went to spools while they arrived; all are stored, or none.
/// </summary>
internal sealed record Append(MailboxName Name, IReadOnlyList<AppendedMessage> Messages) : IAuthenticatedCommand<Append>
{
    public static Verb Verb { get; } = new("APPEND")
    {
        // The first literal may be the mailbox's name; whatever comes behind the name is a message.
        IsMessage = static arguments => !arguments.IsEmpty,
        Capability = "MULTIAPPEND",
    };

    public static Append Parse(ref ImapReader r)
    {
        r.Space();
        var name = r.Mailbox();
        var messages = new List<AppendedMessage>(1);
        do
        {
            r.Space();
            messages.Add(One(ref r));
        }
        while (r.NextIs(' '));
        r.End();
        return new(name, messages);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        if (await mail.Mailboxes.FindAsync(Name, ct) is not { } target)
            return Reply.No("There is no such mailbox", Code.TryCreate);
        var items = new List<AppendItem>(Messages.Count);
        foreach (var (flags, received, message) in Messages)
        {
            if (message.Length == 0)
                return Reply.No("A message of no octets can't be kept", Code.Cannot);
            items.Add(new(await message.Spool.CompleteAsync(default, ct), await ImapSession.FlagsAsync(mail, flags, ct), received));
        }

        try
        {
            var appended = await mail.Messages.AppendAsync(target.Id, items, ct);
            session.Notifier?.Own.Add(target.Id, appended.Uids, appended.ModSeq);
            return Reply.Ok("Appended", Code.AppendUid(appended.UidValidity, appended.Uids));
        }
        catch (MailException e) when (e.Error == MailError.NotFound)
        {
            return Reply.No("There is no such mailbox", Code.TryCreate);
        }
    }

    private static AppendedMessage One(ref ImapReader r)
    {
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

        if (!r.TakeName("UTF8"u8))
            return new(flags, received, r.Message());

        // RFC 6855 section 4, which RFC 9755 did away with: some clients still send it.
        r.Space();
        r.Open();
        var message = r.Message();
        r.Close();
        return new(flags, received, message);
    }
}
