using System.Collections.Concurrent;

namespace Webmail.Protocols.Wire;

/// <summary>
/// One timer for the deadlines of all connections of this node: looked over once a second, so a time-out comes up to a second late and an idle
/// connection costs no timer of its own.
/// </summary>
public sealed class WireClock : IDisposable
{
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private readonly ConcurrentDictionary<WirePipe, bool> _wires = new();

    public WireClock(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static clock => ((WireClock)clock!).Look(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Seconds since the clock was made.</summary>
    internal long Now => (long)_time.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Connections that are open now.</summary>
    public int Connections => _wires.Count;

    public void Dispose() => _timer.Dispose();

    internal void Add(WirePipe wire) => _wires.TryAdd(wire, true);

    internal void Remove(WirePipe wire) => _wires.TryRemove(wire, out _);

    private void Look()
    {
        var now = Now;
        foreach (var (wire, _) in _wires)
        {
            if (wire.Deadline <= now)
                wire.Expire();
        }
    }
}
