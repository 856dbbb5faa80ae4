using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>A mailbox's row as far as the index needs it.</summary>
/// <param name="FlagsModSeq">What a compare-and-set is made against.</param>
/// <param name="Keywords">How many keywords the account had: no flag here has a bit that a table of so many doesn't name.</param>
internal readonly record struct MailboxState(uint UidValidity, long UidNext, long ModSeq, long FlagsModSeq, int Keywords);

/// <summary>The one implementation of <see cref="MailboxSnapshot"/>: chunks shared between versions. A change copies the list of chunks and what it touches.</summary>
internal sealed class Snapshot : MailboxSnapshot
{
    private readonly Chunk[] _chunks;
    private readonly int[] _starts;

    public Snapshot(MailboxId id, in MailboxState state, Chunk[] chunks)
    {
        Id = id;
        State = state;
        _chunks = chunks;
        _starts = new int[chunks.Length];
        for (var i = 0; i < chunks.Length; i++)
        {
            _starts[i] = Count;
            Count += chunks[i].Count;
            Unseen += chunks[i].Unseen;
        }
    }

    public override MailboxId Id { get; }

    public MailboxState State { get; }

    public override uint UidValidity => State.UidValidity;

    public override Uid UidNext => new((uint)State.UidNext);

    public override ModSeq HighestModSeq => new(State.ModSeq);

    public override int KeywordCount => State.Keywords;

    public override int Count { get; }

    public override int Unseen { get; }

    /// <summary>
    /// The set reaches beyond what this version knows of: another node may have appended there, which the compare-and-set on flags doesn't notice. Have a look first.
    /// </summary>
    public bool IsExceededBy(UidSet uids) => !uids.IsEmpty && uids.Ranges[^1].Last >= State.UidNext;

    public ReadOnlySpan<Chunk> Chunks => _chunks;

    public override IndexEntry this[int position]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(position);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, Count);
            // Where all chunks before are full, as they mostly are.
            var i = position / Chunk.Capacity;
            if (i >= _starts.Length || (uint)(position - _starts[i]) >= _chunks[i].Count)
                i = ChunkAt(position);
            return _chunks[i][position - _starts[i]];
        }
    }

    private int ChunkAt(int position)
    {
        var i = Array.BinarySearch(_starts, position);
        return i < 0 ? ~i - 1 : i;
    }

    public override int Find(Uid uid)
    {
        var i = ChunkFor(uid.Value);
        if (i < 0)
            return ~0;
        var at = _chunks[i].Find(uid.Value);
        return at >= 0 ? _starts[i] + at : ~(_starts[i] + ~at);
    }

    public override int FirstUnseen
    {
        get
        {
            for (var i = 0; i < _chunks.Length; i++)
            {
                if (_chunks[i].Unseen == 0)
                    continue;
                for (var j = 0; j < _chunks[i].Count; j++)
                {
                    if ((_chunks[i].FlagsAt(j) & FlagSet.Seen.Bits) == 0)
                        return _starts[i] + j;
                }
            }

            return -1;
        }
    }

    public override MailboxDelta Since(MailboxSnapshot older)
    {
        if (ReferenceEquals(this, older))
            return new(UidSet.Empty, UidSet.Empty, UidSet.Empty);
        if (older.Id != Id || older is not Snapshot before)
            throw new ArgumentException("Not an older snapshot of this mailbox", nameof(older));
        return SnapshotComparison.Compare(before, this);
    }

    /// <summary>The UIDs whose modseq is higher. Skips the chunks where nothing changed.</summary>
    public UidSet ChangedSince(long modSeq)
    {
        var changed = new UidSet.Builder();
        foreach (var chunk in _chunks)
        {
            if (chunk.MaxModSeq <= modSeq)
                continue;
            for (var i = 0; i < chunk.Count; i++)
            {
                if (chunk.ModSeqAt(i) > modSeq)
                    changed.Add(new Uid(chunk.UidAt(i)));
            }
        }

        return changed.ToSet();
    }

    /// <summary>The entries of a set that are there, in ascending order.</summary>
    public IEnumerable<IndexEntry> Among(UidSet uids)
    {
        for (var r = 0; r < uids.Ranges.Length; r++)
        {
            var range = uids.Ranges[r];
            var at = Find(new Uid(range.First));
            for (var i = at >= 0 ? at : ~at; i < Count && this[i] is var entry && entry.Uid.Value <= range.Last; i++)
                yield return entry;
        }
    }

    /// <summary>The last chunk that begins at or before a UID; -1: the UID is before all.</summary>
    private int ChunkFor(uint uid)
    {
        int lo = 0, hi = _chunks.Length - 1;
        while (lo <= hi)
        {
            var mid = (lo + hi) >>> 1;
            if (_chunks[mid].FirstUid <= uid)
                lo = mid + 1;
            else
                hi = mid - 1;
        }

        return hi;
    }
}
