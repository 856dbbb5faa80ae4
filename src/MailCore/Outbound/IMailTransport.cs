using System.Net;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Outbound;

/// <summary>Where to connect, chosen by routing: the addresses in the order to try them.</summary>
/// <param name="Host">The host's name (MX target or smarthost): for TLS names, logs and connection reuse.</param>
public sealed record TransportTarget(string Host, IReadOnlyList<IPAddress> Addresses, int Port, bool IsLmtp);

/// <summary>One message for one destination: what to send and to whom.</summary>
/// <param name="Sender">Null: the null sender.</param>
/// <param name="Front">Octets that go before the body (DKIM signatures).</param>
public sealed record TransportMessage(
    EmailAddress? Sender,
    IReadOnlyList<RemoteRecipient> Recipients,
    ReadOnlyMemory<byte> Front,
    MessageBody Body,
    string? EnvId,
    string? Ret,
    bool NeedsUtf8,
    bool Is8Bit);

public enum RecipientState
{
    /// <summary>The other side took responsibility.</summary>
    Delivered,

    /// <summary>4xx, or no connection: try again.</summary>
    Deferred,

    /// <summary>5xx: never.</summary>
    Failed,
}

/// <summary>What the other side said of one recipient.</summary>
/// <param name="Status">RFC 3463 ("5.1.1").</param>
/// <param name="Reply">The reply as received, one line, cleaned of control characters; or our own words when nothing was received.</param>
/// <param name="RemoteMta">The host that said so; null: ours.</param>
public sealed record RecipientResult(RemoteRecipient Recipient, RecipientState State, string Status, string Reply, string? RemoteMta);

/// <summary>A connection to another MTA that takes messages one after another.</summary>
public interface IMailConnection : IAsyncDisposable
{
    /// <summary>Good for another message.</summary>
    bool IsUsable { get; }

    /// <summary>"TLSv1.3 with TLS_AES_256_GCM_SHA384", or null for plain text.</summary>
    string? TlsDescription { get; }

    /// <summary>The peer takes over the duty to notify (RFC 3461): the DSN parameters are passed on to it.</summary>
    bool OffersDsn { get; }

    /// <summary>One result for each recipient, in order; failures of the connection are results too, never exceptions.</summary>
    ValueTask<IReadOnlyList<RecipientResult>> SendAsync(TransportMessage message, CancellationToken ct);
}

/// <summary>How mail leaves. Implemented by the SMTP client of the protocol layer.</summary>
public interface IMailTransport
{
    /// <exception cref="MailTransportException">No address answered, or the greeting refused us.</exception>
    ValueTask<IMailConnection> ConnectAsync(TransportTarget target, CancellationToken ct);
}

/// <summary>No session could be had with any address of the target.</summary>
public sealed class MailTransportException(RecipientState state, string status, string reply, string? remoteMta, Exception? inner = null)
    : Exception(reply, inner)
{
    public RecipientState State { get; } = state;

    public string Status { get; } = status;

    public string Reply { get; } = reply;

    public string? RemoteMta { get; } = remoteMta;
}
