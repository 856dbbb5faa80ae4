using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>COPY and UID COPY (RFC 3501 section 6.4.7), answered with COPYUID (RFC 4315).</summary>
internal sealed record Copy(NumSet Messages, MailboxName Target) : ISelectedCommand<Copy>
{
    public static Verb Verb { get; } = new("COPY") { HasUidForm = true };

    public static Copy Parse(ref ImapReader r)
    {
        r.Space();
        var messages = r.NumSet();
        r.Space();
        var target = r.Mailbox();
        r.End();
        return new(messages, target);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        if (box.View.Resolve(Messages) is not { } positions)
            return Replies.NoSuchMessage;
        if (await box.Mail.Mailboxes.FindAsync(Target, ct) is not { } target)
            return Replies.NoTarget(Target);
        var uids = box.View.UidsAt(positions, out var sawGhosts);

        // RFC 2180 section 4.4: all or nothing, so a message that is gone fails the whole.
        if (sawGhosts && !Messages.IsLenient)
            return Replies.SomeAreGone;
        if (uids.IsEmpty)
            return Reply.Ok("Nothing to copy");
        var copied = await session.WaitAsync((_, token) => box.Mail.Messages.CopyAsync(box.Id, uids, target.Id, token), ct);
        session.Notifier?.Own.Add(target.Id, copied.To, copied.ModSeq);
        return copied.From.IsEmpty ? Reply.Ok("Nothing was left to copy") : Reply.Ok("Copied", Code.CopyUid(copied));
    }
}
