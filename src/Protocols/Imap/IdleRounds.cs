using System.Collections.Concurrent;

namespace Webmail.Protocols.Imap;

/// <summary>
/// Wakes every idling connection now and then, all with one timer: to see whether its account is still good, should a hint have been lost, and to send a word that keeps
/// middleboxes from forgetting the connection. A round is spread over its time, so that ten thousand connections don't ask the database in one moment.
/// </summary>
internal sealed class IdleRounds : IDisposable
{
    /// <summary>How long a disabled account may go on idling.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <summary>Every how many rounds the client gets a line.</summary>
    public const int WordEvery = 4;

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    private static readonly int Steps = (int)(Every / Step);

    private readonly ConcurrentDictionary<Waiter, bool>[] _waiting = [.. Enumerable.Range(0, Steps).Select(_ => new ConcurrentDictionary<Waiter, bool>())];
    private readonly ITimer _timer;
    private uint _step;

    public IdleRounds(TimeProvider time) => _timer = time.CreateTimer(static r => ((IdleRounds)r!).Go(), this, Step, Step);

    /// <summary>Its round comes every <see cref="Every"/> from now.</summary>
    public Waiter Join(ImapSession session)
    {
        var waiter = new Waiter(_waiting[Volatile.Read(ref _step) % Steps], session);
        waiter.Enter();
        return waiter;
    }

    public void Dispose() => _timer.Dispose();

    private void Go()
    {
        foreach (var (waiter, _) in _waiting[Interlocked.Increment(ref _step) % Steps])
            waiter.RoundIsDue();
    }

    /// <summary>Why a connection was woken, beside a change of its mailbox.</summary>
    internal enum Due
    {
        Nothing = 0,

        /// <summary>Something of the account changed: perhaps its rights.</summary>
        Account = 1,

        Round = 2,
    }

    /// <summary>One idling connection.</summary>
    internal sealed class Waiter(ConcurrentDictionary<Waiter, bool> round, ImapSession session) : IDisposable
    {
        private int _due;

        public void Enter() => round.TryAdd(this, true);

        /// <summary>What came due since the last time.</summary>
        public Due Take() => (Due)Interlocked.Exchange(ref _due, 0);

        public void RoundIsDue()
        {
            Volatile.Write(ref _due, (int)Due.Round);
            session.Wire.Wake();
        }

        /// <summary>Called by the change feed.</summary>
        public void AccountChanged()
        {
            Interlocked.CompareExchange(ref _due, (int)Due.Account, (int)Due.Nothing);
            session.Wire.Wake();
        }

        public void Dispose() => round.TryRemove(this, out _);
    }
}
