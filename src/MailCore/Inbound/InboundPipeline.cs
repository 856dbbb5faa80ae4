using System.Text;
using Microsoft.Extensions.Logging;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Inbound.Checks;
using Webmail.MailCore.Model;
using Webmail.MailCore.Outbound;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Inbound;

/// <summary>
/// The way of every message that comes in, whichever door it takes: the checks in the order of <see cref="Checks"/>; who gets it; the trace header; one
/// transaction for all copies and for the queue. Invariants: what is reported as taken is on disk; nobody gets two copies; once somebody was
/// taken, nobody else is lost (their copies go to the durable queue). Holds no lock, and no state between two calls.
/// </summary>
internal sealed partial class InboundPipeline(
    IDirectory directory,
    IAuthenticator authenticator,
    IBlobStore blobs,
    IDeliveryStore store,
    Signing signing,
    Notices notices,
    WebmailSettings settings,
    TimeProvider time,
    ILogger<InboundPipeline> log) : IInbound
{
    private readonly RecipientRules _rules = new(directory);

    /// <summary>The checks of a whole message, first to last; the first refusal stands.</summary>
    internal IReadOnlyList<IInboundCheck> Checks { get; } =
    [
        new SizeLimit(settings),
        new MailLoop(),
        new AuthorIsSender(directory),
    ];

    public IncomingSpool Begin() => new(blobs.Begin());

    public async ValueTask<Refusal?> CheckSenderAsync(InboundClient client, EmailAddress? sender, CancellationToken ct)
    {
        if (client.Principal is not { } principal)
            return null;
        if (!await authenticator.IsCurrentAsync(principal, ct))
            return new(RefusalKind.Policy, "Your password or your rights have changed: log in again");

        // The null sender is for receipts (RFC 8098 section 3), which clients send too.
        if (sender is null || await directory.OwnsAsync(principal, sender, ct))
            return null;
        return new(RefusalKind.NotYourAddress, $"{sender} is not an address of yours");
    }

    public async ValueTask<Refusal?> CheckRecipientAsync(InboundClient client, EmailAddress? sender, EmailAddress recipient, CancellationToken ct) =>
        (await _rules.LookAsync(client, recipient, ct)).Refusal;

    public async ValueTask<InboundOutcome> AcceptAsync(InboundMessage message, CancellationToken ct)
    {
        var traceId = Guid.CreateVersion7(time.GetUtcNow());
        foreach (var check in Checks)
        {
            if (await check.CheckAsync(message, ct) is { } refusal)
                return new(traceId, DeliveryPlan.All(message.Recipients, refusal));
        }

        var plan = await PlanAsync(message, ct);
        return plan.IsEmpty
            ? new(traceId, plan.Judge(new([], Queued: false), replyForEach: true, out _))
            : new(traceId, await DeliverAsync(message, plan, traceId, ct));
    }

    private async ValueTask<DeliveryPlan> PlanAsync(InboundMessage message, CancellationToken ct)
    {
        var plan = new DeliveryPlan();
        foreach (var recipient in message.Recipients)
        {
            var (resolution, refusal) = await _rules.LookAsync(message.Client, recipient.Address, ct);
            if (refusal is not null)
                plan.Refuse(recipient, refusal);
            else if (resolution.Kind == ResolutionKind.Found && message.HoldUntil is null)
                plan.AddLocal(recipient, resolution);
            else
                plan.AddRemote(recipient);
        }

        return plan;
    }

    private async ValueTask<IReadOnlyList<RecipientOutcome>> DeliverAsync(InboundMessage message, DeliveryPlan plan, Guid traceId, CancellationToken ct)
    {
        var incoming = await CompleteAsync(message, withReturnPath: plan.Local.Count > 0, traceId, ct);
        var remote = plan.Remote.Count > 0 ? await QueueAsync(message, incoming, plan.Remote, ct) : null;
        var result = await store.DeliverAsync(new(traceId, incoming, plan.Local, remote, null), ct);
        var replyForEach = message.Client.Ingress == Ingress.Lmtp;
        var outcomes = plan.Judge(result, replyForEach, out var unfinished);
        if (unfinished.Count > 0)
        {
            var rest = await store.DeliverAsync(new(traceId, incoming, [], await QueueAsync(message, incoming, unfinished, ct), null), ct);
            if (!rest.Queued)
                return plan.JudgeUnfinished(outcomes, result, replyForEach);
        }

        await NotifyAsync(message, incoming, plan.StoredHere(result.Local), traceId, ct);
        return outcomes;
    }

    /// <summary>NOTIFY=SUCCESS. The message is stored by now: whatever happens to the notice, the client must hear so, or it would send again.</summary>
    private async ValueTask NotifyAsync(
        InboundMessage message, IncomingMessage incoming, IReadOnlyList<InboundRecipient> stored, Guid traceId, CancellationToken ct)
    {
        if (message.Sender is null || stored.All(r => r.Notify is null))
            return;
        try
        {
            await notices.DeliveredAsync(traceId, message.Sender, message.EnvId, message.Ret, stored, incoming.Body, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            NoticeLost(log, traceId, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The delivery notice for {TraceId} could not be queued")]
    private static partial void NoticeLost(ILogger logger, Guid traceId, Exception e);

    private ValueTask<IncomingMessage> CompleteAsync(InboundMessage message, bool withReturnPath, Guid traceId, CancellationToken ct)
    {
        var now = time.GetLocalNow();
        var trace = new StringBuilder(512);
        TraceHeader.Write(trace, message, traceId, settings.Hostname, now, withReturnPath);
        var principal = message.Client.Principal;
        var header = HeaderRewrite.Write(
            trace.ToString(), message.Spool.Header, principal is not null, MessageIdDomain(principal), traceId, now);
        return message.Spool.CompleteWithHeaderAsync(header, ct);
    }

    private string MessageIdDomain(Principal? principal) =>
        principal is null || ReferenceEquals(principal, Principal.LocalConsole) ? settings.Hostname : principal.Address.AsciiDomain;

    private async ValueTask<QueuedMail> QueueAsync(
        InboundMessage message, IncomingMessage incoming, IReadOnlyList<RemoteRecipient> recipients, CancellationToken ct)
    {
        // Only what our own users wrote is ours to sign.
        var author = message.Client.Principal is null ? null : Authors.Read(message.Spool.Header);
        var front = author is { From: [var from, ..] } ? await signing.SignAsync(incoming.Body, from.Domain, ct) : default;
        return new(
            message.Sender, recipients, front, message.EnvId, message.Ret, message.NeedsUtf8, message.Is8Bit || message.Spool.Is8Bit, message.HoldUntil);
    }
}
