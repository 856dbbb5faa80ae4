using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Store.Search;

/// <summary>
/// How well messages that were found fit the fuzzy terms of their query (RFC 6203 section 4): the mean over terms that must all hold, the best of alternatives. No state.
/// </summary>
internal sealed class Relevancy(FuzzyTexts texts, MessageReader reader)
{
    private const int PageSize = 1_000;
    private const int BodiesAtOnce = 20;

    public async ValueTask<IReadOnlyDictionary<Uid, int>> RunAsync(MailboxSnapshot mailbox, UidSet uids, SearchQuery query, CancellationToken ct)
    {
        var terms = SearchTerms.Leaves(query).OfType<FuzzyText>().Distinct().ToList();
        var relevancy = new Dictionary<Uid, int>();
        foreach (var page in ((Snapshot)mailbox).Among(uids).Chunk(PageSize))
        {
            var scores = new Dictionary<(FuzzyText, long), int>();
            var messages = page.Select(static entry => entry.Message).Distinct().ToArray();
            foreach (var term in terms)
            {
                foreach (var (message, score) in await texts.ScoresAsync(mailbox.Id.Account, messages, term, ct))
                    scores[(term, message)] = score;
            }

            if (terms.Count > 0)
                await ReadAsync(mailbox.Id, [.. page.Where(entry => !scores.ContainsKey((terms[0], entry.Message)))], terms, scores, ct);
            foreach (var entry in page)
                relevancy[entry.Uid] = Math.Clamp((int)Math.Round(Score(query, term => scores.GetValueOrDefault((term, entry.Message))) ?? 1), 1, 100);
        }

        return relevancy;
    }

    /// <summary>Messages without stored text.</summary>
    private async ValueTask ReadAsync(
        MailboxId mailbox, List<IndexEntry> entries, List<FuzzyText> terms, Dictionary<(FuzzyText, long), int> scores, CancellationToken ct)
    {
        var messages = entries.ToDictionary(static entry => entry.Uid, static entry => entry.Message);
        foreach (var batch in entries.Select(static entry => entry.Uid).Chunk(BodiesAtOnce))
        {
            foreach (var (uid, body) in await reader.BodiesAsync(mailbox, batch, ct))
            {
                var text = await SearchableText.ReadAsync(body, ct);
                foreach (var term in terms)
                    scores[(term, messages[uid])] = new FuzzyWords(term).Score(text);
            }
        }
    }

    /// <summary>Null: nothing fuzzy in it.</summary>
    private static double? Score(SearchQuery query, Func<FuzzyText, int> of) => query switch
    {
        FuzzyText term => of(term),
        AndQuery and => and.Terms.Select(term => Score(term, of)).Average(),
        OrQuery or => or.Terms.Select(term => Score(term, of)).Max(),
        _ => null,
    };
}
