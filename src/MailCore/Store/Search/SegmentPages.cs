using System.Buffers;
using System.Runtime.InteropServices;
using Webmail.MailCore.Mime;

namespace Webmail.MailCore.Store.Search;

/// <summary>A page of a segment, as it is stored: see <see cref="SegmentPages"/>.</summary>
internal readonly record struct SegmentPage(long FirstGram, byte[] Data);

/// <summary>
/// Makes a segment's pages, and reads them. A page holds grams in ascending order, each as the distance to the one before it (LEB128; the first: to the page's key), the
/// length of its list in octets (LEB128), and the list: for each message the gap to the one before (LEB128, 0: the next). Length 0: no list follows but a bit for each
/// message of the segment. The first page's key and first gram are 0, and the messages of that are those that are indexed at all: what isn't there must be compared directly.
/// </summary>
internal sealed class SegmentPages
{
    /// <summary>A row that stays in its table's own pages.</summary>
    private const int PageSize = 1_900;

    /// <summary>Grams of one message, of one segment. A message with more is not indexed: random text would make the index larger than the mail.</summary>
    private const int MaxMessageGrams = 32_000;

    private const int MaxGrams = 1_000_000;

    private readonly Dictionary<long, int> _places = [];
    private readonly List<Postings> _postings = [];
    private readonly Postings _indexed = new();

    public bool IsEmpty => _indexed.IsEmpty;

    /// <summary>Messages come in ascending order.</summary>
    /// <param name="place">The message's place in the segment.</param>
    public void Add(int place, SearchableText text)
    {
        if (_places.Count >= MaxGrams)
            return;
        var room = MaxMessageGrams;
        Add(place, GramField.Subject, text.Subject, ref room);
        Add(place, GramField.From, text.From, ref room);
        Add(place, GramField.To, text.To, ref room);
        Add(place, GramField.Cc, text.Cc, ref room);
        Add(place, GramField.Bcc, text.Bcc, ref room);
        Add(place, GramField.Header, text.Header, ref room);
        Add(place, GramField.Body, text.Body, ref room);
        if (room > 0)
            _indexed.Add(place);
    }

    private void Add(int place, GramField field, string? text, ref int room)
    {
        for (var at = 0; at < text?.Length && room > 0; at++)
        {
            ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, Grams.At(field, text, at), out var isKnown);
            if (!isKnown)
            {
                index = _postings.Count;
                _postings.Add(new());
            }

            if (_postings[index].Add(place))
                room--;
        }
    }

    public IEnumerable<SegmentPage> Pages()
    {
        var grams = _places.Keys.ToArray();
        Array.Sort(grams);
        var page = new ArrayBufferWriter<byte>(PageSize + MessageBits.Octets + 32);
        long first = Grams.None, last = Grams.None;
        Write(page, 0, _indexed);
        foreach (var gram in grams)
        {
            if (page.WrittenCount >= PageSize - MessageBits.Octets)
            {
                yield return new(first, page.WrittenSpan.ToArray());
                page.ResetWrittenCount();
                first = last = gram;
            }

            Write(page, gram - last, _postings[_places[gram]]);
            last = gram;
        }

        yield return new(first, page.WrittenSpan.ToArray());
    }

    private static void Write(ArrayBufferWriter<byte> page, long distance, Postings postings)
    {
        Leb128.Write(page, (ulong)distance);
        Leb128.Write(page, postings.IsBits ? 0 : (ulong)postings.Octets.Length);
        page.Write(postings.Octets);
    }

    /// <summary>Adds the messages that have a gram of the range.</summary>
    public static void Read(SegmentPage page, GramRange range, MessageBits messages)
    {
        ReadOnlySpan<byte> data = page.Data;
        var gram = page.FirstGram;
        while (data.Length > 0)
        {
            gram += (long)Leb128.Read(ref data);
            var length = (int)Leb128.Read(ref data);
            var octets = data[..(length == 0 ? MessageBits.Octets : length)];
            data = data[octets.Length..];
            if (gram > range.Last)
                return;
            if (gram < range.First)
                continue;
            if (length == 0)
            {
                messages.Add(octets);
                continue;
            }

            for (var place = -1; octets.Length > 0;)
            {
                place += (int)Leb128.Read(ref octets) + 1;
                messages.Add(place);
            }
        }
    }

    /// <summary>The messages with one gram: a list, or bits as soon as those are shorter.</summary>
    private sealed class Postings
    {
        private byte[] _octets = new byte[4];
        private int _length;
        private int _last = -1;

        public bool IsEmpty => _last < 0;

        public bool IsBits { get; private set; }

        public ReadOnlySpan<byte> Octets => _octets.AsSpan(0, _length);

        /// <summary>False: it is there already.</summary>
        public bool Add(int place)
        {
            if (place == _last)
                return false;
            if (!IsBits && _length + 2 >= MessageBits.Octets)
                BecomeBits();
            if (IsBits)
                _octets[place >> 3] |= (byte)(1 << (place & 7));
            else
                Append(place - _last - 1);
            _last = place;
            return true;
        }

        private void Append(int gap)
        {
            if (_length + 2 > _octets.Length)
                Array.Resize(ref _octets, Math.Min(_octets.Length * 2, MessageBits.Octets));
            if (gap >= 0x80)
            {
                _octets[_length++] = (byte)(gap | 0x80);
                gap >>= 7;
            }

            _octets[_length++] = (byte)gap;
        }

        private void BecomeBits()
        {
            var bits = new byte[MessageBits.Octets];
            var list = Octets;
            for (var place = -1; list.Length > 0;)
            {
                place += (int)Leb128.Read(ref list) + 1;
                bits[place >> 3] |= (byte)(1 << (place & 7));
            }

            _octets = bits;
            _length = bits.Length;
            IsBits = true;
        }
    }
}

/// <summary>Numbers of seven bits an octet, the lowest first; the high bit says that another follows.</summary>
internal static class Leb128
{
    public static void Write(IBufferWriter<byte> to, ulong value)
    {
        var octets = to.GetSpan(10);
        var n = 0;
        for (; value >= 0x80; value >>= 7)
            octets[n++] = (byte)(value | 0x80);
        octets[n++] = (byte)value;
        to.Advance(n);
    }

    public static ulong Read(ref ReadOnlySpan<byte> from)
    {
        ulong value = 0;
        var n = 0;
        for (var shift = 0; ; shift += 7)
        {
            var octet = from[n++];
            value |= (ulong)(octet & 0x7f) << shift;
            if (octet < 0x80)
                break;
        }

        from = from[n..];
        return value;
    }
}
