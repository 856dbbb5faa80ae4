using Microsoft.Extensions.Logging;
using Npgsql;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Outbound;

/// <summary>
/// Works off one destination's batches, one after another: read the message, hand it over, write what became of it, and only then the next. A message
/// that was handed over and could not be written down is sent again, and never lost.
/// </summary>
internal sealed partial class QueueWorker(
    Queue queue, QueueOutcomes outcomes, Notices notices, LocalDrop local, Routing routing, IMailTransport transport,
    Backlog backlog, WebmailSettings settings, TimeProvider time, ILogger<QueueWorker> log)
{
    // Then another destination gets its turn.
    private const int MostMessages = 100;

    private readonly RetrySchedule _schedule = new(settings.Outbound);

    /// <param name="stopping">Begin no other message.</param>
    /// <param name="abort">Leave the one under way.</param>
    public async Task RunAsync(string destination, CancellationToken stopping, CancellationToken abort)
    {
        await using var session = new DestinationSession(routing, transport);
        for (var n = 0; n < MostMessages && !stopping.IsCancellationRequested && backlog.Take(destination) is { } batch; n++)
        {
            await RunAsync(batch, ct => WorkAsync(batch, session, ct), abort);
            if (session.Unreachable is not { } unreachable)
                continue;
            foreach (var waiting in backlog.TakeAll(destination, time.GetUtcNow() + Rest))
                await RunAsync(waiting, ct => DeferAsync(waiting, unreachable, ct), abort);
        }
    }

    /// <summary>One batch to its end, whatever that is. In an outage of the database it goes back to the queue; after a bug its lease runs out first.</summary>
    private async Task RunAsync(Batch batch, Func<CancellationToken, Task> work, CancellationToken abort)
    {
        var isStray = false;
        try
        {
            await work(abort);
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            // All that is ours is given back at the end.
        }
        catch (Exception e)
        {
            isStray = StoreErrors.IsOutage(e);
            if (isStray)
                LogCutOff(batch.Message, e.Message);
            else
                LogFailed(e, batch.Message);
            await Task.Delay(TimeSpan.FromSeconds(1), time, abort).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            backlog.Release(batch, isStray);
        }
    }

    private TimeSpan Rest => settings.Outbound.RetryFirst < TimeSpan.FromMinutes(1) ? settings.Outbound.RetryFirst : TimeSpan.FromMinutes(1);

    private async Task WorkAsync(Batch batch, DestinationSession session, CancellationToken ct)
    {
        if (await queue.LoadAsync(batch.Message, batch.Items.Select(i => i.N), ct) is not { } loaded)
            return;
        var items = batch.Items.Where(i => loaded.Ours.Contains(i.N)).ToList();
        if (items.Count == 0)
            return;
        var message = loaded.Message;
        var results = batch.IsLocal
            ? await local.DeliverAsync(message, items, ct)
            : [.. (await SendAsync(batch.Domain, message, items, session, ct)).Select(r => new LocalResult(r, []))];
        var judged = items.Select((item, i) => Judge(message, item, results[i])).ToList();
        foreach (var outcome in judged)
            LogOutcome(message.TraceId, outcome.Result.State, outcome.Result.Status, outcome.Result.RemoteMta, session.TlsDescription);
        // From here on the outcome is a fact: it is written even while we are stopping.
        await WriteAsync(message, judged, session.PeerReports, ct);
    }

    private static async Task<IReadOnlyList<RecipientResult>> SendAsync(
        string domain, QueueMessage message, List<QueueItem> items, DestinationSession session, CancellationToken ct)
    {
        var body = await StoredMessageFront.WithoutReturnPathAsync(message.Body, ct);
        return await session.SendAsync(
            domain,
            new(message.Sender, [.. items.Select(i => i.Recipient)], message.Front, body, message.EnvId, message.Ret, message.NeedsUtf8, message.Is8Bit), ct);
    }

    private Outcome Judge(QueueMessage message, QueueItem item, LocalResult said)
    {
        var result = said.Result;
        if (result.State != RecipientState.Deferred)
            return new(item, result, null, NoticeDelay: false) { Instead = said.Instead };
        if (message.IsExpired)
        {
            // RFC 3463: 4.4.7, as a failure 5.4.7, "delivery time expired"; what was said last says why.
            var last = result with { State = RecipientState.Failed, Status = "5.4.7" };
            return new(item, last, null, NoticeDelay: false);
        }

        var notice = settings.Outbound.DelayNotice > TimeSpan.Zero && message.Age >= settings.Outbound.DelayNotice
            && !item.DelayNoticed && item.WantsDelay && message.Sender is not null;
        return new(item, result, _schedule.Wait(item.Attempts, message.ExpiresAt - time.GetUtcNow()), notice);
    }

    private async Task WriteAsync(QueueMessage message, List<Outcome> judged, bool peerReports, CancellationToken ct)
    {
        for (var delay = TimeSpan.FromMilliseconds(200); judged.Count > 0; delay = TimeSpan.FromSeconds(Math.Min(10, delay.TotalSeconds * 2)))
        {
            try
            {
                var about = await notices.ForAsync(message, judged, peerReports, ct);
                var gone = await outcomes.WriteAsync(message.Id, judged, about, ct);
                if (gone.Count == 0)
                    return;
                // Written before, without our hearing of it, or taken over by somebody whose it is to report.
                judged = judged.FindAll(o => !gone.Contains(o.Item.N));
            }
            catch (Exception e) when (e is NpgsqlException or MailException && !ct.IsCancellationRequested)
            {
                LogNotWritten(message.TraceId, e.Message);
                await Task.Delay(delay, time, ct);
            }
        }
    }

    /// <summary>What waits behind a destination that can't be reached gets the same answer, without another time-out each.</summary>
    private async Task DeferAsync(Batch batch, RecipientResult said, CancellationToken ct)
    {
        if (await queue.LoadAsync(batch.Message, batch.Items.Select(i => i.N), ct) is not { } loaded)
            return;
        var judged = batch.Items.Where(i => loaded.Ours.Contains(i.N))
            .Select(i => Judge(loaded.Message, i, new(said with { Recipient = i.Recipient }, []))).ToList();
        await WriteAsync(loaded.Message, judged, peerReports: false, ct);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{TraceId}: {State} {Status} by {Mta} ({Tls})")]
    private partial void LogOutcome(Guid traceId, RecipientState state, string status, string? mta, string? tls);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{TraceId}: the outcome could not be written yet: {Reason}")]
    private partial void LogNotWritten(Guid traceId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Message {Message} of the queue was cut off by an outage of the database; it will be tried again: {Reason}")]
    private partial void LogCutOff(long message, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Message} of the queue failed here; it will be tried again")]
    private partial void LogFailed(Exception e, long message);
}
