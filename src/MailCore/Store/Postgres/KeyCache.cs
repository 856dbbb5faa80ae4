using System.Collections.Concurrent;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>What is compared of a message in SORT and THREAD beside its index entry. All of it is octets.</summary>
internal enum KeyColumn
{
    Subject,
    From,
    To,
    Cc,
    DisplayFrom,
    DisplayTo,

    /// <summary>One octet: whether the subject says that the message is a reply or forwarded.</summary>
    IsReply,

    /// <summary>Hashes of message ids, 8 octets each: the own (0: none), then the ancestors' with the parent last. Empty: not stored with the message.</summary>
    Ancestry,
}

/// <summary>One column of the messages of an account whose ids are in one run.</summary>
internal sealed class KeyPage
{
    /// <summary>Message ids of a run.</summary>
    public const int Size = 256;

    private readonly byte[] _octets;
    private readonly int[] _ends = new int[Size];
    private readonly int _known;

    /// <param name="rows">In ascending order.</param>
    public KeyPage(IReadOnlyList<(long Message, byte[] Value)> rows)
    {
        _octets = new byte[rows.Sum(static row => row.Value.Length)];
        var end = 0;
        foreach (var (message, value) in rows)
        {
            var place = PlaceOf(message);
            Array.Fill(_ends, end, _known, place - _known);
            value.CopyTo(_octets, end);
            _ends[place] = end += value.Length;
            _known = place + 1;
        }
    }

    /// <summary>In octets, about.</summary>
    public int Cost => _octets.Length + (sizeof(int) * Size) + 150;

    public static int NumberOf(long message) => (int)(message / Size);

    /// <summary>A message that came later isn't in it. Ids grow in commit order, so one below the newest never comes later.</summary>
    public bool Knows(long message) => PlaceOf(message) < _known;

    /// <summary>Empty for a message that is gone.</summary>
    public ReadOnlySpan<byte> this[long message]
    {
        get
        {
            var place = PlaceOf(message);
            var start = place == 0 ? 0 : _ends[place - 1];
            return place < _known ? _octets.AsSpan(start, _ends[place] - start) : default;
        }
    }

    private static int PlaceOf(long message) => (int)(message % Size);
}

/// <summary>
/// Keys of messages that were sorted or threaded lately. They never change, so nothing here grows old; the octets are bounded, and what has not been used for longest goes
/// first. Any thread; no lock.
/// </summary>
internal sealed class KeyCache(TimeProvider time)
{
    private const long MaxOctets = 64 * 1024 * 1024;

    private readonly ConcurrentDictionary<(AccountId Account, KeyColumn Column, int Page), Entry> _pages = new();
    private long _octets;
    private int _trimming;

    public KeyPage? Find(AccountId account, KeyColumn column, int page)
    {
        if (!_pages.TryGetValue((account, column, page), out var entry))
            return null;
        entry.LastUsed = time.GetTimestamp();
        return entry.Page;
    }

    public void Put(AccountId account, KeyColumn column, int page, KeyPage value)
    {
        var entry = new Entry(value) { LastUsed = time.GetTimestamp() };
        Entry? before = null;
        _pages.AddOrUpdate((account, column, page), entry, (_, old) =>
        {
            before = old;
            return entry;
        });
        if (Interlocked.Add(ref _octets, value.Cost - (before?.Page.Cost ?? 0)) > MaxOctets)
            Trim();
    }

    private void Trim()
    {
        if (Interlocked.Exchange(ref _trimming, 1) != 0)
            return;
        foreach (var (key, entry) in _pages.OrderBy(static page => page.Value.LastUsed).ToList())
        {
            if (Interlocked.Read(ref _octets) <= MaxOctets * 3 / 4)
                break;
            if (_pages.TryRemove(KeyValuePair.Create(key, entry)))
                Interlocked.Add(ref _octets, -entry.Page.Cost);
        }

        Volatile.Write(ref _trimming, 0);
    }

    private sealed class Entry(KeyPage page)
    {
        public long LastUsed;

        public KeyPage Page => page;
    }
}
