using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Outbound;

/// <summary>
/// Which notices a sender gets (RFC 3461 section 5.2), and how they get into the queue. There is never one for the null sender, so notices about notices
/// can't arise. Holds no state.
/// </summary>
public sealed partial class Notices
{
    // A notice must not be a way to send large things to third parties; above this the header alone goes back (as RFC 3461 section 6.2 lets us).
    private const int LargestReturned = 100 * 1024;
    private const int LargestHeader = 64 * 1024;

    private readonly QueueOutcomes _outcomes;
    private readonly Signing _signing;
    private readonly WebmailSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<Notices> _log;

    internal Notices(QueueOutcomes outcomes, Signing signing, WebmailSettings settings, TimeProvider time, ILogger<Notices> log)
    {
        _outcomes = outcomes;
        _signing = signing;
        _settings = settings;
        _time = time;
        _log = log;
    }

    /// <summary>
    /// Tells the sender that local copies were made, for those recipients that asked for SUCCESS. Call it after the delivery; it queues at most one notice, and none for the null sender.
    /// </summary>
    /// <param name="traceId">The delivered message's: a second call for the same one brings the sender no second notice.</param>
    /// <param name="ret">Not looked at: RET is about failures (RFC 3461 section 4.3).</param>
    /// <param name="delivered">Only recipients that were delivered; those that didn't ask are left out here.</param>
    public async ValueTask DeliveredAsync(
        Guid traceId, EmailAddress? sender, string? envId, string? ret, IReadOnlyList<InboundRecipient> delivered, MessageBody body, CancellationToken ct)
    {
        _ = ret;
        var wanted = delivered.Where(r => r.Notify?.Split(',').Contains("SUCCESS", StringComparer.OrdinalIgnoreCase) ?? false).ToList();
        if (sender is null || wanted.Count == 0)
            return;
        var now = _time.GetUtcNow();
        var recipients = wanted.Select(r => new DsnRecipient(r.Address, r.Orcpt, "2.1.5", "Delivered", null)).ToList();
        var returned = await ReadAsync(body, LargestHeader, ct);
        var report = new DsnReport(
            DsnKind.Delivered, _settings.Hostname, sender, recipients, envId, now, now, null, HeaderOf(returned), IsWhole: false, NeedsUtf8: HasUtf8(HeaderOf(returned)));
        try
        {
            await _outcomes.WriteAsync(await WriteAsync(report, traceId, ct), ct);
        }
        catch (NpgsqlException e)
        {
            // The message itself is stored; refusing it now would bring it a second time.
            LogNotWritten(e, traceId);
        }
    }

    /// <summary>The notices that one try's outcomes call for.</summary>
    internal async Task<List<NoticeMail>> ForAsync(QueueMessage message, IReadOnlyList<Outcome> outcomes, bool peerReports, CancellationToken ct)
    {
        var notices = new List<NoticeMail>();
        if (message.Sender is not { } sender)
            return notices;
        foreach (var kind in Enum.GetValues<DsnKind>())
        {
            var concerned = outcomes.Where(o => Concerns(o, kind, peerReports)).ToList();
            if (concerned.Count > 0)
                notices.Add(await WriteAsync(await ReportAsync(message, sender, kind, concerned, ct), null, ct));
        }

        return notices;
    }

    private static bool Concerns(Outcome outcome, DsnKind kind, bool peerReports)
    {
        var isDone = outcome.Wait is null && outcome.Instead.Count == 0;
        return kind switch
        {
            DsnKind.Failed => isDone && outcome.Result.State != RecipientState.Delivered && outcome.Item.WantsFailure,
            DsnKind.Delayed => outcome.NoticeDelay,
            _ => isDone && outcome.Result.State == RecipientState.Delivered && outcome.Item.Wants("SUCCESS")
                && (kind == DsnKind.Delivered ? outcome.Result.RemoteMta is null : outcome.Result.RemoteMta is not null && !peerReports),
        };
    }

    private async Task<DsnReport> ReportAsync(QueueMessage message, EmailAddress sender, DsnKind kind, List<Outcome> concerned, CancellationToken ct)
    {
        // RFC 3461 section 4.3: RET is about failures; everything else brings the header only.
        var whole = kind == DsnKind.Failed && message.Ret != "HDRS" && message.Body.Length <= LargestReturned;
        var octets = await ReadAsync(message.Body, whole ? LargestReturned : Math.Min(message.HeaderSize, LargestHeader), ct);
        octets = octets[StoredMessageFront.ReturnPathLength(octets.Span)..];
        var header = HeaderOf(octets);
        return new(
            kind, _settings.Hostname, sender,
            [.. concerned.Select(o => new DsnRecipient(o.Item.Recipient.Address, o.Item.Recipient.Orcpt, o.Result.Status, o.Result.Reply, o.Result.RemoteMta))],
            message.EnvId, message.CreatedAt, _time.GetUtcNow(), message.ExpiresAt, whole ? octets : header, whole, HasUtf8(header));
    }

    private async Task<NoticeMail> WriteAsync(DsnReport report, Guid? about, CancellationToken ct)
    {
        // Derived: the store delivers a trace id to an account once.
        var id = about is { } trace ? new Guid(SHA256.HashData([.. trace.ToByteArray(), (byte)report.Kind]).AsSpan(0, 16)) : Guid.NewGuid();
        var octets = Dsn.Write(report, id.ToString("n"), $"=_{Guid.NewGuid():n}");
        var header = octets.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        var is8Bit = octets.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)127) >= 0;
        return new(id, report.To, octets, header, report.To.NeedsUtf8, is8Bit, await SignAsync(octets, ct));
    }

    /// <summary>Our host's name mostly stands under one of our domains, whose signature is aligned with it (RFC 7489 section 3.1).</summary>
    private async Task<ReadOnlyMemory<byte>> SignAsync(byte[] octets, CancellationToken ct)
    {
        for (var domain = _settings.Hostname; domain.Contains('.', StringComparison.Ordinal); domain = domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            var signature = await _signing.SignAsync(new MemoryBody(octets), domain, ct);
            if (!signature.IsEmpty)
                return signature;
        }

        return default;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(MessageBody body, int atMost, CancellationToken ct)
    {
        if (body.TryGetMemory(out var all))
            return all[..Math.Min(all.Length, atMost)];
        var octets = new byte[(int)Math.Min(body.Length, atMost)];
        var filled = 0;
        while (filled < octets.Length && await body.ReadAsync(filled, octets.AsMemory(filled), ct) is > 0 and var n)
            filled += n;
        return octets.AsMemory(0, filled);
    }

    /// <summary>Up to the empty line; a header that was cut off ends with its last whole line.</summary>
    private static ReadOnlyMemory<byte> HeaderOf(ReadOnlyMemory<byte> octets)
    {
        var end = octets.Span.IndexOf("\r\n\r\n"u8);
        return end >= 0 ? octets[..(end + 2)] : octets[..(octets.Span.LastIndexOf((byte)'\n') + 1)];
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{TraceId}: the sender could not be told of the delivery")]
    private partial void LogNotWritten(Exception e, Guid traceId);

    private static bool HasUtf8(ReadOnlyMemory<byte> header) => header.Span.IndexOfAnyExceptInRange((byte)0, (byte)127) >= 0;
}
