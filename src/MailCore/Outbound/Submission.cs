using Webmail.MailCore.Auth;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Outbound;

/// <summary>What may be said about a message that is handed over inside this process.</summary>
public sealed record SubmissionOptions
{
    /// <summary>The "with" word of the Received line: "HTTP" for the web and REST, "local" for the command line.</summary>
    public required string Protocol { get; init; }

    /// <summary>Send it then; null: now.</summary>
    public DateTimeOffset? HoldUntil { get; init; }

    /// <summary>RFC 3461 NOTIFY for every recipient; null: the default (failures).</summary>
    public string? Notify { get; init; }

    /// <summary>An address or the header needs SMTPUTF8.</summary>
    public bool NeedsUtf8 { get; init; }
}

/// <summary>
/// Sending from inside: the web, REST and the command line. The same rules as port 587, and all or nothing: when the sender or one recipient is
/// refused, nothing was sent. Saves no copy in Sent: that is the caller's.
/// </summary>
public sealed class Submission(IInbound inbound)
{
    /// <summary>Write the message here, with CRLF; dispose it in every case.</summary>
    public IncomingSpool Begin() => inbound.Begin();

    /// <summary>
    /// Sends what was written. From must be the principal's; Bcc is taken out; Date and Message-ID are added when absent; it is signed. When no outcome has a
    /// refusal, the message is on disk, in mailboxes here or in the queue.
    /// </summary>
    /// <param name="sender">The envelope sender, an address of the principal; null: the null sender (receipts).</param>
    /// <exception cref="MailException"><see cref="MailError.Invalid"/>: no recipients; Unavailable: the store</exception>
    public async ValueTask<InboundOutcome> SubmitAsync(
        Principal principal,
        EmailAddress? sender,
        IReadOnlyList<EmailAddress> recipients,
        IncomingSpool spool,
        SubmissionOptions options,
        CancellationToken ct)
    {
        if (recipients.Count == 0)
            throw new MailException(MailError.Invalid, "The message has no recipient");
        var client = new InboundClient(Ingress.Submission, null, null, null, options.Protocol, true, null, true, principal);
        var named = recipients.Distinct().Select(a => new InboundRecipient(a, options.Notify, null)).ToList();
        if (await inbound.CheckSenderAsync(client, sender, ct) is { } refusal)
            return new(Guid.Empty, DeliveryPlan.All(named, refusal));

        var outcomes = new List<RecipientOutcome>(named.Count);
        foreach (var recipient in named)
            outcomes.Add(new(recipient, await inbound.CheckRecipientAsync(client, sender, recipient.Address, ct)));
        if (outcomes.Exists(o => o.Refusal is not null))
            return new(Guid.Empty, outcomes);

        var needsUtf8 = options.NeedsUtf8 || sender?.NeedsUtf8 == true || recipients.Any(r => r.NeedsUtf8);
        return await inbound.AcceptAsync(
            new(client, sender, named, spool, null, null, needsUtf8, spool.Is8Bit) { HoldUntil = options.HoldUntil }, ct);
    }

    /// <summary>Whom a message says it is for (<c>sendmail -t</c>).</summary>
    public static HeaderRecipients RecipientsOf(ReadOnlySpan<byte> header) => HeaderRecipients.Read(header);
}
