using System.Collections.Concurrent;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// Who wants to know of which mailbox, and what is known of each. A watcher is called when a higher modseq is heard of: from this node's own commits, from
/// another node's hint (<see cref="ChangeListener"/>), or from the sweep that looks over everything that is watched. Hints only; the truth is re-read.
/// </summary>
internal sealed class ChangeFeed(HintSender hints) : IChangeFeed
{
    /// <summary>Mailbox number 0 stands for the account itself: its list of mailboxes, its keywords, its rights.</summary>
    private readonly ConcurrentDictionary<(long Account, int Mailbox), Watched> _watched = new();

    public IDisposable Watch(MailboxId mailbox, Action changed) => Add((mailbox.Account.Value, mailbox.Number), changed);

    public IDisposable WatchAccount(Principal principal, Action changed) => WatchAccount(principal.Account, changed);

    public IDisposable WatchAccount(AccountId account, Action changed) => Add((account.Value, 0), changed);

    /// <summary>What changes for readers of the mailbox other than its owner: it has the mailbox's number below 0.</summary>
    public IDisposable WatchReaders(MailboxId mailbox, Action changed) => Add((mailbox.Account.Value, -mailbox.Number), changed);

    /// <summary>A commit of this node: its watchers hear at once, other nodes by hint. Mailbox 0: something of the account.</summary>
    public void Committed(AccountId account, int mailbox, long modSeq)
    {
        Heard(account.Value, mailbox, modSeq);
        hints.Send(account.Value, mailbox, modSeq);
    }

    /// <summary>Someone says that a mailbox (or account) stands at this modseq. Whoever watches the account hears of its mailboxes too.</summary>
    public void Heard(long account, int mailbox, long modSeq)
    {
        if (mailbox != 0 && _watched.TryGetValue((account, mailbox), out var watched))
            watched.Hear(modSeq);
        if (mailbox >= 0 && _watched.TryGetValue((account, 0), out watched))
            watched.Hear(modSeq);
    }

    /// <summary>All that are watched here, for the sweep.</summary>
    public IReadOnlyCollection<(long Account, int Mailbox)> Keys => [.. _watched.Keys];

    /// <summary>The mailbox (or account) is gone: every watcher hears it.</summary>
    public void Gone(long account, int mailbox)
    {
        if (_watched.TryGetValue((account, mailbox), out var watched))
            watched.Hear(long.MaxValue);
    }

    /// <summary>Something of an account that has no modseq changed, its rights for one: who watches the account on this node hears it.</summary>
    public void AccountChanged(AccountId account) => Gone(account.Value, 0);

    private Registration Add((long, int) key, Action changed)
    {
        while (true)
        {
            var watched = _watched.GetOrAdd(key, static _ => new Watched());
            if (watched.TryAdd(changed))
                return new Registration(this, key, watched, changed);
        }
    }

    private void Remove((long, int) key, Watched watched, Action changed)
    {
        if (watched.Remove(changed))
            _watched.TryRemove(KeyValuePair.Create(key, watched));
    }

    private sealed class Registration(ChangeFeed feed, (long, int) key, Watched watched, Action changed) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                feed.Remove(key, watched, changed);
        }
    }

    private sealed class Watched
    {
        private readonly Lock _gate = new();
        private Action[] _callbacks = [];
        private long _heard;
        private bool _closed;

        public bool TryAdd(Action changed)
        {
            lock (_gate)
            {
                if (_closed)
                    return false;
                _callbacks = [.. _callbacks, changed];
                return true;
            }
        }

        /// <summary>True when it was the last: the entry is closed then and may go.</summary>
        public bool Remove(Action changed)
        {
            lock (_gate)
            {
                var at = Array.IndexOf(_callbacks, changed);
                if (at >= 0)
                    _callbacks = [.. _callbacks[..at], .. _callbacks[(at + 1)..]];
                return _closed = _callbacks.Length == 0;
            }
        }

        public void Hear(long modSeq)
        {
            Action[] callbacks;
            lock (_gate)
            {
                if (modSeq <= _heard)
                    return;
                _heard = modSeq == long.MaxValue ? _heard : modSeq;
                callbacks = _callbacks;
            }

            foreach (var callback in callbacks)
                callback();
        }
    }
}
