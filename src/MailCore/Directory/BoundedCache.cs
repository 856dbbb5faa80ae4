using System.Collections.Concurrent;

namespace Webmail.MailCore.Directory;

/// <summary>
/// Remembers positive answers for a short while and never (by more than a few) more than so many. What was read before the last <see cref="Clear"/> is not let in
/// after it: a reader takes <see cref="Generation"/> first, then asks the database, then calls <see cref="Add"/>. No locks.
/// </summary>
internal sealed class BoundedCache<TKey, TValue>(int capacity, TimeSpan lifetime, TimeProvider time)
    where TKey : notnull
    where TValue : class
{
    private const int CountEvery = 64;

    private readonly ConcurrentDictionary<TKey, (TValue Value, long At)> _entries = new();
    private long _generation;
    private int _added;

    public long Generation => Volatile.Read(ref _generation);

    public int Count => _entries.Count;

    public TValue? Find(TKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
            return null;
        if (time.GetElapsedTime(entry.At) <= lifetime)
            return entry.Value;
        _entries.TryRemove(new(key, entry));
        return null;
    }

    /// <param name="generation">As it stood before the value was read.</param>
    public void Add(TKey key, TValue value, long generation)
    {
        // Counting a ConcurrentDictionary takes all its locks, so the bound is looked at now and then only.
        if (Interlocked.Increment(ref _added) % CountEvery == 0 && _entries.Count >= capacity)
            Trim();
        var entry = (value, time.GetTimestamp());
        _entries[key] = entry;
        if (Generation != generation)
            _entries.TryRemove(new(key, entry));
    }

    public void Remove(TKey key) => _entries.TryRemove(key, out _);

    public void Clear()
    {
        Interlocked.Increment(ref _generation);
        _entries.Clear();
    }

    private void Trim()
    {
        foreach (var (key, entry) in _entries)
        {
            if (time.GetElapsedTime(entry.At) > lifetime)
                _entries.TryRemove(new(key, entry));
        }

        if (_entries.Count >= capacity)
            _entries.Clear();
    }
}
