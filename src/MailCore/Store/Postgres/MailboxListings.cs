using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// The listings of accounts that someone on this node watches. A hint makes one look for all of them; hints that come during a look make one more, and
/// a look is followed by a pause of several times its length, so that a busy account costs a bounded share of one connection. A look that fails is repeated.
/// Invariants: a listing never goes back; the lock guards a few fields and is never held over an await.
/// </summary>
internal sealed partial class MailboxListings : IDisposable
{
    /// <summary>A pause is this many times as long as the look before it.</summary>
    private const int PauseFactor = 4;

    /// <summary>Changes of annotations that are remembered for slow sessions.</summary>
    private const int MaxAnnotated = 1_000;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<AccountId, Slot> _slots = new();
    private readonly NpgsqlDataSource _dataSource;
    private readonly ChangeFeed _feed;
    private readonly TimeProvider _time;
    private readonly ILogger<MailboxListings> _log;
    private readonly IDisposable _listening;
    private ServerNews _server = new(0, []);

    public MailboxListings(NpgsqlDataSource dataSource, ChangeFeed feed, Notifications others, TimeProvider time, ILogger<MailboxListings> log)
    {
        _dataSource = dataSource;
        _feed = feed;
        _time = time;
        _log = log;
        _listening = others.Listen(Notifications.Server, OnServer, static () => { });
    }

    public void Dispose() => _listening.Dispose();

    private void OnServer(string entries)
    {
        var names = entries.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var server = Volatile.Read(ref _server);
        Volatile.Write(ref _server, new(server.Count + names.Length, [.. server.Latest.Concat(names).TakeLast(MaxAnnotated)]));
        foreach (var slot in _slots.Values)
            slot.Tell();
    }

    /// <summary>The listing as of now, and what comes after it.</summary>
    /// <param name="changed">Called on a thread of this class when there is a newer one: it must only set a flag or wake someone.</param>
    /// <exception cref="MailException">Unavailable</exception>
    public async ValueTask<IMailboxListWatch> WatchAsync(AccountId account, Action changed, CancellationToken ct)
    {
        while (true)
        {
            var slot = _slots.GetOrAdd(account, static (account, all) => new Slot(all, account), this);
            if (slot.TryJoin(changed) is not { } watch)
                continue;
            try
            {
                await slot.LookNowAsync(ct);
                return watch;
            }
            catch
            {
                watch.Dispose();
                throw;
            }
        }
    }

    private const string ListingSql =
        $"""
        {MailboxStore.NamesSql}
        union all
        select -1, s.name, 0::smallint, true, false, 0, 0, 0, 0, 0, 0, 0, 0 from mail.subscription s where s.account_id = $1
          and (select m.mailbox_id from mail.mailbox m where m.account_id = $1 and m.name = s.name) is null
          and (select n.name from mail.noselect n where n.account_id = $1 and n.name = s.name) is null
        union all
        select -2, 'account', 0::smallint, false, false, 0, 0, a.modseq, 0, 0, 0, 0, 0 from mail.account_state a where a.account_id = $1
        """;

    private const string AnnotatedSql =
        """
        select x.mailbox_id, x.entry, x.modseq from mail.annotation x
        where x.account_id = $1 and x.who in (0, $1) and x.modseq > $2 and (select a.modseq from mail.account_state a where a.account_id = $1) > $2 order by x.modseq, x.entry
        """;

    private async ValueTask<MailboxListing> ReadAsync(AccountId account, MailboxListing? before, CancellationToken ct)
    {
        var rows = await _dataSource.QueryAsync(ListingSql, [Value(account.Value)], r => MailboxStore.Read(account, r), ct);
        var modSeq = rows.Find(static row => row.Id.Number == -2)?.HighestModSeq ?? default;
        return new(
            MailboxStore.InOrder([.. rows.Where(static row => row.Id.Number >= 0)]),
            [.. rows.Where(static row => row.Id.Number == -1).Select(static row => row.Name).OrderBy(static name => name.Value, StringComparer.Ordinal)],
            modSeq,
            before is null || modSeq == before.ModSeq ? before?.Annotated ?? [] : await AnnotatedAsync(account, before, modSeq, ct));
    }

    /// <summary>What was annotated after the last look and before this one.</summary>
    private async ValueTask<IReadOnlyList<AnnotationChange>> AnnotatedAsync(AccountId account, MailboxListing before, ModSeq upTo, CancellationToken ct)
    {
        var rows = await _dataSource.QueryAsync(
            AnnotatedSql,
            [Value(account.Value), Value(before.ModSeq.Value)],
            r => new AnnotationChange(r.GetInt32(0) == 0 ? null : new MailboxId(account, r.GetInt32(0)), r.GetString(1), new(r.GetInt64(2))),
            ct);
        return rows.Count == 0 ? before.Annotated : [.. before.Annotated.Concat(rows.Where(row => row.ModSeq <= upTo)).TakeLast(MaxAnnotated)];
    }

    [LoggerMessage(LogLevel.Warning, "An account's mailboxes could not be read for those who watch them; trying again: {Reason}")]
    private partial void LookFailed(string reason);

    /// <summary>One account with its watchers.</summary>
    private sealed class Slot
    {
        private readonly Lock _gate = new();
        private readonly MailboxListings _all;
        private readonly AccountId _account;
        private readonly IDisposable _registration;
        private Watch[] _watches = [];
        private MailboxListing? _current;
        private bool _isStale;
        private bool _isLooking;
        private bool _closed;

        public Slot(MailboxListings all, AccountId account)
        {
            _all = all;
            _account = account;
            _registration = all._feed.WatchAccount(account, OnHint);
        }

        public MailboxListing Current => Volatile.Read(ref _current)!;

        /// <summary>Null: the last watcher has just left.</summary>
        public Watch? TryJoin(Action changed)
        {
            lock (_gate)
            {
                if (_closed)
                    return null;
                var watch = new Watch(this, changed);
                _watches = [.. _watches, watch];
                return watch;
            }
        }

        public void Leave(Watch watch)
        {
            lock (_gate)
            {
                _watches = [.. _watches.Where(w => w != watch)];
                if (_closed || _watches.Length > 0)
                    return;
                _closed = true;
            }

            _registration.Dispose();
            _all._slots.TryRemove(KeyValuePair.Create(_account, this));
        }

        public async ValueTask LookNowAsync(CancellationToken ct) => Publish(await _all.ReadAsync(_account, Volatile.Read(ref _current), ct));

        public ServerNews Server => Volatile.Read(ref _all._server);

        public void Tell()
        {
            foreach (var watch in Volatile.Read(ref _watches))
                watch.Changed();
        }

        private void OnHint()
        {
            lock (_gate)
            {
                _isStale = true;
                if (_isLooking || _closed)
                    return;
                _isLooking = true;
            }

            _ = Task.Run(LookAsync);
        }

        private async Task LookAsync()
        {
            while (GoesOn())
            {
                var started = _all._time.GetTimestamp();
                TimeSpan pause;
                try
                {
                    Publish(await _all.ReadAsync(_account, Volatile.Read(ref _current), CancellationToken.None));
                    pause = _all._time.GetElapsedTime(started) * PauseFactor;
                }
                catch (Exception e)
                {
                    _all.LookFailed(e.Message);
                    pause = AfterFailure;
                    lock (_gate)
                        _isStale = true;
                }

                await Task.Delay(pause, _all._time);
            }
        }

        /// <summary>A hint that comes from here on leads to another look.</summary>
        private bool GoesOn()
        {
            lock (_gate)
            {
                var goesOn = _isStale && !_closed;
                _isStale = false;
                return _isLooking = goesOn;
            }
        }

        private void Publish(MailboxListing read)
        {
            Watch[] watches;
            lock (_gate)
            {
                // Two looks may overlap when someone joins.
                if (_current is { } current && read.ModSeq <= current.ModSeq)
                    return;
                _current = read;
                watches = _watches;
            }

            foreach (var watch in watches)
                watch.Changed();
        }
    }

    private sealed class Watch(Slot slot, Action changed) : IMailboxListWatch
    {
        private int _disposed;

        public MailboxListing Current => slot.Current;

        public ServerNews Server => slot.Server;

        public void Changed() => changed();

        public ValueTask LookAsync(CancellationToken ct) => slot.LookNowAsync(ct);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                slot.Leave(this);
        }
    }
}
