using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.Appending;
using Webmail.Protocols.Imap.List;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>
/// APPEND (RFC 3501 section 6.3.11), of several messages at once (RFC 3502), of ones with NUL (RFC 3516 section 5) and of ones made of pieces (RFC 4469),
/// answered with APPENDUID (RFC 4315). The messages went to spools while they arrived; all are stored, or none.
/// </summary>
internal sealed record Append(MailboxName Name, IReadOnlyList<AppendedMessage> Messages) : IAuthenticatedCommand<Append>
{
    public static Verb Verb { get; } = new("APPEND")
    {
        // The first literal may be the mailbox's name.
        IsMessage = AppendedMessage.IsMessage,
        Capability = "MULTIAPPEND CATENATE",
    };

    public static Append Parse(ref ImapReader r)
    {
        r.Space();
        var name = r.Mailbox();
        var messages = new List<AppendedMessage>(1);
        do
        {
            r.Space();
            messages.Add(AppendedMessage.Parse(ref r));
        }
        while (!r.Rules.Lacks("APPEND SEVERAL") && r.NextIs(' '));
        r.End();
        return new(name, messages);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        if (await mail.Mailboxes.FindAsync(Name, ct) is not { } target)
            return Replies.NoTarget(Name);
        if (!target.Rights.Has(MailboxRights.Insert))
            return Replies.NotAllowed(target.Rights);
        await using var assembly = new MessageAssembly(session, mail, target.Id);
        var items = new List<AppendItem>(Messages.Count);
        foreach (var message in Messages)
        {
            if (await assembly.ItemAsync(message, ct) is not { } item)
                return assembly.Refusal!;
            items.Add(item);
        }

        try
        {
            var appended = await mail.Messages.AppendAsync(target.Id, items, ct);
            ListLine.WriteCanonical(session, target);
            session.Notifier?.Own.Add(target.Id, appended.Uids, appended.ModSeq);
            return Reply.Ok("Appended", Code.AppendUid(appended.UidValidity, appended.Uids));
        }
        catch (MailException e) when (e.Error == MailError.NotFound)
        {
            return Replies.NoTarget(Name);
        }
    }
}
