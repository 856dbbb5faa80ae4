using System.Collections.Concurrent;

namespace Webmail.MailCore.Dns;

/// <summary>
/// Answers by question, each for its time to live and no longer. Bounded: when full, expired entries go, and then whatever the enumeration meets
/// first until a tenth is free. No lock; a lost race costs a second question.
/// </summary>
internal sealed class AnswerCache(TimeProvider time, int capacity)
{
    private readonly ConcurrentDictionary<(string Name, string Type), Entry> _entries = new();
    private int _sweeping;

    private sealed record Entry(object Answer, long ExpiresAt);

    public int Count => _entries.Count;

    public DnsAnswer<T>? Find<T>(string name, string type) =>
        _entries.TryGetValue((name, type), out var entry) && entry.ExpiresAt > time.GetTimestamp() ? (DnsAnswer<T>)entry.Answer : null;

    public void Keep<T>(string name, string type, DnsAnswer<T> answer, TimeSpan timeToLive)
    {
        if (timeToLive <= TimeSpan.Zero)
            return;
        if (_entries.Count >= capacity)
            MakeRoom();
        var ticks = (long)(timeToLive.TotalSeconds * time.TimestampFrequency);
        _entries[(name, type)] = new(answer, time.GetTimestamp() + ticks);
    }

    private void MakeRoom()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) == 1)
            return;
        var now = time.GetTimestamp();
        foreach (var (key, entry) in _entries)
        {
            if (entry.ExpiresAt <= now)
                _entries.TryRemove(key, out _);
        }

        var surplus = _entries.Count - (capacity - (capacity / 10));
        foreach (var (key, _) in _entries)
        {
            if (surplus-- <= 0)
                break;
            _entries.TryRemove(key, out _);
        }

        Volatile.Write(ref _sweeping, 0);
    }
}
