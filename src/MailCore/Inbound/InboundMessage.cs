using System.Net;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Inbound;

/// <summary>By which door a message comes in.</summary>
public enum Ingress
{
    /// <summary>Port 25: for our own; for others only from trusted networks or after login.</summary>
    Smtp,

    /// <summary>Ports 587 and 465, the web and the command line: from our own users.</summary>
    Submission,

    /// <summary>LMTP: from a trusted front end, for our own only, with an answer for each recipient.</summary>
    Lmtp,
}

/// <summary>The client as the checks see it: what XCLIENT or the PROXY protocol said, where a trusted proxy said it.</summary>
/// <param name="Address">Null: it didn't come over a network (the command line, the web's own pages).</param>
/// <param name="Name">Verified reverse name; null: unknown.</param>
/// <param name="Helo">What it called itself; null: it didn't say.</param>
/// <param name="Protocol">The "with" word of its Received line ("ESMTPSA", "LMTP", "HTTP" …; RFC 3848 and IANA's list).</param>
/// <param name="IsTrusted">It is in Networks.Trusted: it may relay.</param>
/// <param name="Principal">Who logged in; null: nobody.</param>
public sealed record InboundClient(
    Ingress Ingress,
    IPAddress? Address,
    string? Name,
    string? Helo,
    string Protocol,
    bool IsEncrypted,
    string? TlsDescription,
    bool IsTrusted,
    Principal? Principal);

/// <summary>One recipient of an SMTP transaction as accepted at RCPT.</summary>
public sealed record InboundRecipient(EmailAddress Address, string? Notify, string? Orcpt);

/// <summary>A whole SMTP transaction, its message complete but not yet stored.</summary>
/// <param name="Sender">Null: the null sender.</param>
/// <param name="Spool">Written, not completed; stays the caller's to dispose.</param>
/// <param name="EnvId">RFC 3461 ENVID as given (xtext); null: not given.</param>
/// <param name="Ret">RFC 3461 RET: "FULL" or "HDRS"; null: not given.</param>
/// <param name="NeedsUtf8">SMTPUTF8 was asked for.</param>
/// <param name="Is8Bit">BODY=8BITMIME was declared. Octets above 127 are found by the spool itself.</param>
public sealed record InboundMessage(
    InboundClient Client,
    EmailAddress? Sender,
    IReadOnlyList<InboundRecipient> Recipients,
    IncomingSpool Spool,
    string? EnvId,
    string? Ret,
    bool NeedsUtf8,
    bool Is8Bit)
{
    /// <summary>Keep it in the queue until then, local copies too; null: send now.</summary>
    public DateTimeOffset? HoldUntil { get; init; }
}

/// <summary>Why a command or message was refused, in MailCore's terms; the protocol gives it its code.</summary>
public enum RefusalKind
{
    UnknownUser,
    Disabled,
    RelayDenied,
    NotYourAddress,
    OverQuota,
    Loop,
    TooLarge,
    Malformed,
    Temporary,
    Policy,
}

/// <param name="Text">Safe to show to the client; one line.</param>
public sealed record Refusal(RefusalKind Kind, string Text);

/// <param name="Refusal">Null: taken.</param>
public sealed record RecipientOutcome(InboundRecipient Recipient, Refusal? Refusal);

/// <param name="Outcomes">One for each recipient, in order. SMTP answers for all at once, LMTP each by itself.</param>
public sealed record InboundOutcome(Guid TraceId, IReadOnlyList<RecipientOutcome> Outcomes);

/// <summary>The way in for mail: SMTP, LMTP, submission, the web's "send" and the command line's sendmail.</summary>
public interface IInbound
{
    /// <summary>Where the octets of a message go while they arrive. Dispose it in every case.</summary>
    IncomingSpool Begin();

    /// <summary>MAIL FROM: may this client use this sender? Null: yes.</summary>
    ValueTask<Refusal?> CheckSenderAsync(InboundClient client, EmailAddress? sender, CancellationToken ct);

    /// <summary>RCPT TO: null when mail for this recipient will be taken.</summary>
    ValueTask<Refusal?> CheckRecipientAsync(InboundClient client, EmailAddress? sender, EmailAddress recipient, CancellationToken ct);

    /// <summary>After the last octet: runs the checks, adds the trace header, and stores it for everyone in one transaction. What is reported as taken is on disk.</summary>
    ValueTask<InboundOutcome> AcceptAsync(InboundMessage message, CancellationToken ct);
}
