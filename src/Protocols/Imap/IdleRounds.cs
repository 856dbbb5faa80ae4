using System.Collections.Concurrent;

namespace Webmail.Protocols.Imap;

/// <summary>
/// Wakes every idling connection now and then, all with one timer: to see whether its account is still good, should a hint have been lost, and to send a word that keeps
/// middleboxes from forgetting the connection.
/// </summary>
internal sealed class IdleRounds : IDisposable
{
    /// <summary>How long a disabled account may go on idling.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <summary>Every how many rounds the client gets a line.</summary>
    public const int WordEvery = 4;

    private readonly ConcurrentDictionary<Waiter, bool> _waiting = new();
    private readonly ITimer _timer;

    public IdleRounds(TimeProvider time) => _timer = time.CreateTimer(static r => ((IdleRounds)r!).Go(), this, Every, Every);

    public Waiter Join(ImapSession session)
    {
        var waiter = new Waiter(this, session);
        _waiting.TryAdd(waiter, true);
        return waiter;
    }

    public void Dispose() => _timer.Dispose();

    private void Go()
    {
        foreach (var (waiter, _) in _waiting)
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
    internal sealed class Waiter(IdleRounds rounds, ImapSession session) : IDisposable
    {
        private int _due;

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

        public void Dispose() => rounds._waiting.TryRemove(this, out _);
    }
}
