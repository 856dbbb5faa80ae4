using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Store.Search;

/// <summary>
/// Runs a query over a snapshot. What the index in memory can decide is decided there; what the stored index rules out (<see cref="SearchPages"/>) goes next; the rest in
/// pages of messages, each term by one statement over the folded texts, cheap terms first and only for messages that are still undecided. Messages that the
/// jobs have not reached yet are compared directly, so that the answer doesn't depend on them. No state, no locks; no connection is held between two statements.
/// </summary>
internal sealed class SearchRunner(SearchTexts texts, SearchPages pages, MessageReader reader, SearchTurns turns, TimeProvider time) : ISearch
{
    private const int PageSize = 4_000;

    /// <summary>Bodies read at once when they are not indexed: messages, and octets of those that come in memory.</summary>
    private const int BodiesAtOnce = 100;

    private const long OctetsAtOnce = 4 * 1024 * 1024;

    public async ValueTask<UidSet> RunAsync(MailboxSnapshot mailbox, SearchQuery query, WorkProgress? progress, CancellationToken ct)
    {
        query = SearchTerms.Simplified(query);
        var search = new Search(query, new StoredTerms(query), new(mailbox, time.GetUtcNow(), await KeywordsAsync(mailbox, query, ct)), new());
        using var undecided = new Undecided(mailbox.Count);
        DecideByIndex(search, undecided);
        if (undecided.Count == 0)
            return search.Found.ToSet();
        search.Terms.Learn(await pages.CandidatesAsync(mailbox.Id.Account, search.Terms.Terms, undecided.Segments, ct));
        var page = new List<IndexEntry>();
        for (var i = 0; i < undecided.Count; i++)
        {
            if (search.Terms.IsRuledOut(query, undecided.MessageAt(i)))
                continue;
            var entry = mailbox[undecided.PositionAt(i)];
            if (!Decide(search, entry))
                page.Add(entry);
            if (page.Count < PageSize)
                continue;
            await CompareAsync(search, page, ct);
            progress?.Report(undecided.PositionAt(i) + 1L, mailbox.Count);
        }

        if (page.Count > 0)
            await CompareAsync(search, page, ct);
        return search.Found.ToSet();
    }

    /// <summary>What needs no look at the database.</summary>
    private static void DecideByIndex(Search search, Undecided undecided)
    {
        var mailbox = search.Context.Mailbox;
        var (first, end) = SearchTerms.Positions(search.Query, mailbox);
        for (var i = first; i < end; i++)
        {
            var entry = mailbox[i];
            if (!Decide(search, entry))
                undecided.Add(i, entry.Message);
        }
    }

    private sealed record Search(SearchQuery Query, StoredTerms Terms, SearchContext Context, UidSet.Builder Found)
    {
        private readonly Func<SearchQuery, long, bool?> _lookup = Terms.Lookup;

        public bool? Match(in IndexEntry entry) => SearchTerms.Match(Query, entry, Context, _lookup);
    }

    /// <summary>False: it can't be told yet.</summary>
    private static bool Decide(Search search, in IndexEntry entry)
    {
        var match = search.Match(entry);
        if (match == true)
            search.Found.Add(entry.Uid);
        return match is not null;
    }

    /// <summary>Decides the messages of one page; the list is used up.</summary>
    private async ValueTask CompareAsync(Search search, List<IndexEntry> page, CancellationToken ct)
    {
        var unread = new List<IndexEntry>();
        for (var term = 0; term < search.Terms.Terms.Count && page.Count > 0; term++)
        {
            var asked = page.Where(entry => search.Terms.Lookup(term, entry.Message) is null).Select(static entry => entry.Message).ToHashSet();
            if (asked.Count == 0)
                continue;
            var account = search.Context.Mailbox.Id.Account;
            var leaf = search.Terms.Terms[term];
            foreach (var (message, answer) in await turns.RunAsync(account, () => texts.AskAsync(account, [.. asked], leaf, ct), ct))
                search.Terms.Learn(term, message, answer);
            page.RemoveAll(entry =>
            {
                if (search.Terms.Lookup(term, entry.Message) is not null)
                    return Decide(search, entry);
                unread.Add(entry);
                return true;
            });
        }

        page.Clear();
        await ReadAsync(search, unread, ct);
        search.Terms.Forget();
    }

    /// <summary>
    /// Messages without stored text: their octets are read. One that is gone meanwhile doesn't match. What stands in the message's row (attachments,
    /// thread) costs least, so it has been answered before.
    /// </summary>
    private async ValueTask ReadAsync(Search search, List<IndexEntry> unread, CancellationToken ct)
    {
        var entries = unread.ToDictionary(entry => entry.Uid);
        foreach (var uids in Batches(unread))
            await turns.RunAsync(search.Context.Mailbox.Id.Account, () => ReadAsync(search, entries, uids, ct), ct);
    }

    private async ValueTask<int> ReadAsync(Search search, Dictionary<Uid, IndexEntry> entries, List<Uid> uids, CancellationToken ct)
    {
        var read = await reader.BodiesAsync(search.Context.Mailbox.Id, uids, ct);
        foreach (var (uid, body) in read)
        {
            var text = await SearchableText.ReadAsync(body, ct);
            if (SearchTerms.Match(search.Query, entries[uid], search.Context, (leaf, message) => search.Terms.Lookup(leaf, message) ?? TextTerms.Match(leaf, text)) == true)
                search.Found.Add(uid);
        }

        return read.Count;
    }

    private static IEnumerable<List<Uid>> Batches(List<IndexEntry> entries)
    {
        var batch = new List<Uid>();
        long octets = 0;
        foreach (var entry in entries)
        {
            batch.Add(entry.Uid);
            octets += entry.Size <= BlobStore.SmallSize ? entry.Size : 0;
            if (batch.Count < BodiesAtOnce && octets < OctetsAtOnce)
                continue;
            yield return batch;
            batch = [];
            octets = 0;
        }

        if (batch.Count > 0)
            yield return batch;
    }

    private async ValueTask<IReadOnlyDictionary<string, long>> KeywordsAsync(MailboxSnapshot mailbox, SearchQuery query, CancellationToken ct)
    {
        var names = SearchTerms.Leaves(query).OfType<HasKeyword>().Select(keyword => keyword.Name).Distinct().ToList();
        return names.Count == 0 ? new Dictionary<string, long>() : await texts.KeywordsAsync(mailbox.Id.Account, names, ct);
    }
}
