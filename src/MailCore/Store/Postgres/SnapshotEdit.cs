using System.Runtime.InteropServices;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>One STORE: these bits set, those cleared, for these UIDs.</summary>
internal sealed record FlagLogEntry(long ModSeq, UidSet Uids, long Set, long Clear);

/// <summary>What a mailbox's index must learn to go from one modseq to a later one.</summary>
/// <param name="State">The row as it is afterwards.</param>
/// <param name="Arrived">In ascending order; their flags may or may not hold <paramref name="Flags"/> already (applying one twice changes nothing).</param>
/// <param name="Flags">In the order of their modseqs.</param>
internal sealed record MailboxChanges(MailboxState State, IReadOnlyList<IndexEntry> Arrived, IReadOnlyList<FlagLogEntry> Flags, UidSet Vanished)
{
    public static readonly IReadOnlyList<FlagLogEntry> NoFlags = [];
}

/// <summary>Makes the next version of a snapshot: what vanished goes, what arrived comes, then the flags.</summary>
internal static class SnapshotEdit
{
    public static Snapshot Apply(Snapshot before, MailboxChanges changes)
    {
        var chunks = new List<Chunk>(before.Chunks.Length + 1 + (changes.Arrived.Count / Chunk.Capacity));
        chunks.AddRange(before.Chunks);
        if (!changes.Vanished.IsEmpty)
            Remove(chunks, changes.Vanished);
        Append(chunks, changes.Arrived);
        ApplyFlags(chunks, changes.Flags);
        if (chunks.Count > 8 + (2 * (chunks.Sum(c => c.Count) / Chunk.Capacity)))
            chunks = Compact(chunks);
        return new Snapshot(before.Id, changes.State, [.. chunks]);
    }

    private static void Append(List<Chunk> chunks, IReadOnlyList<IndexEntry> arrived)
    {
        if (arrived.Count == 0)
            return;
        ReadOnlySpan<IndexEntry> entries = arrived switch
        {
            IndexEntry[] array => array,
            List<IndexEntry> list => CollectionsMarshal.AsSpan(list),
            _ => [.. arrived],
        };
        var at = 0;
        if (chunks.Count > 0 && chunks[^1].Count < Chunk.Capacity)
        {
            at = Math.Min(Chunk.Capacity - chunks[^1].Count, entries.Length);
            chunks[^1] = chunks[^1].Append(entries[..at]);
        }

        for (; at < entries.Length; at += Chunk.Capacity)
            chunks.Add(Chunk.Of(entries.Slice(at, Math.Min(Chunk.Capacity, entries.Length - at))));
    }

    private static void Remove(List<Chunk> chunks, UidSet vanished)
    {
        var kept = new List<IndexEntry>(Chunk.Capacity);
        var range = 0;
        for (var i = 0; i < chunks.Count; i++)
        {
            var chunk = chunks[i];
            while (range < vanished.Ranges.Length && vanished.Ranges[range].Last < chunk.FirstUid)
                range++;
            if (range == vanished.Ranges.Length)
                break;
            if (vanished.Ranges[range].First > chunk.LastUid)
                continue;
            kept.Clear();
            for (var j = 0; j < chunk.Count; j++)
            {
                if (!vanished.Contains(new Uid(chunk.UidAt(j))))
                    kept.Add(chunk[j]);
            }

            if (kept.Count < chunk.Count)
                chunks[i] = Chunk.Of(CollectionsMarshal.AsSpan(kept));
        }

        chunks.RemoveAll(c => c.Count == 0);
    }

    private static void ApplyFlags(List<Chunk> chunks, IReadOnlyList<FlagLogEntry> log)
    {
        if (log.Count == 0)
            return;
        var touched = new Dictionary<int, (long[] Flags, long[] ModSeqs)>();
        foreach (var change in log)
        {
            var i = 0;
            foreach (var range in change.Uids.Ranges)
            {
                i = FirstEndingAtOrAfter(chunks, i, range.First);
                for (var c = i; c < chunks.Count && chunks[c].FirstUid <= range.Last; c++)
                    ApplyFlags(chunks[c], Columns(c), range, change);
            }
        }

        foreach (var (i, columns) in touched)
            chunks[i] = chunks[i].WithFlags(columns.Flags, columns.ModSeqs);

        (long[] Flags, long[] ModSeqs) Columns(int chunk)
        {
            if (!touched.TryGetValue(chunk, out var columns))
                touched[chunk] = columns = chunks[chunk].CopyFlags();
            return columns;
        }
    }

    private static void ApplyFlags(Chunk chunk, (long[] Flags, long[] ModSeqs) columns, UidRange range, FlagLogEntry change)
    {
        var at = chunk.Find(range.First);
        for (var j = at >= 0 ? at : ~at; j < chunk.Count && chunk.UidAt(j) <= range.Last; j++)
        {
            columns.Flags[j] = (columns.Flags[j] | change.Set) & ~change.Clear;
            columns.ModSeqs[j] = Math.Max(columns.ModSeqs[j], change.ModSeq);
        }
    }

    private static int FirstEndingAtOrAfter(List<Chunk> chunks, int from, uint uid)
    {
        int lo = from, hi = chunks.Count - 1;
        while (lo <= hi)
        {
            var mid = (lo + hi) >>> 1;
            if (chunks[mid].LastUid < uid)
                lo = mid + 1;
            else
                hi = mid - 1;
        }

        return lo;
    }

    private static List<Chunk> Compact(List<Chunk> chunks)
    {
        var compact = new List<Chunk>();
        Append(compact, [.. chunks.SelectMany(c => Enumerable.Range(0, c.Count).Select(i => c[i]))]);
        return compact;
    }
}
