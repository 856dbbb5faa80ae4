using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Search;

namespace Webmail.Protocols.Imap.Search;

/// <summary>Messages that match, and what MODSEQ among the keys asked for.</summary>
/// <param name="Newest">The snapshot that was searched.</param>
/// <param name="Query">What was looked for, message numbers as they were then.</param>
internal sealed record SearchFound(UidSet Uids, MailboxSnapshot Newest, SearchQuery Query, bool UsesModSeq, bool IsFuzzy)
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

    /// <summary>Searches the selected mailbox: flags as of now, messages as the client knows them.</summary>
    /// <param name="saves">RFC 5182 section 2.1: "$" among the keys is what was saved before; a search that fails leaves nothing saved.</param>
    public ValueTask<SearchFound> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct, bool saves = false) =>
        RunAsync(session, box.Mail, box.Newest, new(box.View, box.Recent), ct, saves);

    /// <summary>Searches any mailbox. Who waits long is told how far it is.</summary>
    /// <param name="saves">As above.</param>
    /// <param name="begin">Says of what the search is a part; null: of nothing.</param>
    public async ValueTask<SearchFound> RunAsync(
        ImapSession session, AccountMail mail, MailboxSnapshot newest, SearchScope scope, CancellationToken ct, bool saves = false, Action<WorkProgress>? begin = null)
    {
        var query = Key!(scope);
        if (saves)
            scope.View.Saved = UidSet.Empty;
        if (scope.UsesModSeq)
            session.SwitchOnCondstore();
        var found = await session.WaitAsync(
            (progress, token) =>
            {
                begin?.Invoke(progress);
                return mail.Messages.SearchAsync(newest, query, token, progress);
            },
            ct,
            isReading: true);
        return new(Known(scope.View, newest, found), newest, query, scope.UsesModSeq, scope.IsFuzzy);
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
