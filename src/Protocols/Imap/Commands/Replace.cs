using Webmail.MailCore.Model;
using Webmail.Protocols.Imap.Appending;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>REPLACE and UID REPLACE (RFC 8508): a message comes and another one goes, both or neither.</summary>
/// <param name="Replaced">One message.</param>
internal sealed record Replace(NumSet Replaced, MailboxName Name, AppendedMessage Message) : ISelectedCommand<Replace>
{
    private static readonly Reply IsGone = Reply.No("There is no such message any more", Code.NonExistent);

    public static Verb Verb { get; } = new("REPLACE")
    {
        HasUidForm = true,
        IsMessage = static arguments => arguments.IndexOf((byte)' ') is var space and >= 0 && AppendedMessage.IsMessage(arguments[(space + 1)..]),
        Capability = "REPLACE",
    };

    public static Replace Parse(ref ImapReader r)
    {
        r.Space();
        var replaced = r.NumSet();
        if (replaced.Ranges is not [var only] || only.First != only.Last)
            throw new SyntaxException("Only one message can be replaced");
        r.Space();
        var name = r.Mailbox();
        r.Space();
        var message = AppendedMessage.Parse(ref r);
        r.End();
        return new(replaced, name, message);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        if (box.IsReadOnly)
            return Reply.No("The mailbox is open read-only", Code.ReadOnly);
        if (box.View.Resolve(Replaced) is not { } positions)
            return Replies.NoSuchMessage;
        var uids = box.View.UidsAt(positions, out _);
        if (uids.IsEmpty)
            return IsGone;
        if (await box.Mail.Mailboxes.FindAsync(Name, ct) is not { } target)
            return Replies.NoTarget(Name);
        if (!target.Rights.Has(MailboxRights.Insert))
            return Replies.NotAllowed(target.Rights);
        await using var assembly = new MessageAssembly(session, box.Mail, target.Id);
        if (await assembly.ItemAsync(Message, ct) is not { } item)
            return assembly.Refusal!;
        if (await box.Mail.Messages.ReplaceAsync(box.Id, uids.First(), target.Id, item, ct) is not { } done)
            return IsGone;
        session.Notifier?.Own.Add(target.Id, done.Appended.Uids, done.Appended.ModSeq);

        // RFC 8508 section 4.3: ahead of the EXPUNGE, which the loop's update writes.
        session.Out.Line($"* OK [{Code.AppendUid(done.Appended.UidValidity, done.Appended.Uids)}] The new message is there");
        return Reply.Ok("Replaced", Replies.HighestModSeq(session, done.Expunged.Uids, done.Expunged.ModSeq));
    }
}
