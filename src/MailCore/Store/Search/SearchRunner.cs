using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Store.Search;

/// <summary>
/// Runs a query over a snapshot. What the index in memory can decide is decided there; the rest in pages of messages, each term by one statement over the
/// folded texts, cheap terms first and only for messages that are still undecided. Messages that the job has not indexed yet are read and compared on the
/// spot, so that the answer doesn't depend on the job. No state, no locks; no connection is held between two statements.
/// </summary>
internal sealed class SearchRunner(SearchTexts texts, MessageReader reader, TimeProvider time) : ISearch
{
    private const int PageSize = 4_000;

    /// <summary>Bodies read at once when they are not indexed: messages, and octets of those that come in memory.</summary>
    private const int BodiesAtOnce = 100;

    private const long OctetsAtOnce = 4 * 1024 * 1024;

    public async ValueTask<UidSet> RunAsync(MailboxSnapshot mailbox, SearchQuery query, CancellationToken ct)
    {
        var leaves = SearchTerms.Leaves(query).Where(SearchTerms.IsStored).Distinct().OrderBy(Cost).ToList();
        var context = new SearchContext(mailbox, time.GetUtcNow(), await KeywordsAsync(mailbox, query, ct));
        var found = new UidSet.Builder();
        var page = new List<IndexEntry>();
        for (var i = 0; i < mailbox.Count; i++)
        {
            ct.ThrowIfCancellationRequested();
            var entry = mailbox[i];
            var match = SearchTerms.Match(query, entry, context, _ => null);
            if (match == true)
                found.Add(entry.Uid);
            else if (match is null)
                page.Add(entry);
            if (page.Count == PageSize)
                await DecideAsync(new(query, leaves, context, page), found, ct);
        }

        if (page.Count > 0)
            await DecideAsync(new(query, leaves, context, page), found, ct);
        return found.ToSet();
    }

    /// <summary>The undecided of one page; the list is used up.</summary>
    private sealed record Page(SearchQuery Query, IReadOnlyList<SearchQuery> Leaves, SearchContext Context, List<IndexEntry> Undecided);

    private async ValueTask DecideAsync(Page page, UidSet.Builder found, CancellationToken ct)
    {
        var known = new Dictionary<(SearchQuery, long), bool>();
        var unread = new List<IndexEntry>();
        foreach (var leaf in page.Leaves)
        {
            var answers = await AskAsync(page, leaf, ct);
            for (var i = page.Undecided.Count - 1; i >= 0; i--)
            {
                var entry = page.Undecided[i];
                var isIndexed = answers.TryGetValue(entry.Message, out var answer);
                if (isIndexed)
                    known[(leaf, entry.Message)] = answer;
                else
                    unread.Add(entry);
                var match = isIndexed ? SearchTerms.Match(page.Query, entry, page.Context, q => Lookup(known, q, entry.Message)) : false;
                if (match == true)
                    found.Add(entry.Uid);
                if (match is not null)
                    page.Undecided.RemoveAt(i);
            }
        }

        page.Undecided.Clear();
        await ReadAsync(page, unread, known, found, ct);
    }

    private static bool? Lookup(Dictionary<(SearchQuery, long), bool> known, SearchQuery leaf, long message) =>
        known.TryGetValue((leaf, message), out var answer) ? answer : null;

    private async ValueTask<Dictionary<long, bool>> AskAsync(Page page, SearchQuery leaf, CancellationToken ct)
    {
        var messages = page.Undecided.Select(entry => entry.Message).Distinct().ToArray();
        return messages.Length == 0 ? [] : await texts.AskAsync(page.Context.Mailbox.Id.Account, messages, leaf, ct);
    }

    /// <summary>
    /// Messages without stored text: their octets are read. One that is gone meanwhile doesn't match. What stands in the message's row (attachments,
    /// thread) costs least, so it has been answered before.
    /// </summary>
    private async ValueTask ReadAsync(
        Page page, List<IndexEntry> unread, Dictionary<(SearchQuery, long), bool> known, UidSet.Builder found, CancellationToken ct)
    {
        var entries = unread.ToDictionary(entry => entry.Uid);
        foreach (var uids in Batches(unread))
        {
            foreach (var (uid, body) in await reader.BodiesAsync(page.Context.Mailbox.Id, uids, ct))
            {
                var text = await SearchableText.ReadAsync(body, ct);
                var entry = entries[uid];
                if (SearchTerms.Match(page.Query, entry, page.Context, q => Lookup(known, q, entry.Message) ?? TextTerms.Match(q, text)) == true)
                    found.Add(uid);
            }
        }
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

    /// <summary>Short texts first.</summary>
    private static int Cost(SearchQuery leaf) => leaf switch
    {
        HasAttachment or IdIs => 0,
        TextContains { Field: TextField.Body } => 3,
        TextContains { Field: TextField.Text } => 4,
        TextContains => 1,
        _ => 2,
    };

    private async ValueTask<IReadOnlyDictionary<string, long>> KeywordsAsync(MailboxSnapshot mailbox, SearchQuery query, CancellationToken ct)
    {
        var names = SearchTerms.Leaves(query).OfType<HasKeyword>().Select(keyword => keyword.Name).Distinct().ToList();
        return names.Count == 0 ? new Dictionary<string, long>() : await texts.KeywordsAsync(mailbox.Id.Account, names, ct);
    }
}
