namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// Up to 256 entries of a mailbox in columns (58 bytes an entry). Facts never change and are shared by all versions of a chunk; flags and modseqs are
/// copied when they change. Appending writes behind the count of all older versions: the first to claim the place may use it, anyone else copies.
/// </summary>
internal sealed class Chunk
{
    public const int Capacity = 256;

    private sealed class Facts(int capacity)
    {
        public int Filled;
        public readonly uint[] Uids = new uint[capacity];
        public readonly long[] Messages = new long[capacity];
        public readonly uint[] Sizes = new uint[capacity];
        public readonly long[] Received = new long[capacity];
        public readonly short[] Zones = new short[capacity];
        public readonly int[] SentDays = new int[capacity];

        /// <summary>From midnight UTC of that day to the Date, in seconds: some hours at most.</summary>
        public readonly int[] SentSeconds = new int[capacity];
        public readonly long[] Saved = new long[capacity];
    }

    private readonly Facts _facts;
    private readonly long[] _flags;
    private readonly long[] _modSeqs;

    private Chunk(Facts facts, long[] flags, long[] modSeqs, int count)
    {
        _facts = facts;
        _flags = flags;
        _modSeqs = modSeqs;
        Count = count;
        for (var i = 0; i < count; i++)
        {
            Unseen += (flags[i] & 8) == 0 ? 1 : 0;
            MaxModSeq = Math.Max(MaxModSeq, modSeqs[i]);
        }
    }

    public int Count { get; }

    public int Unseen { get; }

    /// <summary>No entry has changed since: a search for changes skips the chunk.</summary>
    public long MaxModSeq { get; }

    public uint FirstUid => _facts.Uids[0];

    public uint LastUid => _facts.Uids[Count - 1];

    public IndexEntry this[int i] => new(
        new(_facts.Uids[i]), new(_flags[i]), new(_modSeqs[i]), _facts.Messages[i], _facts.Sizes[i], _facts.Received[i], _facts.Zones[i],
        _facts.SentDays[i], _facts.Saved[i], SentAt(i));

    private long SentAt(int i) => _facts.SentDays[i] < 0 ? IndexEntry.NoDate : Midnight(_facts.SentDays[i]) + _facts.SentSeconds[i];

    private static long Midnight(int day) => 86_400L * (day - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber);

    public uint UidAt(int i) => _facts.Uids[i];

    public long ModSeqAt(int i) => _modSeqs[i];

    public long FlagsAt(int i) => _flags[i];

    /// <summary>As Array.BinarySearch.</summary>
    public int Find(uint uid) => Array.BinarySearch(_facts.Uids, 0, Count, uid);

    public static Chunk Of(ReadOnlySpan<IndexEntry> entries)
    {
        var capacity = entries.Length <= 16 ? 16 : entries.Length <= 64 ? 64 : Capacity;
        var facts = new Facts(capacity) { Filled = entries.Length };
        var flags = new long[capacity];
        var modSeqs = new long[capacity];
        Write(facts, flags, modSeqs, 0, entries);
        return new(facts, flags, modSeqs, entries.Length);
    }

    /// <summary>With more entries behind; the caller sees to it that they fit.</summary>
    public Chunk Append(ReadOnlySpan<IndexEntry> entries)
    {
        var count = Count + entries.Length;
        if (count <= _flags.Length && Interlocked.CompareExchange(ref _facts.Filled, count, Count) == Count)
        {
            Write(_facts, _flags, _modSeqs, Count, entries);
            return new(_facts, _flags, _modSeqs, count);
        }

        var all = new IndexEntry[count];
        for (var i = 0; i < Count; i++)
            all[i] = this[i];
        entries.CopyTo(all.AsSpan(Count));
        return Of(all);
    }

    /// <summary>With new flags and modseqs, both as long as the chunk's room.</summary>
    public Chunk WithFlags(long[] flags, long[] modSeqs) => new(_facts, flags, modSeqs, Count);

    public (long[] Flags, long[] ModSeqs) CopyFlags() => ((long[])_flags.Clone(), (long[])_modSeqs.Clone());

    private static void Write(Facts facts, long[] flags, long[] modSeqs, int at, ReadOnlySpan<IndexEntry> entries)
    {
        foreach (var entry in entries)
        {
            facts.Uids[at] = entry.Uid.Value;
            facts.Messages[at] = entry.Message;
            facts.Sizes[at] = entry.Size;
            facts.Received[at] = entry.Received;
            facts.Zones[at] = entry.ReceivedZone;
            facts.SentDays[at] = entry.Sent == IndexEntry.NoDate ? -1 : entry.SentDay;
            facts.SentSeconds[at] = facts.SentDays[at] < 0 ? 0 : (int)(entry.Sent - Midnight(entry.SentDay));
            facts.Saved[at] = entry.Saved;
            flags[at] = entry.Flags.Bits;
            modSeqs[at] = entry.ModSeq.Value;
            at++;
        }
    }
}
