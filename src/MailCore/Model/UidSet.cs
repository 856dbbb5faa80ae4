using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Webmail.MailCore.Model;

/// <summary>A closed range of UIDs; <see cref="First"/> is at most <see cref="Last"/>.</summary>
public readonly record struct UidRange(uint First, uint Last)
{
    public long Count => (long)Last - First + 1;
}

/// <summary>An immutable set of UIDs as sorted, disjoint, non-adjacent ranges: the size is that of the ranges, not of the members.</summary>
public sealed class UidSet : IEnumerable<Uid>, IEquatable<UidSet>
{
    public static readonly UidSet Empty = new([]);

    private readonly ImmutableArray<UidRange> _ranges;

    private UidSet(ImmutableArray<UidRange> ranges) => _ranges = ranges;

    public ReadOnlySpan<UidRange> Ranges => _ranges.AsSpan();

    public bool IsEmpty => _ranges.IsEmpty;

    /// <summary>How many UIDs the set holds (up to 2^32).</summary>
    public long Count
    {
        get
        {
            long n = 0;
            foreach (var r in _ranges)
                n += r.Count;
            return n;
        }
    }

    public static UidSet Of(params ReadOnlySpan<Uid> uids)
    {
        var builder = new Builder();
        foreach (var uid in uids)
            builder.Add(uid);
        return builder.ToSet();
    }

    public static UidSet Range(Uid first, Uid last) =>
        first <= last ? new([new UidRange(first.Value, last.Value)]) : new([new UidRange(last.Value, first.Value)]);

    public static UidSet From(IEnumerable<Uid> uids)
    {
        var builder = new Builder();
        foreach (var uid in uids)
            builder.Add(uid);
        return builder.ToSet();
    }

    public static UidSet FromRanges(IEnumerable<UidRange> ranges)
    {
        var builder = new Builder();
        foreach (var range in ranges)
            builder.Add(range);
        return builder.ToSet();
    }

    public bool Contains(Uid uid)
    {
        int lo = 0, hi = _ranges.Length - 1;
        while (lo <= hi)
        {
            var mid = (lo + hi) >>> 1;
            var r = _ranges[mid];
            if (uid.Value < r.First)
                hi = mid - 1;
            else if (uid.Value > r.Last)
                lo = mid + 1;
            else
                return true;
        }

        return false;
    }

    /// <summary>What is in both.</summary>
    public UidSet Intersect(UidSet other)
    {
        var both = new Builder();
        int i = 0, j = 0;
        while (i < _ranges.Length && j < other._ranges.Length)
        {
            UidRange a = _ranges[i], b = other._ranges[j];
            if (Math.Max(a.First, b.First) is var first && Math.Min(a.Last, b.Last) is var last && first <= last)
                both.Add(new UidRange(first, last));
            if (a.Last < b.Last)
                i++;
            else
                j++;
        }

        return both.ToSet();
    }

    /// <summary>What is in this one and not in the other.</summary>
    public UidSet Except(UidSet other)
    {
        var rest = new Builder();
        var j = 0;
        foreach (var range in _ranges)
        {
            ulong first = range.First;
            while (j < other._ranges.Length && other._ranges[j].Last < first)
                j++;
            for (var k = j; k < other._ranges.Length && other._ranges[k].First <= range.Last && first <= range.Last; k++)
            {
                if (other._ranges[k].First > first)
                    rest.Add(new UidRange((uint)first, other._ranges[k].First - 1));
                first = (ulong)other._ranges[k].Last + 1;
            }

            if (first <= range.Last)
                rest.Add(new UidRange((uint)first, range.Last));
        }

        return rest.ToSet();
    }

    public IEnumerator<Uid> GetEnumerator()
    {
        foreach (var r in _ranges)
        {
            for (ulong u = r.First; u <= r.Last; u++)
                yield return new Uid((uint)u);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public bool Equals(UidSet? other) => other is not null && Ranges.SequenceEqual(other.Ranges);

    public override bool Equals(object? obj) => Equals(obj as UidSet);

    public override int GetHashCode() => _ranges.IsEmpty ? 0 : HashCode.Combine(_ranges.Length, _ranges[0], _ranges[^1]);

    /// <summary>IMAP's form: <c>1:3,7,9:12</c>; the empty set is the empty string.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var r in _ranges)
        {
            if (text.Length > 0)
                text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{r.First}");
            if (r.Last != r.First)
                text.Append(CultureInfo.InvariantCulture, $":{r.Last}");
        }

        return text.ToString();
    }

    /// <summary>Collects UIDs and ranges in any order; cheapest when they come in ascending order.</summary>
    public sealed class Builder
    {
        private readonly List<UidRange> _ranges = [];
        private bool _sorted = true;

        public void Add(Uid uid) => Add(new UidRange(uid.Value, uid.Value));

        public void Add(UidRange range)
        {
            if (_ranges.Count > 0)
            {
                var last = _ranges[^1];
                if (_sorted && range.First >= last.First && range.First <= (ulong)last.Last + 1)
                {
                    _ranges[^1] = new UidRange(last.First, Math.Max(last.Last, range.Last));
                    return;
                }

                if (range.First < last.First)
                    _sorted = false;
            }

            _ranges.Add(range);
        }

        public UidSet ToSet()
        {
            if (_ranges.Count == 0)
                return Empty;
            if (_sorted)
                return new([.. _ranges]);
            _ranges.Sort((a, b) => a.First.CompareTo(b.First));
            var merged = ImmutableArray.CreateBuilder<UidRange>();
            foreach (var r in _ranges)
            {
                if (merged.Count > 0 && r.First <= (ulong)merged[^1].Last + 1)
                    merged[^1] = new UidRange(merged[^1].First, Math.Max(merged[^1].Last, r.Last));
                else
                    merged.Add(r);
            }

            return new(merged.ToImmutable());
        }
    }
}
