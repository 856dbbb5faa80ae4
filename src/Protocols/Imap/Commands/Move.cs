using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>MOVE and UID MOVE (RFC 6851).</summary>
internal sealed record Move(NumSet Messages, MailboxName Target) : ISelectedCommand<Move>
{
    public static Verb Verb { get; } = new("MOVE") { HasUidForm = true, Capability = "MOVE" };

    public static Move Parse(ref ImapReader r)
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
        if (box.IsReadOnly)
            return Reply.No("The mailbox is open read-only", Code.ReadOnly);
        if (box.View.Resolve(Messages) is not { } positions)
            return Replies.NoSuchMessage;
        if (await box.Mail.Mailboxes.FindAsync(Target, ct) is not { } target)
            return Replies.NoTarget(Target);
        var uids = box.View.UidsAt(positions, out var sawGhosts);
        if (sawGhosts && !Messages.IsLenient)
            return Replies.SomeAreGone;
        if (uids.IsEmpty)
            return Reply.Ok("Nothing to move");
        var moved = await session.WaitAsync((_, token) => box.Mail.Messages.MoveAsync(box.Id, uids, target.Id, token), ct);
        session.Notifier?.Own.Add(target.Id, moved.To, moved.ModSeq);
        box.Owes();

        // RFC 6851 section 4.3: COPYUID goes in an untagged OK, ahead of the expunges it explains (the loop's update writes them).
        if (!moved.From.IsEmpty)
            session.Out.Line($"* OK [{Code.CopyUid(moved)}] Moved");
        return Reply.Ok("Done", Replies.HighestModSeq(session, moved.From, moved.ModSeq));
    }
}
