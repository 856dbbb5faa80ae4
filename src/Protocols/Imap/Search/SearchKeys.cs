using System.Text;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Search;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Search;

internal delegate Criterion ParseKey(ref ImapReader reader);

/// <param name="Capability">What CAPABILITY says because of it; null: it belongs to the base protocol.</param>
internal sealed record SearchKey(string Name, ParseKey Parse, string? Capability = null);

/// <summary>The keys of SEARCH (RFC 3501 section 6.4.4). To add one, add its line.</summary>
internal static class SearchKeys
{
    private static readonly NameTable<SearchKey> Table = new(
        [
            new("ALL", static (ref ImapReader _) => Constant(SearchQuery.All)),
            new("ANSWERED", static (ref ImapReader _) => Constant(new HasFlags(FlagSet.Answered))),
            new("BCC", static (ref ImapReader r) => TextKey(ref r, TextField.Bcc)),
            new("BEFORE", static (ref ImapReader r) => Before(ref r, DateField.Received)),
            new("BODY", static (ref ImapReader r) => TextKey(ref r, TextField.Body)),
            new("CC", static (ref ImapReader r) => TextKey(ref r, TextField.Cc)),
            new("DELETED", static (ref ImapReader _) => Constant(new HasFlags(FlagSet.Deleted))),
            new("DRAFT", static (ref ImapReader _) => Constant(new HasFlags(FlagSet.Draft))),
            new("EMAILID", static (ref ImapReader r) => Constant(new IdIs(Thread: false, ObjectId(ref r)))),
            new("FLAGGED", static (ref ImapReader _) => Constant(new HasFlags(FlagSet.Flagged))),
            new("FUZZY", static (ref ImapReader r) => Fuzzy(ref r), "SEARCH=FUZZY"),
            new("FROM", static (ref ImapReader r) => TextKey(ref r, TextField.From)),
            new("HEADER", static (ref ImapReader r) => Header(ref r)),
            new("KEYWORD", static (ref ImapReader r) => Constant(Keyword(ref r))),
            new("LARGER", static (ref ImapReader r) => Constant(new SizeLargerThan(Size(ref r)))),
            new("MODSEQ", static (ref ImapReader r) => ModSeqKey.Parse(ref r)),
            new("NEW", static (ref ImapReader _) => static scope => And(Recent(scope), new NotQuery(new HasFlags(FlagSet.Seen)))),
            new("NOT", static (ref ImapReader r) => Not(ref r)),
            new("OLD", static (ref ImapReader _) => static scope => new NotQuery(Recent(scope))),
            new("ON", static (ref ImapReader r) => On(ref r, DateField.Received)),
            new("OLDER", static (ref ImapReader r) => Constant(new NotQuery(Younger(ref r))), "WITHIN"),
            new("OR", static (ref ImapReader r) => Or(ref r)),
            new("RECENT", static (ref ImapReader _) => static scope => Recent(scope)),
            new("SAVEDATESUPPORTED", static (ref ImapReader _) => Constant(SearchQuery.All)),
            new("SAVEDBEFORE", static (ref ImapReader r) => Before(ref r, DateField.Saved)),
            new("SAVEDON", static (ref ImapReader r) => On(ref r, DateField.Saved)),
            new("SAVEDSINCE", static (ref ImapReader r) => Since(ref r, DateField.Saved)),
            new("SEEN", static (ref ImapReader _) => Constant(new HasFlags(FlagSet.Seen))),
            new("SENTBEFORE", static (ref ImapReader r) => Before(ref r, DateField.Sent)),
            new("SENTON", static (ref ImapReader r) => On(ref r, DateField.Sent)),
            new("SENTSINCE", static (ref ImapReader r) => Since(ref r, DateField.Sent)),
            new("SINCE", static (ref ImapReader r) => Since(ref r, DateField.Received)),
            new("SMALLER", static (ref ImapReader r) => Constant(new SizeSmallerThan(Size(ref r)))),
            new("SUBJECT", static (ref ImapReader r) => TextKey(ref r, TextField.Subject)),
            new("TEXT", static (ref ImapReader r) => TextKey(ref r, TextField.Text)),
            new("THREADID", static (ref ImapReader r) => Constant(new IdIs(Thread: true, ObjectId(ref r)))),
            new("TO", static (ref ImapReader r) => TextKey(ref r, TextField.To)),
            new("UID", static (ref ImapReader r) => Uids(ref r)),
            new("UNANSWERED", static (ref ImapReader _) => Lacks(FlagSet.Answered)),
            new("UNDELETED", static (ref ImapReader _) => Lacks(FlagSet.Deleted)),
            new("UNDRAFT", static (ref ImapReader _) => Lacks(FlagSet.Draft)),
            new("UNFLAGGED", static (ref ImapReader _) => Lacks(FlagSet.Flagged)),
            new("UNKEYWORD", static (ref ImapReader r) => Constant(new NotQuery(Keyword(ref r)))),
            new("UNSEEN", static (ref ImapReader _) => Lacks(FlagSet.Seen)),
            new("YOUNGER", static (ref ImapReader r) => Constant(Younger(ref r))),
        ],
        static key => key.Name, "SEARCH");

    public static IReadOnlyList<SearchKey> All => Table.All;

    /// <summary>One or more keys, all of which must hold, up to the end or a closing parenthesis.</summary>
    public static Criterion Several(ref ImapReader r)
    {
        var terms = new List<Criterion> { One(ref r) };
        while (r.Take(' ') && !r.IsAtEnd)
            terms.Add(One(ref r));
        return terms.Count == 1 ? terms[0] : scope => new AndQuery([.. terms.Select(term => term(scope))]);
    }

    private static Criterion One(ref ImapReader r)
    {
        if (r.NextIs('('))
        {
            r.Open();
            var inner = Several(ref r);
            r.Close();
            return inner;
        }

        if (r.NextIsNumSet)
        {
            var set = r.NumSet(isUid: false);
            return scope => Messages(scope, set);
        }

        return Table.Find(r.Name(), r.Rules) is { } key ? key.Parse(ref r) : throw new SyntaxException("There is no such search key");
    }

    private static Criterion Not(ref ImapReader r)
    {
        r.Space();
        r.Deeper();
        var term = One(ref r);
        r.Shallower();
        return scope => new NotQuery(term(scope));
    }

    /// <summary>RFC 6203: texts are compared fuzzily; what isn't text means what it always does (section 5).</summary>
    private static Criterion Fuzzy(ref ImapReader r)
    {
        r.Space();
        r.Deeper();
        var term = One(ref r);
        r.Shallower();
        return scope =>
        {
            scope.IsFuzzy = true;
            return Fuzzy(term(scope));
        };
    }

    private static SearchQuery Fuzzy(SearchQuery query) => query switch
    {
        AndQuery and => new AndQuery([.. and.Terms.Select(Fuzzy)]),
        OrQuery or => new OrQuery([.. or.Terms.Select(Fuzzy)]),
        TextContains { Text.Length: > 0 } text => new FuzzyText(text.Field, text.Text),
        _ => query,
    };

    /// <summary>Clients look for many things by long chains of OR a OR b OR c: those are one list, not a deep tree.</summary>
    private static Criterion Or(ref ImapReader r)
    {
        var terms = new List<Criterion>();
        r.Deeper();
        do
        {
            r.Space();
            terms.Add(One(ref r));
            r.Space();
        }
        while (r.TakeName("OR"u8));
        terms.Add(One(ref r));
        r.Shallower();
        return scope => new OrQuery([.. terms.Select(term => term(scope))]);
    }

    private static Criterion Uids(ref ImapReader r)
    {
        r.Space();
        var set = r.NumSet(isUid: true);
        return scope => Messages(scope, set);
    }

    /// <summary>Numbers that aren't there match nothing; unlike in FETCH they are no error, since a search can't harm.</summary>
    private static SearchQuery Messages(SearchScope scope, NumSet set)
    {
        var view = scope.View;
        var there = set.IsUid || set.IsSaved ? set : Within(set, (uint)view.Count);
        return new UidIn(there is null ? UidSet.Empty : view.UidsAt(view.Resolve(there)!, out _));
    }

    private static NumSet? Within(NumSet set, uint count)
    {
        if (count == 0)
            return null;
        var ranges = new List<NumRange>(set.Ranges.Count);
        foreach (var range in set.Ranges)
        {
            uint first = range.First == NumRange.Star ? count : range.First, last = range.Last == NumRange.Star ? count : range.Last;
            if (first > last)
                (first, last) = (last, first);
            if (first <= count)
                ranges.Add(new(first, Math.Min(last, count)));
        }

        return new(ranges, IsUid: false);
    }

    private static Criterion Constant(SearchQuery query) => _ => query;

    private static Criterion Lacks(FlagSet flag) => Constant(new NotQuery(new HasFlags(flag)));

    private static UidIn Recent(SearchScope scope) => new(scope.Recent);

    private static AndQuery And(SearchQuery a, SearchQuery b) => new([a, b]);

    private static HasKeyword Keyword(ref ImapReader r)
    {
        r.Space();
        return new(Encoding.ASCII.GetString(r.Atom()));
    }

    /// <summary>WITHIN (RFC 5032): seconds, none of them 0.</summary>
    private static YoungerThan Younger(ref ImapReader r)
    {
        r.Space();
        var seconds = r.Number();
        return seconds == 0 ? throw new SyntaxException("The interval must not be 0") : new(TimeSpan.FromSeconds(seconds));
    }

    /// <summary>RFC 8474 section 6.</summary>
    private static string ObjectId(ref ImapReader r)
    {
        r.Space();
        return Encoding.ASCII.GetString(r.Atom());
    }

    private static long Size(ref ImapReader r)
    {
        r.Space();
        return r.Number64();
    }

    private static Criterion TextKey(ref ImapReader r, TextField field)
    {
        r.Space();
        return Constant(new TextContains(field, r.AString()));
    }

    private static Criterion Header(ref ImapReader r)
    {
        r.Space();
        var name = r.AString();
        r.Space();
        return Constant(new HeaderContains(name, r.AString()));
    }

    private static Criterion Before(ref ImapReader r, DateField field)
    {
        r.Space();
        return Constant(new DayBetween(field, null, r.Date()));
    }

    private static Criterion Since(ref ImapReader r, DateField field)
    {
        r.Space();
        return Constant(new DayBetween(field, r.Date(), null));
    }

    private static Criterion On(ref ImapReader r, DateField field)
    {
        r.Space();
        var day = r.Date();
        return Constant(new DayBetween(field, day, day == DateOnly.MaxValue ? null : day.AddDays(1)));
    }
}
