using System.Net;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store;

/// <summary>A copy for a local account, into INBOX unless a rule chose otherwise.</summary>
/// <param name="Force">Take it over quota (postmaster, abuse, our own notices).</param>
public sealed record LocalDelivery(AccountId Account, SpecialUse Into, FlagSet Flags, bool Force)
{
    /// <summary>The recipient's address as it was given: for a notice when a worker has to store the copy and can't.</summary>
    public EmailAddress? Address { get; init; }
}

/// <summary>A recipient elsewhere, as the queue keeps it.</summary>
/// <param name="Notify">RFC 3461 NOTIFY as given ("NEVER", "SUCCESS,FAILURE" …); null: not given.</param>
/// <param name="Orcpt">RFC 3461 ORCPT as given ("rfc822;a@b"); null: not given.</param>
public sealed record RemoteRecipient(EmailAddress Address, string? Notify, string? Orcpt);

/// <summary>The part of a message that leaves: one queue message with its recipients.</summary>
/// <param name="Sender">The envelope sender; null: the null sender.</param>
/// <param name="Front">Octets to send before the stored message (DKIM signatures); empty: none.</param>
/// <param name="NeedsUtf8">SMTPUTF8 was asked for.</param>
/// <param name="Is8Bit">BODY=8BITMIME was declared, or the message has octets above 127.</param>
public sealed record QueuedMail(
    EmailAddress? Sender,
    IReadOnlyList<RemoteRecipient> Recipients,
    ReadOnlyMemory<byte> Front,
    string? EnvId,
    string? Ret,
    bool NeedsUtf8,
    bool Is8Bit,
    DateTimeOffset? HoldUntil);

/// <summary>One message on its way to local accounts and to the queue: one transaction for all.</summary>
/// <param name="TraceId">Follows the message from the SMTP dialogue to its end.</param>
/// <param name="Verdicts">What the checks found, as a JSON object; null: nothing.</param>
public sealed record Delivery(
    Guid TraceId, IncomingMessage Message, IReadOnlyList<LocalDelivery> Local, QueuedMail? Remote, string? Verdicts)
{
    /// <summary>
    /// True for a worker that may try again: an account that already took a delivery of this trace id with <see cref="Once"/> answers Stored, and nothing is stored.
    /// </summary>
    public bool Once { get; init; }
}

public enum DeliveryStatus
{
    Stored,
    OverQuota,
    NoSuchAccount,

    /// <summary>The store could not; nothing of this recipient was stored. Try again.</summary>
    Failed,
}

/// <param name="Local">In the order of <see cref="Delivery.Local"/>.</param>
/// <param name="Queued">Something went to the queue. False where there is a <see cref="Delivery.Remote"/>: nothing was stored, here or there; try again.</param>
public sealed record DeliveryResult(IReadOnlyList<DeliveryStatus> Local, bool Queued);

/// <summary>
/// Mail into accounts and into the queue, without a principal: for the inbound pipeline, submission and notices only. When it returns,
/// everything that is reported as stored or queued is on disk. Recipients beyond some 20 go through durable queue rows.
/// </summary>
public interface IDeliveryStore
{
    ValueTask<DeliveryResult> DeliverAsync(Delivery delivery, CancellationToken ct);
}
