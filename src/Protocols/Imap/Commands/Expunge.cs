namespace Webmail.Protocols.Imap.Commands;

/// <summary>EXPUNGE (RFC 3501 section 6.4.3) and UID EXPUNGE (RFC 4315 section 2.1). The loop's update says which messages went.</summary>
/// <param name="Only">Null: all that are \Deleted.</param>
internal sealed record Expunge(NumSet? Only) : ISelectedCommand<Expunge>
{
    public static Verb Verb { get; } = new("EXPUNGE") { HasUidForm = true, Capability = "UIDPLUS" };

    public static Expunge Parse(ref ImapReader r)
    {
        NumSet? only = null;
        if (r.IsUid)
        {
            r.Space();
            only = r.NumSet();
        }

        r.End();
        return new(only);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        if (box.IsReadOnly)
            return Reply.No("The mailbox is open read-only", Code.ReadOnly);
        var only = Only is null ? null : box.View.UidsAt(box.View.Resolve(Only)!, out _);
        var expunged = await session.WaitAsync((_, token) => box.Mail.Messages.ExpungeAsync(box.Id, only, token), ct);
        box.Owes();

        // RFC 7162 section 3.2.7 asks for it with QRESYNC; a client of CONDSTORE can use it as well.
        return Reply.Ok("Expunged", Replies.HighestModSeq(session, expunged.Uids, expunged.ModSeq));
    }
}
