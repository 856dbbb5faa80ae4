using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Outbound;

/// <summary>
/// The queue's engine: one loop that looks for what is due, leases it and sets workers on it, and a heartbeat that keeps the leases. It wakes up when
/// something is queued (signal), when something falls due, and every few seconds at the latest. Only the server runs it, never the command line.
/// Any number of nodes may run side by side on one database.
/// </summary>
public sealed partial class QueueRunner : BackgroundService
{
    private const int Window = 500;
    private static readonly TimeSpan LookAtLeast = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMinutes(1);

    private readonly Queue _queue;
    private readonly Backlog _backlog;
    private readonly QueueWorker _worker;
    private readonly LocalDrop _local;
    private readonly Routing _routing;
    private readonly QueueSignal _signal;
    private readonly WebmailSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<QueueRunner> _log;
    private readonly CancellationTokenSource _abort = new();

    internal QueueRunner(
        Queue queue, Backlog backlog, QueueWorker worker, LocalDrop local, Routing routing, QueueSignal signal,
        WebmailSettings settings, TimeProvider time, ILogger<QueueRunner> log)
    {
        _queue = queue;
        _backlog = backlog;
        _worker = worker;
        _local = local;
        _routing = routing;
        _signal = signal;
        _settings = settings;
        _time = time;
        _log = log;
    }

    public override void Dispose()
    {
        _abort.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var predecessor = QueuePredecessor.Open(_settings.DataDirectory, _queue.Owner);
        // The host waits for the whole grace: what is left of it is for giving the leases back.
        using var graceful = stoppingToken.UnsafeRegister(_ => _abort.CancelAfter(_settings.ShutdownGrace * 0.8), null);
        var heart = BeatAsync(stoppingToken);
        var workers = new List<Task>();
        DueRow? cursor = null;
        var isRecovered = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = LookAtLeast;
            try
            {
                if (!isRecovered && predecessor.Owner is { } before && await _queue.ReleaseAsync(before, stoppingToken) is > 0 and var recovered)
                    LogRecovered(recovered);
                isRecovered = true;
                await ReleaseStraysAsync(stoppingToken);
                (cursor, wait) = await FillAsync(cursor, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // A claim may have been made all the same.
                _backlog.MarkStrays();
                LogFailed(e);
                wait = TimeSpan.FromSeconds(1);
            }

            workers.RemoveAll(w => w.IsCompleted);
            while (_backlog.Begin() is { } destination)
                workers.Add(WorkAsync(destination, stoppingToken));
            await WaitAsync(wait, stoppingToken);
        }

        await Task.WhenAll([.. workers, heart]);
        await GiveBackAsync();
    }

    private async Task ReleaseStraysAsync(CancellationToken ct)
    {
        if (_backlog.TakeStrays() is { } held && await _queue.ReleaseStraysAsync(held, ct) is > 0 and var strays)
            LogStrays(strays);
    }

    private async Task WorkAsync(string destination, CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            await _worker.RunAsync(destination, stopping, _abort.Token);
        }
        finally
        {
            _backlog.End(destination, _time.GetUtcNow());
            _signal.Set();
        }
    }

    /// <summary>
    /// Leases what is due, as far as there is room. Rows of a destination that is full are passed over: the cursor goes on behind them, so that each look reads
    /// a bounded number of rows however long the queue is, and begins anew when it has come to the end.
    /// </summary>
    private async Task<(DueRow? Cursor, TimeSpan Wait)> FillAsync(DueRow? cursor, CancellationToken ct)
    {
        if (_backlog.Room < Window)
            return (cursor, LookAtLeast);
        var due = await _queue.LookAsync(cursor, Window, ct);
        var now = _time.GetUtcNow();
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var domain in due.Select(r => r.Domain).Distinct(StringComparer.Ordinal))
            places.Add(domain, await PlaceOfAsync(domain, ct));
        var wanted = due.FindAll(r => !_backlog.IsFull(places[r.Domain], now));
        var domains = wanted.DistinctBy(r => (r.Message, r.N)).ToDictionary(r => (r.Message, r.N), r => r.Domain);
        if (wanted.Count > 0)
        {
            var claimed = await _queue.ClaimAsync(wanted, ct);
            foreach (var place in claimed.GroupBy(i => places[domains[(i.Message, i.N)]], StringComparer.Ordinal))
                _backlog.Add(place.Key, WorkersFor(place.Key), Batches(place, domains));
        }

        // A full window: there is more to see at once. A passed-over rest: look again soon, from the start.
        if (due.Count == Window)
            return (due[^1], TimeSpan.Zero);
        if (cursor is not null || wanted.Count < due.Count)
            return (null, TimeSpan.FromSeconds(1));
        return (null, await _queue.NextAsync(ct) is { } next && next < LookAtLeast ? next : LookAtLeast);
    }

    /// <summary>Whatever shares a connection shares a place; all local mail is one.</summary>
    private async ValueTask<string> PlaceOfAsync(string domain, CancellationToken ct)
    {
        var isLocal = domain.Length == 0 || EmailAddress.TryParse("postmaster@" + domain) is { } any && await _local.IsLocalAsync(any, ct);
        return isLocal ? LocalPlace : _routing.DestinationOf(domain);
    }

    /// <summary>Strangers get a few connections at once; our own relay, and our own store, take more.</summary>
    private int WorkersFor(string place) => place == LocalPlace ? _settings.Outbound.Workers / 2
        : _routing.IsRoute(place) ? _settings.Outbound.Workers
        : _settings.Outbound.Workers / 4;

    private const string LocalPlace = "local mailboxes";

    private static IEnumerable<Batch> Batches(IGrouping<string, QueueItem> place, Dictionary<(long, int), string> domains) =>
        place.OrderBy(i => i.Message).ThenBy(i => i.N)
            .GroupBy(i => (i.Message, Domain: place.Key == LocalPlace || i.Local is not null ? "" : domains[(i.Message, i.N)]))
            .Select(g => new Batch(g.Key.Message, g.Key.Domain, place.Key == LocalPlace || g.Key.Domain.Length == 0, [.. g]));

    private async Task WaitAsync(TimeSpan wait, CancellationToken ct)
    {
        if (wait <= TimeSpan.Zero)
            return;
        try
        {
            await _signal.WaitAsync(wait, ct);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task BeatAsync(CancellationToken stopping)
    {
        // Beyond "stopping": what is under way keeps its lease to its end.
        using var timer = new PeriodicTimer(Heartbeat, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                try
                {
                    await _queue.RenewAsync(_backlog.Held, stopping);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LogFailed(e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: the grace is shorter than a lease.
        }
    }

    private async Task GiveBackAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _queue.ReleaseAsync(_queue.Owner, limit.Token);
        }
        catch (Exception e) when (e is NpgsqlException or MailException or OperationCanceledException)
        {
            // The leases run out, or our next start takes them back.
            LogFailed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The queue goes on with {Recipients} recipients that were under way when this server last stopped")]
    private partial void LogRecovered(int recipients);

    [LoggerMessage(Level = LogLevel.Information, Message = "The queue takes up {Recipients} recipients again that an outage of the database had cut off")]
    private partial void LogStrays(int recipients);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue can't be read just now")]
    private partial void LogFailed(Exception e);
}
