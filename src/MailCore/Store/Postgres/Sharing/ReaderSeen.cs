using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres.Sharing;

/// <summary>A run of UIDs that a reader saw or unsaw, with the modseq of the last time.</summary>
internal readonly record struct SeenRun(uint First, uint Last, bool IsSeen, long ModSeq);

/// <summary>What one reader has seen of a mailbox: sorted, disjoint runs; what stands in none has never been touched, and is unseen. Immutable.</summary>
internal sealed class ReaderSeen
{
    public static readonly ReaderSeen Nothing = new([], 0);

    private readonly SeenRun[] _runs;

    private ReaderSeen(SeenRun[] runs, long modSeq)
    {
        _runs = runs;
        ModSeq = modSeq;
    }

    /// <summary>The last change; 0: none yet.</summary>
    public long ModSeq { get; }

    public ReadOnlySpan<SeenRun> Runs => _runs;

    /// <summary>The run that holds a UID.</summary>
    public bool TryFind(uint uid, out SeenRun run)
    {
        var at = FirstEndingAtOrAfter(uid);
        run = at < _runs.Length ? _runs[at] : default;
        return at < _runs.Length && run.First <= uid;
    }

    /// <summary>After a later change; the two sets share nothing.</summary>
    public ReaderSeen With(long modSeq, UidSet seen, UidSet unseen)
    {
        var runs = new List<SeenRun>(_runs.Length + seen.Ranges.Length + unseen.Ranges.Length);
        foreach (var range in seen.Ranges)
            runs.Add(new(range.First, range.Last, true, modSeq));
        foreach (var range in unseen.Ranges)
            runs.Add(new(range.First, range.Last, false, modSeq));
        runs.Sort(static (a, b) => a.First.CompareTo(b.First));
        var touched = runs.ToArray();
        foreach (var run in _runs)
            AddWithout(run, touched, runs);
        runs.Sort(static (a, b) => a.First.CompareTo(b.First));
        return new(Joined(runs), Math.Max(ModSeq, modSeq));
    }

    /// <summary>The UIDs that changed after a modseq.</summary>
    public UidSet ChangedSince(long modSeq)
    {
        if (modSeq >= ModSeq)
            return UidSet.Empty;
        var changed = new UidSet.Builder();
        foreach (var run in _runs)
        {
            if (run.ModSeq > modSeq)
                changed.Add(new UidRange(run.First, run.Last));
        }

        return changed.ToSet();
    }

    private int FirstEndingAtOrAfter(uint uid)
    {
        int low = 0, high = _runs.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_runs[middle].Last < uid)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>What is left of a run when newer ones lie over it.</summary>
    private static void AddWithout(SeenRun run, SeenRun[] newer, List<SeenRun> to)
    {
        ulong first = run.First;
        int low = 0, high = newer.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (newer[middle].Last < run.First)
                low = middle + 1;
            else
                high = middle;
        }

        for (; low < newer.Length && newer[low].First <= run.Last && first <= run.Last; low++)
        {
            if (newer[low].First > first)
                to.Add(run with { First = (uint)first, Last = newer[low].First - 1 });
            first = (ulong)newer[low].Last + 1;
        }

        if (first <= run.Last)
            to.Add(run with { First = (uint)first });
    }

    private static SeenRun[] Joined(List<SeenRun> runs)
    {
        var joined = new List<SeenRun>(runs.Count);
        foreach (var run in runs)
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Last + 1 == run.First && last.IsSeen == run.IsSeen && last.ModSeq == run.ModSeq)
                joined[^1] = last with { Last = run.Last };
            else
                joined.Add(run);
        }

        return [.. joined];
    }
}
