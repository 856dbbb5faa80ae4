using Webmail.MailCore.Model;
using Webmail.Protocols.Imap.Fetch;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>FETCH and UID FETCH (RFC 3501 section 6.4.5), with CHANGEDSINCE (RFC 7162 section 3.1.4.1).</summary>
internal sealed record Fetch(NumSet Messages, IReadOnlyList<FetchItem> Items, ModSeq? ChangedSince) : ISelectedCommand<Fetch>
{
    public static Verb Verb { get; } = new("FETCH") { HasUidForm = true, HoldsExpunges = true };

    public static Fetch Parse(ref ImapReader r)
    {
        r.Space();
        var messages = r.NumSet();
        r.Space();
        var items = FetchItems.Parse(ref r);
        ModSeq? changedSince = null;
        if (r.Take(' ') && !r.IsAtEnd)
        {
            r.Open();
            if (!r.TakeName("CHANGEDSINCE"u8))
                throw new SyntaxException("There is no such modifier");
            r.Space();
            changedSince = new(r.Number64());
            r.Close();
        }

        r.End();

        // UID FETCH always tells the UID (RFC 3501 section 6.4.8), CHANGEDSINCE always MODSEQ.
        if (r.IsUid && !items.Contains(UidItem.Instance))
            items.Insert(0, UidItem.Instance);
        if (changedSince is not null && !items.Contains(ModSeqItem.Instance))
            items.Add(ModSeqItem.Instance);
        return new(messages, items, changedSince);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        if (box.View.Resolve(Messages) is not { } positions)
            return Replies.NoSuchMessage;
        if (Items.Contains(ModSeqItem.Instance))
            session.SwitchOnCondstore();
        var run = new FetchRun(session, box, Items, ChangedSince);
        await run.WriteAsync(positions, ct);
        return run.SawGhosts && !Messages.IsUid ? Replies.SomeAreGone : Reply.Ok("Fetched");
    }
}
