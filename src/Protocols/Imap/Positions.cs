namespace Webmail.Protocols.Imap;

/// <summary>Messages of a view as ascending, disjoint ranges of positions (message number less one).</summary>
internal sealed class Positions(IReadOnlyList<(int First, int Last)> ranges)
{
    public static readonly Positions None = new([]);

    public IReadOnlyList<(int First, int Last)> Ranges => ranges;

    public bool IsEmpty => ranges.Count == 0;

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
