using System.Collections.Concurrent;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>What is kept of a message: each is read by a statement of its own.</summary>
internal enum MessagePart
{
    Row,
    Header,
    Body,
}

/// <summary>
/// What this node read lately of messages, by account and message. A message never changes and its number is never used again, so what is here is always
/// right; whether someone may see it is decided before anyone asks here, by the mailbox that it is looked for in.
/// Two generations: what is used moves to the young one; when that is full, or after half a minute, it becomes the old one and the old one is forgotten. So
/// the octets are bounded, and a minute after the last use nothing is left.
/// </summary>
internal sealed class RecentMessages : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    /// <summary>What an entry weighs beside its octets.</summary>
    private const int Overhead = 200;

    private readonly long _room;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private volatile Generation _young = new();
    private volatile Generation _old = new();

    private readonly record struct Key(long Account, long Message, MessagePart Part);

    private sealed class Generation
    {
        public readonly ConcurrentDictionary<Key, (object Value, int Weight)> Kept = new();
        public long Octets;
    }

    public RecentMessages(TimeProvider time)
        : this(time, Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 64, 8 << 20, 128 << 20))
    {
    }

    /// <param name="octets">How much is kept at most.</param>
    public RecentMessages(TimeProvider time, long octets)
    {
        _room = octets / 2;
        _timer = time.CreateTimer(static recent => ((RecentMessages)recent!).Age(), this, Period, Period);
    }

    /// <summary>Null: it isn't here.</summary>
    public T? Find<T>(AccountId account, long message, MessagePart part)
        where T : class
    {
        var key = new Key(account.Value, message, part);
        if (_young.Kept.TryGetValue(key, out var kept))
            return (T)kept.Value;
        if (!_old.Kept.TryGetValue(key, out kept))
            return null;
        Keep(key, kept.Value, kept.Weight);
        return (T)kept.Value;
    }

    /// <param name="octets">Of what is kept.</param>
    public void Add(AccountId account, long message, MessagePart part, object value, int octets) =>
        Keep(new(account.Value, message, part), value, octets + Overhead);

    public void Dispose() => _timer.Dispose();

    private void Keep(Key key, object value, int weight)
    {
        var young = _young;
        if (!young.Kept.TryAdd(key, (value, weight)) || Interlocked.Add(ref young.Octets, weight) <= _room)
            return;
        lock (_gate)
        {
            if (ReferenceEquals(young, _young))
                Turn();
        }
    }

    private void Age()
    {
        lock (_gate)
        {
            if (!_young.Kept.IsEmpty || !_old.Kept.IsEmpty)
                Turn();
        }
    }

    private void Turn()
    {
        _old = _young;
        _young = new();
    }
}
