using Webmail.MailCore.Store.Search;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Search;

internal sealed record SortName(string Name, SortKey Key, string? Capability = null);

/// <summary>The criteria of SORT (RFC 5256 section 3, RFC 5957). To add one, add its line.</summary>
internal static class SortTerms
{
    /// <summary>Criteria of one SORT; more are refused.</summary>
    private const int MaxTerms = 20;

    public static readonly NameTable<SortName> Table = new(
        [
            new("ARRIVAL", SortKey.Arrival),
            new("CC", SortKey.Cc),
            new("DATE", SortKey.Date),
            new("DISPLAYFROM", SortKey.DisplayFrom, "SORT=DISPLAY"),
            new("DISPLAYTO", SortKey.DisplayTo),
            new("FROM", SortKey.From),
            new("RELEVANCY", SortKey.Relevancy),
            new("SIZE", SortKey.Size),
            new("SUBJECT", SortKey.Subject),
            new("TO", SortKey.To),
        ],
        static name => name.Name, "SORT");

    /// <summary>"(REVERSE DATE SUBJECT)".</summary>
    public static IReadOnlyList<SortTerm> Parse(ref ImapReader r)
    {
        var terms = new List<SortTerm>();
        r.Open();
        do
        {
            var reverse = r.TakeName("REVERSE"u8);
            if (reverse)
                r.Space();
            var name = Table.Find(r.Name(), r.Rules) ?? throw new SyntaxException("There is no such sort criterion");
            terms.Add(new(name.Key, reverse));
            if (terms.Count > MaxTerms)
                throw new SyntaxException("There are too many criteria");
        }
        while (r.Take(' '));
        r.Close();
        return terms;
    }
}
