namespace Webmail.MailCore.Store.Search;

/// <summary>What the index says of a term in one segment.</summary>
/// <param name="Messages">Those that may match; the others of the segment that are indexed don't.</param>
internal sealed record SegmentCandidates(MessageBits Indexed, MessageBits Messages);

/// <summary>What the index says of the terms of a query: which messages can't match, and of short needles which do.</summary>
internal sealed class Candidates
{
    public static readonly Candidates Unknown = new([], []);

    private readonly int _first;
    private readonly SegmentCandidates?[]?[] _terms;
    private readonly bool[] _isExact;

    /// <param name="terms">How a term uses the index; null: it doesn't.</param>
    /// <param name="segments">Those that will be asked for.</param>
    public Candidates(IReadOnlyList<TermGrams?> terms, IReadOnlyList<int> segments)
    {
        _first = segments.Count == 0 ? 0 : segments.Min();
        var count = segments.Count == 0 ? 0 : segments.Max() - _first + 1;
        _terms = [.. terms.Select(term => term is null ? null : new SegmentCandidates?[count])];
        _isExact = [.. terms.Select(static term => term?.IsExact == true)];
    }

    public void Learn(int term, int segment, SegmentCandidates candidates) => _terms[term]![segment - _first] = candidates;

    /// <summary>Null: the index doesn't know.</summary>
    public bool? Lookup(int term, long message)
    {
        if (term >= _terms.Length || _terms[term] is not { } segments || (uint)(MessageBits.SegmentOf(message) - _first) is var at && at >= segments.Length)
            return null;
        if (segments[at] is not { } candidates || !candidates.Indexed.Contains(MessageBits.PlaceOf(message)))
            return null;
        return !candidates.Messages.Contains(MessageBits.PlaceOf(message)) ? false : _isExact[term] ? true : null;
    }
}

/// <summary>The grams that a term asks the index for: all of one of the alternatives must be there.</summary>
/// <param name="Alternatives">Ranges, by their places in the list of all that the query asks for.</param>
/// <param name="IsExact">A message that has them matches.</param>
internal sealed record TermGrams(IReadOnlyList<IReadOnlyList<int>> Alternatives, bool IsExact)
{
    /// <summary>Grams asked for of one text: more would hardly tell more.</summary>
    private const int MaxGrams = 6;

    /// <summary>Of one query: further terms are compared directly.</summary>
    private const int MaxRanges = 64;

    /// <summary>How the terms of a query use the index, and all ranges that they ask for. Null: not at all.</summary>
    public static (IReadOnlyList<TermGrams?> Terms, IReadOnlyList<GramRange> Ranges) Of(IReadOnlyList<SearchQuery> terms)
    {
        var ranges = new List<GramRange>();
        return ([.. terms.Select(term => Of(term, ranges))], ranges);
    }

    private static TermGrams? Of(SearchQuery term, List<GramRange> ranges)
    {
        if (ranges.Count >= MaxRanges)
            return null;
        switch (term)
        {
            case TextContains text when TextTerms.Folded(text) is { Length: > 0 } needle:
                var exact = true;
                var alternatives = FieldsOf(text.Field).Select(field =>
                {
                    var places = Places(Grams.Of(field, needle, MaxGrams, out var isExact), ranges);
                    exact &= isExact;
                    return places;
                }).ToList();
                return new(alternatives, exact);
            case HeaderContains header:
                var (name, value) = TextTerms.Folded(header);
                return new(
                    [[.. Places(Grams.Of(GramField.Header, name, MaxGrams, out _), ranges), .. Places(Grams.Of(GramField.Header, value, MaxGrams, out _), ranges)]], false);
            default:
                return null;
        }
    }

    private static IReadOnlyList<int> Places(List<GramRange> wanted, List<GramRange> ranges)
    {
        var first = ranges.Count;
        ranges.AddRange(wanted);
        return [.. Enumerable.Range(first, wanted.Count)];
    }

    private static GramField[] FieldsOf(TextField field) => field switch
    {
        TextField.From => [GramField.From],
        TextField.To => [GramField.To],
        TextField.Cc => [GramField.Cc],
        TextField.Bcc => [GramField.Bcc],
        TextField.Subject => [GramField.Subject],
        TextField.Body => [GramField.Body],
        _ => [GramField.Header, GramField.Body],
    };

    /// <summary>The messages of a segment that may match.</summary>
    /// <param name="ranges">The messages of each range.</param>
    public MessageBits Match(IReadOnlyList<MessageBits> ranges)
    {
        var any = new MessageBits();
        foreach (var alternative in Alternatives)
        {
            var all = new MessageBits();
            all.Fill();
            foreach (var range in alternative)
                all.Keep(ranges[range]);
            any.Add(all);
        }

        return any;
    }
}
