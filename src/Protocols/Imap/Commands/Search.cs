using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.Search;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>SEARCH and UID SEARCH (RFC 3501 section 6.4.4), with RETURN (RFC 4731).</summary>
/// <param name="Returns">Null: no RETURN, answer in the old form.</param>
/// <param name="Key">Null: the charset is not one of ours.</param>
internal sealed record Search(IReadOnlyList<SearchReturn>? Returns, Criterion? Key, bool IsUid) : ISelectedCommand<Search>
{
    private static readonly string[] Charsets = ["US-ASCII", "UTF-8"];

    public static Verb Verb { get; } = new("SEARCH") { HasUidForm = true, HoldsExpunges = true };

    public static Search Parse(ref ImapReader r)
    {
        r.Space();
        IReadOnlyList<SearchReturn>? returns = null;
        if (r.TakeName("RETURN"u8))
        {
            r.Space();
            returns = SearchReturns.Parse(ref r);
            r.Space();
        }

        if (r.TakeName("CHARSET"u8))
        {
            r.Space();
            if (!Charsets.Contains(r.AString(), StringComparer.OrdinalIgnoreCase))
                return new(returns, null, r.IsUid);
            r.Space();
        }

        var key = SearchKeys.Several(ref r);
        r.End();
        return new(returns, key, r.IsUid);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        if (Key is null)
            return Reply.No("Only US-ASCII and UTF-8 are known here", Code.BadCharset);
        var scope = new SearchScope(box);
        var query = Key(scope);
        if (scope.UsesModSeq)
            session.SwitchOnCondstore();

        // Flags as of now, messages as the client knows them.
        var newest = box.Newest;
        var found = await box.Mail.Messages.SearchAsync(newest, query, ct);
        var known = Known(box.View, newest, found);
        var modSeq = scope.UsesModSeq ? HighestModSeq(newest, known) : null;
        var hits = new SearchHits(box.View, known, IsUid);
        if (Returns is null)
            await WriteAsync(session.Out, hits, modSeq, ct);
        else
            WriteExtended(session, hits, modSeq);
        return Reply.Ok("Searched");
    }

    /// <summary>Leaves out what the client hasn't been told of.</summary>
    private static UidSet Known(MailboxView view, MailboxSnapshot newest, UidSet found)
    {
        if (ReferenceEquals(newest, view.Messages))
            return found;
        var known = new UidSet.Builder();
        foreach (var uid in found)
        {
            if (view.PositionOf(uid) >= 0)
                known.Add(uid);
        }

        return known.ToSet();
    }

    private static ModSeq? HighestModSeq(MailboxSnapshot newest, UidSet uids)
    {
        ModSeq? highest = null;
        foreach (var uid in uids)
        {
            if (newest.Find(uid) is var index and >= 0 && newest[index].ModSeq is var modSeq && (highest is null || modSeq > highest))
                highest = modSeq;
        }

        return highest;
    }

    private static async ValueTask WriteAsync(ImapWriter writer, SearchHits hits, ModSeq? modSeq, CancellationToken ct)
    {
        writer.IsMidLine = true;
        writer.Raw("* SEARCH"u8);
        foreach (var number in hits.Numbers)
        {
            writer.Raw(" "u8);
            writer.Number(number.Value);
            await writer.FlushIfLargeAsync(ct);
        }

        if (modSeq is { } highest)
            writer.Write($" (MODSEQ {highest})");
        writer.Raw("\r\n"u8);
        writer.IsMidLine = false;
    }

    private void WriteExtended(ImapSession session, SearchHits hits, ModSeq? modSeq)
    {
        var writer = session.Out;
        writer.Write($"* ESEARCH (TAG {new Quoted(session.Tag)})");
        if (IsUid)
            writer.Raw(" UID"u8);
        foreach (var option in Returns!)
            option.Write(hits, writer);
        if (modSeq is { } highest)
            writer.Write($" MODSEQ {highest}");
        writer.Raw("\r\n"u8);
    }
}
