namespace Webmail.MailCore.Store.Search;

/// <summary>The terms of one query that need the database, cheapest first, with what is known of messages so far. Belongs to one search.</summary>
internal sealed class StoredTerms
{
    // By reference: a record's hash is made of its text each time.
    private readonly Dictionary<SearchQuery, int> _places = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<long, bool>[] _answers;
    private Candidates _candidates = Candidates.Unknown;

    public StoredTerms(SearchQuery query)
    {
        var leaves = SearchTerms.Leaves(query).Where(SearchTerms.IsStored).ToList();
        Terms = [.. leaves.Distinct().OrderBy(Cost)];
        var places = Enumerable.Range(0, Terms.Count).ToDictionary(i => Terms[i]);
        foreach (var leaf in leaves)
            _places[leaf] = places[leaf];
        _answers = [.. Terms.Select(static _ => new Dictionary<long, bool>())];
    }

    public IReadOnlyList<SearchQuery> Terms { get; }

    /// <summary>Whether a message matches a term; null: not known yet.</summary>
    public bool? Lookup(SearchQuery leaf, long message) => Lookup(_places[leaf], message);

    public bool? Lookup(int term, long message) => _answers[term].TryGetValue(message, out var answer) ? answer : _candidates.Lookup(term, message);

    /// <summary>The query is one term, and the message doesn't match it: what the index says of most messages, for little.</summary>
    public bool IsRuledOut(SearchQuery query, long message) => ReferenceEquals(query, Terms[0]) && _candidates.Lookup(0, message) == false;

    public void Learn(int term, long message, bool answer) => _answers[term][message] = answer;

    /// <summary>What the index says.</summary>
    public void Learn(Candidates candidates) => _candidates = candidates;

    /// <summary>Forgets what was learnt message by message.</summary>
    public void Forget()
    {
        foreach (var answers in _answers)
            answers.Clear();
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
}
