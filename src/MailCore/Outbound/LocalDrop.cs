using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Outbound;

/// <param name="Instead">Outside addresses that the recipient leads to, beside or instead of accounts here.</param>
internal sealed record LocalResult(RecipientResult Result, IReadOnlyList<RemoteRecipient> Instead);

/// <summary>
/// The queue's way into our own mailboxes: copies that the store left to us, and recipients whose domain is ours. An account gets a message once, however
/// often it is tried, since the store remembers trace id and account. Stateless.
/// </summary>
internal sealed class LocalDrop(IDirectory directory, IDeliveryStore deliveries, BlobStore blobs, WebmailSettings settings)
{
    private static readonly (RecipientState State, string Status, string Text) Later = (RecipientState.Deferred, "4.3.0", "The message could not be stored; it will be tried again");

    public async ValueTask<bool> IsLocalAsync(EmailAddress address, CancellationToken ct) =>
        await directory.IsLocalDomainAsync(address.Domain, ct)
        || string.Equals(address.AsciiDomain, settings.Hostname, StringComparison.OrdinalIgnoreCase)
            && (await directory.ResolveAsync(address, ct)).Kind is ResolutionKind.Found or ResolutionKind.Disabled;

    public async Task<IReadOnlyList<LocalResult>> DeliverAsync(QueueMessage message, IReadOnlyList<QueueItem> items, CancellationToken ct)
    {
        var plans = new List<Plan>(items.Count);
        foreach (var item in items)
            plans.Add(item.Local is { } copy ? new(item, [copy], [], null) : await PlanAsync(message, item, ct));

        var copies = plans.SelectMany(p => p.Copies).DistinctBy(c => c.Account).ToList();
        var statuses = copies.Count > 0 ? await StoreAsync(message, copies, ct) : [];
        var byAccount = copies.Zip(statuses).ToDictionary(x => x.First.Account, x => x.Second);
        return [.. plans.Select(p => Judge(p, byAccount))];
    }

    private async ValueTask<Plan> PlanAsync(QueueMessage message, QueueItem item, CancellationToken ct)
    {
        var resolution = await directory.ResolveAsync(item.Recipient.Address, ct);
        // Our own notices are taken over quota: somebody without room must still learn what became of a message.
        var force = message.Sender is null;
        return resolution.Kind switch
        {
            ResolutionKind.Found => new(
                item, [.. resolution.Local.Select(t => new LocalDelivery(t.Account, SpecialUse.None, FlagSet.None, force || t.AlwaysTake))],
                [.. resolution.Outside.Select(a => new RemoteRecipient(a, item.Recipient.Notify, item.Recipient.Orcpt ?? Orcpt(item.Recipient.Address)))], null),
            ResolutionKind.UnknownUser => new(item, [], [], (RecipientState.Failed, "5.1.1", "No such user here")),
            ResolutionKind.Disabled => new(item, [], [], (RecipientState.Deferred, "4.2.1", "The mailbox is disabled")),
            _ => new(item, [], [], Later),
        };
    }

    private async ValueTask<IReadOnlyList<DeliveryStatus>> StoreAsync(QueueMessage message, List<LocalDelivery> copies, CancellationToken ct)
    {
        try
        {
            if (await StoredMessageFront.HasReturnPathAsync(message.Body, ct))
                return await StoreAsync(message, copies, await blobs.ReopenAsync(message.Body, ct), ct);

            // RFC 5321 section 4.4: the final delivery says where the message came from.
            await using var spool = blobs.Begin();
            var buffer = new byte[64 * 1024];
            for (long at = 0; await message.Body.ReadAsync(at, buffer, ct) is > 0 and var n; at += n)
                await spool.WriteAsync(buffer.AsMemory(0, n), ct);
            var front = System.Text.Encoding.UTF8.GetBytes($"Return-Path: <{message.Sender}>\r\n");
            return await StoreAsync(message, copies, await spool.CompleteAsync(front, ct), ct);
        }
        catch (MailException e) when (e.Error == MailError.Unavailable)
        {
            return [.. copies.Select(_ => DeliveryStatus.Failed)];
        }
    }

    private async ValueTask<IReadOnlyList<DeliveryStatus>> StoreAsync(QueueMessage message, List<LocalDelivery> copies, IncomingMessage octets, CancellationToken ct) =>
        (await deliveries.DeliverAsync(new(message.TraceId, octets, copies, null, message.Verdicts) { Once = true }, ct)).Local;

    private LocalResult Judge(Plan plan, Dictionary<AccountId, DeliveryStatus> statuses)
    {
        var said = plan.Refusal ?? Worst([.. plan.Copies.Select(c => statuses[c.Account])]);
        return new(new(plan.Item.Recipient, said.State, said.Status, said.Text, null), said.State == RecipientState.Delivered ? plan.Instead : []);
    }

    /// <summary>What must be tried again decides; what is stored already is not stored twice.</summary>
    private static (RecipientState State, string Status, string Text) Worst(List<DeliveryStatus> statuses)
    {
        if (statuses.Contains(DeliveryStatus.Failed))
            return Later;
        if (statuses.Contains(DeliveryStatus.OverQuota))
            return (RecipientState.Deferred, "4.2.2", "The mailbox is full");
        return statuses.Count > 0 && statuses.TrueForAll(s => s == DeliveryStatus.NoSuchAccount)
            ? (RecipientState.Failed, "5.1.1", "No such user here")
            : (RecipientState.Delivered, "2.1.5", "Delivered");
    }

    private static string? Orcpt(EmailAddress address) =>
        address.NeedsUtf8 || address.Local.AsSpan().IndexOfAny('+', '=', ' ') >= 0 ? null : $"rfc822;{address.ToAsciiString()}";

    private sealed record Plan(
        QueueItem Item, IReadOnlyList<LocalDelivery> Copies, IReadOnlyList<RemoteRecipient> Instead, (RecipientState State, string Status, string Text)? Refusal);
}
