using Microsoft.Extensions.Logging;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// Mail into accounts and into the queue: one transaction for a message and all its recipients, shared with other messages that come at the same time. Up to
/// 20 local copies are made in it; more are queue rows of the same transaction, for a worker.
/// </summary>
internal sealed partial class DeliveryStore(CommitLane lane, HintSender hints, QueueSignal queue, TimeProvider time, ILogger<DeliveryStore> log) : IDeliveryStore
{
    private const int MaxAtOnce = 20;

    public async ValueTask<DeliveryResult> DeliverAsync(Delivery delivery, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var message = StoredMessage.Of(delivery.Message);
        // A worker's own delivery is never put off again.
        var atOnce = delivery.Once ? delivery.Local.Count : Math.Min(delivery.Local.Count, MaxAtOnce);
        var later = delivery.Local.Skip(atOnce).ToList();
        var queued = delivery.Remote is not null || later.Count > 0
            ? new QueueRows(message, delivery.Remote, later, delivery.TraceId, delivery.Verdicts)
            : null;
        if (queued is null && atOnce == 0)
            return new([], false);

        var commit = new Commit(Rows(delivery, message, atOnce), queued);
        try
        {
            // Not cancelled once it is handed over: it may be on disk already.
            var stored = await lane.StoreAsync(commit);
            if (queued is not null)
            {
                queue.Set();
                hints.SendQueue();
            }

            return new(Outcome(delivery, stored, atOnce), queued is not null);
        }
        catch (Exception e)
        {
            if (StoreErrors.IsOutage(e))
                Later(e.Message);
            else
                Failed(e);
            return new([.. delivery.Local.Select(_ => DeliveryStatus.Failed)], false);
        }
    }

    // One copy for each account, however often it is named.
    private SortedDictionary<long, List<AppendRow>> Rows(Delivery delivery, StoredMessage message, int count)
    {
        var rows = new SortedDictionary<long, List<AppendRow>>();
        var now = time.GetLocalNow();
        foreach (var local in delivery.Local.Take(count))
        {
            rows.TryAdd(local.Account.Value,
            [
                new(message, 1, 0, local.Into, local.Force, delivery.Once, local.Flags, now, delivery.Verdicts, delivery.TraceId),
            ]);
        }

        return rows;
    }

    private static List<DeliveryStatus> Outcome(Delivery delivery, IReadOnlyDictionary<long, AppendedRow[]> stored, int atOnce) =>
    [
        .. delivery.Local.Select((local, i) => i >= atOnce
            ? DeliveryStatus.Stored
            : stored[local.Account.Value][0].Status switch
            {
                AppendStatus.Stored or AppendStatus.StoredBefore => DeliveryStatus.Stored,
                AppendStatus.OverQuota => DeliveryStatus.OverQuota,
                AppendStatus.NoSuchAccount => DeliveryStatus.NoSuchAccount,
                _ => DeliveryStatus.Failed,
            }),
    ];

    // One line for each message of an outage is enough.
    [LoggerMessage(LogLevel.Warning, "A delivery could not be stored now: {Reason}")]
    private partial void Later(string reason);

    [LoggerMessage(LogLevel.Error, "A delivery could not be stored")]
    private partial void Failed(Exception e);
}
