namespace Webmail.MailCore.Store.Search;

/// <summary>A set of messages of one segment: a run of message ids of an account that are indexed together.</summary>
internal sealed class MessageBits
{
    /// <summary>Message ids of a segment. Stored segments depend on it.</summary>
    public const int SegmentSize = 2_048;

    public const int Octets = SegmentSize / 8;

    private readonly ulong[] _words = new ulong[SegmentSize / 64];

    public static int SegmentOf(long message) => (int)(message / SegmentSize);

    public static int PlaceOf(long message) => (int)(message % SegmentSize);

    public bool Contains(int place) => (_words[place >> 6] & (1UL << place)) != 0;

    public void Add(int place) => _words[place >> 6] |= 1UL << place;

    /// <summary>Adds those of a set as it is stored: the place n is the bit n &amp; 7 of the octet n / 8.</summary>
    public void Add(ReadOnlySpan<byte> octets)
    {
        for (var i = 0; i < _words.Length; i++)
            _words[i] |= System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(octets[(8 * i)..]);
    }

    public void Add(MessageBits others)
    {
        for (var i = 0; i < _words.Length; i++)
            _words[i] |= others._words[i];
    }

    /// <summary>Keeps those that are in the other set too.</summary>
    public void Keep(MessageBits others)
    {
        for (var i = 0; i < _words.Length; i++)
            _words[i] &= others._words[i];
    }

    public void Fill() => Array.Fill(_words, ulong.MaxValue);
}
