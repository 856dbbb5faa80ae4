namespace Webmail.Protocols.Imap;

/// <summary>Messages of a view as ascending, disjoint ranges of positions (message number less one).</summary>
internal sealed class Positions(IReadOnlyList<(int First, int Last)> ranges)
{
    public static readonly Positions None = new([]);

    public IReadOnlyList<(int First, int Last)> Ranges => ranges;

    public bool IsEmpty => ranges.Count == 0;

    /// <summary>Those of a range of results only.</summary>
    public Positions Slice(PartialRange range)
    {
        var (from, to) = range.Of(ranges.Sum(static r => r.Last - r.First + 1L));
        var sliced = new List<(int First, int Last)>();
        long before = 0;
        foreach (var (first, last) in ranges)
        {
            var start = first + Math.Max(from - before, 0);
            var end = Math.Min(last, first + (to - before) - 1);
            if (start <= end)
                sliced.Add(((int)start, (int)end));
            before += last - first + 1L;
        }

        return new(sliced);
    }

    public static Positions From(List<(int First, int Last)> ranges)
    {
        if (ranges.Count < 2)
            return new(ranges);
        ranges.Sort(static (a, b) => a.First.CompareTo(b.First));
        var merged = new List<(int First, int Last)>(ranges.Count) { ranges[0] };
        foreach (var (first, last) in ranges)
        {
            var end = merged[^1];
            if (first <= end.Last + 1)
                merged[^1] = (end.First, Math.Max(end.Last, last));
            else
                merged.Add((first, last));
        }

        return new(merged);
    }
}
