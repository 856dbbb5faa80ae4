using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Search;

/// <summary>What the terms of a query need to know besides an entry.</summary>
/// <param name="Keywords">The bits of the keywords that the query names, by the name as written; 0: the account has none of that name.</param>
internal sealed record SearchContext(MailboxSnapshot Mailbox, DateTimeOffset Now, IReadOnlyDictionary<string, long> Keywords);

/// <summary>
/// Evaluates a query tree in three values: what the index in memory knows decides at once, and a term that needs the database is asked for through a
/// function that may not know yet (null). And, Or and Not give null only where the unknown matters.
/// </summary>
internal static class SearchTerms
{
    public static bool? Match(SearchQuery query, in IndexEntry entry, SearchContext context, Func<SearchQuery, long, bool?> stored) => query switch
    {
        AndQuery and => All(and.Terms, entry, context, stored, wanted: true),
        OrQuery or => !All(or.Terms, entry, context, stored, wanted: false),
        NotQuery not => !Match(not.Term, entry, context, stored),
        _ => IsStored(query) ? stored(query, entry.Message) : MatchIndex(query, entry, context),
    };

    /// <summary>True when every term is <paramref name="wanted"/>; false as soon as one is not; else null.</summary>
    private static bool? All(IReadOnlyList<SearchQuery> terms, in IndexEntry entry, SearchContext context, Func<SearchQuery, long, bool?> stored, bool wanted)
    {
        bool? all = true;
        for (var i = 0; i < terms.Count; i++)
        {
            var match = Match(terms[i], entry, context, stored);
            if (match == !wanted)
                return false;
            if (match is null)
                all = null;
        }

        return all;
    }

    /// <summary>Positions from one to before another, outside of which nothing matches: what a client's UIDs and message numbers leave.</summary>
    public static (int First, int End) Positions(SearchQuery query, MailboxSnapshot mailbox)
    {
        switch (query)
        {
            case UidIn { Uids.IsEmpty: true }:
                return (0, 0);
            case UidIn uids:
                int first = mailbox.Find(new(uids.Uids.Ranges[0].First)), last = mailbox.Find(new(uids.Uids.Ranges[^1].Last));
                return (first < 0 ? ~first : first, last < 0 ? ~last : last + 1);
            case AndQuery and:
                var within = (First: 0, End: mailbox.Count);
                foreach (var term in and.Terms)
                {
                    var (from, to) = Positions(term, mailbox);
                    within = (Math.Max(within.First, from), Math.Min(within.End, to));
                }

                return within;
            default:
                return (0, mailbox.Count);
        }
    }

    /// <summary>The terms that need the database.</summary>
    public static bool IsStored(SearchQuery query) => query is TextContains or FuzzyText or HeaderContains or HasAttachment or IdIs { Thread: true };

    /// <summary>The same query in terms that cost less.</summary>
    public static SearchQuery Simplified(SearchQuery query) => query switch
    {
        AndQuery and => new AndQuery([.. and.Terms.Select(Simplified)]),
        OrQuery or => new OrQuery([.. or.Terms.Select(Simplified)]),
        NotQuery not => new NotQuery(Simplified(not.Term)),
        HeaderContains header => TextTerms.Simplified(header),
        _ => query,
    };

    /// <summary>All terms of the tree that aren't And, Or or Not.</summary>
    public static IEnumerable<SearchQuery> Leaves(SearchQuery query) => query switch
    {
        AndQuery and => and.Terms.SelectMany(Leaves),
        OrQuery or => or.Terms.SelectMany(Leaves),
        NotQuery not => Leaves(not.Term),
        _ => [query],
    };

    private static bool MatchIndex(SearchQuery query, in IndexEntry entry, SearchContext context) => query switch
    {
        AllMessages => true,
        HasFlags flags => entry.Flags.Has(flags.Flags),
        HasKeyword keyword => context.Keywords.GetValueOrDefault(keyword.Name) is not 0 and var bits && (entry.Flags.Bits & bits) != 0,
        UidIn uids => uids.Uids.Contains(entry.Uid),
        SizeLargerThan larger => entry.Size > larger.Octets,
        SizeSmallerThan smaller => entry.Size < smaller.Octets,
        DayBetween days => DayOf(days.Field, entry) is { } day && (days.First is not { } first || day >= first.DayNumber) && (days.Before is not { } before || day < before.DayNumber),
        YoungerThan younger => entry.Received >= context.Now.ToUnixTimeSeconds() - (long)younger.Age.TotalSeconds,
        ChangedSince changed => entry.ModSeq >= changed.ModSeq,
        IdIs id => context.Mailbox.EmailIdOf(entry).ToString() == id.Id,
        _ => throw new ArgumentException($"No such term: {query.GetType().Name}", nameof(query)),
    };

    /// <summary>The day's number, or null when the message has no such date.</summary>
    private static int? DayOf(DateField field, in IndexEntry entry) => field switch
    {
        DateField.Received => DayOf(entry.Received + 60L * entry.ReceivedZone),
        DateField.Saved => DayOf(entry.Saved),
        _ => entry.SentDay < 0 ? null : entry.SentDay,
    };

    private static readonly int Epoch = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    // Seconds before 1970 are negative: the day begins below.
    private static int DayOf(long seconds) => Epoch + (int)((seconds - (seconds < 0 ? 86_399 : 0)) / 86_400);
}
