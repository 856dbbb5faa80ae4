using System.Buffers;
using System.Runtime.InteropServices;

namespace Webmail.MailCore.Store.Search;

/// <summary>Messages of a snapshot that the index in memory leaves open: their positions and ids, in rented memory. Belongs to one search.</summary>
internal sealed class Undecided(int most) : IDisposable
{
    private readonly int[] _positions = ArrayPool<int>.Shared.Rent(most);
    private readonly long[] _messages = ArrayPool<long>.Shared.Rent(most);
    private readonly Dictionary<int, int> _segments = [];

    public int Count { get; private set; }

    /// <summary>How many of them are in each segment of the stored index.</summary>
    public IReadOnlyDictionary<int, int> Segments => _segments;

    public int PositionAt(int i) => _positions[i];

    public long MessageAt(int i) => _messages[i];

    public void Add(int position, long message)
    {
        _positions[Count] = position;
        _messages[Count++] = message;
        CollectionsMarshal.GetValueRefOrAddDefault(_segments, MessageBits.SegmentOf(message), out _)++;
    }

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_positions);
        ArrayPool<long>.Shared.Return(_messages);
    }
}
