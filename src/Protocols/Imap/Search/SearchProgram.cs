using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Search;

/// <summary>Messages that match, and what MODSEQ among the keys asked for.</summary>
/// <param name="Newest">The snapshot that was searched.</param>
internal sealed record SearchFound(UidSet Uids, MailboxSnapshot Newest, bool UsesModSeq)
{
    /// <summary>The highest modseq of some of them (RFC 7162 section 3.1.5); null where MODSEQ was no key or nothing was found.</summary>
    public ModSeq? HighestModSeq(UidSet among)
    {
        ModSeq? highest = null;
        if (!UsesModSeq)
            return null;
        foreach (var uid in among)
        {
            if (Newest.Find(uid) is var index and >= 0 && Newest[index].ModSeq is var modSeq && (highest is null || modSeq > highest))
                highest = modSeq;
        }

        return highest;
    }
}

/// <summary>Charset and keys, which SEARCH, SORT and THREAD share.</summary>
/// <param name="Key">Null: the charset is not one of ours.</param>
internal sealed record SearchProgram(Criterion? Key)
{
    public static readonly Reply UnknownCharset = Reply.No("Only US-ASCII and UTF-8 are known here", Code.BadCharset);

    private static readonly string[] Charsets = ["US-ASCII", "UTF-8"];

    /// <summary>The keys to the end of the command. SEARCH may say its charset, SORT and THREAD must.</summary>
    public static SearchProgram Parse(ref ImapReader r, bool charsetIsNeeded)
    {
        if (charsetIsNeeded || r.TakeName("CHARSET"u8))
        {
            if (!charsetIsNeeded && r.Rules.RefusesCharset)
                throw new SyntaxException("After ENABLE UTF8=ACCEPT all texts are UTF-8");
            if (!charsetIsNeeded)
                r.Space();
            if (!Charsets.Contains(r.AString(), StringComparer.OrdinalIgnoreCase))
            {
                r.SkipRest();
                return new((Criterion?)null);
            }

            r.Space();
        }

        var key = SearchKeys.Several(ref r);
        r.End();
        return new(key);
    }

    /// <summary>Flags as of now, messages as the client knows them.</summary>
    /// <param name="saves">RFC 5182 section 2.1: "$" among the keys is what was saved before; a search that fails leaves nothing saved.</param>
    public async ValueTask<SearchFound> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct, bool saves = false)
    {
        var scope = new SearchScope(box);
        var query = Key!(scope);
        if (saves)
            box.View.Saved = UidSet.Empty;
        if (scope.UsesModSeq)
            session.SwitchOnCondstore();
        var newest = box.Newest;
        var found = await box.Mail.Messages.SearchAsync(newest, query, ct);
        return new(Known(box.View, newest, found), newest, scope.UsesModSeq);
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
}
