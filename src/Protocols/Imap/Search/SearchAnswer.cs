using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Search;
using Webmail.Protocols.Imap.Fetch;

namespace Webmail.Protocols.Imap.Search;

/// <summary>What SEARCH, SORT and ESEARCH do alike with relevancy (RFC 6203) and with results that are followed (RFC 5267).</summary>
internal static class SearchAnswer
{
    private static readonly Reply TagReuse = Reply.Bad("A result is followed by this tag already");
    private static readonly Reply NotFuzzy = Reply.Bad("RELEVANCY needs a FUZZY key");

    /// <summary>Null: go on.</summary>
    public static Reply? Refusal(ImapSession session, SelectedMailbox? box, SearchReturns? returns) =>
        returns?.Update is not null && box?.Updates.Has(session.Tag) == true ? TagReuse : null;

    /// <summary>Null: go on.</summary>
    public static Reply? Refusal(SearchFound found, SearchReturns? returns, IReadOnlyList<SortTerm>? terms) =>
        !found.IsFuzzy && IsNeeded(returns, terms) ? NotFuzzy : null;

    /// <summary>Null: nobody asks for it.</summary>
    public static async ValueTask<IReadOnlyDictionary<Uid, int>?> RelevancyAsync(
        AccountMail mail, SearchFound found, SearchReturns? returns, IReadOnlyList<SortTerm>? terms, CancellationToken ct) =>
        IsNeeded(returns, terms) ? await mail.Messages.RelevancyAsync(found.Newest, found.Uids, found.Query, ct) : null;

    /// <summary>NO: nobody knows the charset. A search that fails leaves nothing in "$" (RFC 5182 section 2.1).</summary>
    public static Reply UnknownCharset(SelectedMailbox box, SearchReturns? returns)
    {
        if (returns is { Saves: true })
            box.View.Saved = UidSet.Empty;
        return SearchProgram.UnknownCharset;
    }

    /// <summary>ESEARCH about the selected mailbox; what was asked for is saved as "$" and followed.</summary>
    /// <param name="order">As the client was told; empty for SEARCH.</param>
    public static void Write(
        ImapSession session, SelectedMailbox box, SearchReturns returns, SearchFound found, SearchHits hits, IReadOnlyList<SortTerm>? terms, IReadOnlyList<Uid> order)
    {
        var about = returns.About(hits);
        returns.Write(session, hits, found.HighestModSeq(about));
        if (returns.Saves)
            box.View.Saved = about;
        Follow(session, box, returns, found, terms, order, session.IsUidCommand);
    }

    /// <summary>Follows the result from here on, where that was asked for and is possible.</summary>
    /// <param name="order">As the client was told.</param>
    public static void Follow(
        ImapSession session, SelectedMailbox box, SearchReturns? returns, SearchFound found, IReadOnlyList<SortTerm>? terms, IReadOnlyList<Uid> order, bool isUid)
    {
        if (returns?.Update is not { } update)
            return;
        var search = new UpdatingSearch(session.Tag, isUid, found.Query, terms, update.Items);
        search.Begin(found, order);
        if (!box.Updates.TryAdd(search))
            session.Out.Line($"* NO [NOUPDATE {new Quoted(session.Tag)}] Too many results are followed");
    }

    private static bool IsNeeded(SearchReturns? returns, IReadOnlyList<SortTerm>? terms) =>
        returns?.SaysRelevancy == true || terms?.Any(static term => term.Key == SortKey.Relevancy) == true;
}
