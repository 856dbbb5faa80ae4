using Webmail.MailCore.Model;
using Webmail.Protocols.Imap.Fetch;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>
/// FETCH and UID FETCH (RFC 3501 section 6.4.5), with CHANGEDSINCE and VANISHED (RFC 7162 sections 3.1.4.1 and 3.2.6) and PARTIAL (RFC 9394 section 3.3).
/// </summary>
internal sealed record Fetch(NumSet Messages, IReadOnlyList<FetchItem> Items, FetchModifiers Modifiers) : ISelectedCommand<Fetch>
{
    public static Verb Verb { get; } = new("FETCH") { HasUidForm = true, HoldsExpunges = true };

    public static Fetch Parse(ref ImapReader r)
    {
        r.Space();
        var messages = r.NumSet();
        r.Space();
        var items = FetchItems.Parse(ref r);
        var modifiers = FetchModifiers.Parse(ref r);
        r.End();

        // UID FETCH always tells the UID (RFC 3501 section 6.4.8), CHANGEDSINCE always MODSEQ.
        if (r.IsUid && !r.Rules.IsUidOnly && !items.Contains(UidItem.Instance))
            items.Insert(0, UidItem.Instance);

        // UIDFETCH begins with it (RFC 9586 section 3.3), but can't be empty.
        if (r.Rules.IsUidOnly && items.Count > 1)
            items.Remove(UidItem.Instance);
        if (modifiers.ChangedSince is not null && !items.Contains(ModSeqItem.Instance))
            items.Add(ModSeqItem.Instance);
        return new(messages, items, modifiers);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        if (Modifiers.Vanished && !session.IsQresync)
            return Reply.Bad("ENABLE QRESYNC first");
        if (box.View.Resolve(Messages) is not { } positions)
            return Replies.NoSuchMessage;
        if (Items.Contains(ModSeqItem.Instance))
            session.SwitchOnCondstore();
        if (Modifiers.Vanished)
            await WriteVanishedAsync(session, box, ct);
        if (Modifiers.Partial is { } partial)
            positions = positions.Slice(partial);
        var run = new FetchRun(session, box, Items, Modifiers.ChangedSince);
        await run.WriteAsync(positions, ct);
        if (run.SawUnknownEncoding)
            return Reply.No("A part's transfer encoding is unknown", Code.UnknownCte);
        return run.SawGhosts && !Messages.IsLenient ? Replies.SomeAreGone : Reply.Ok("Fetched");
    }

    private async ValueTask WriteVanishedAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        var messages = box.View.Messages;
        var asked = Messages.IsSaved ? box.View.Saved : Messages.ToUids();
        var changes = await box.Mail.Messages.ChangesSinceAsync(messages, Modifiers.ChangedSince!.Value, ct);
        var vanished = changes.Vanished?.Intersect(asked) ?? Vanished.Of(messages, asked, sameUpTo: 0);
        if (!vanished.IsEmpty)
            session.Out.Line($"* VANISHED (EARLIER) {vanished}");
    }
}
