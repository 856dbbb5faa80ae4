using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store;

/// <summary>Where a message's octets go while they arrive, before anyone knows whether it will be taken.</summary>
public interface IBlobStore
{
    /// <summary>Begins to take a message. Up to 256 KiB stay in memory; what is more goes to a spool file in the data directory.</summary>
    MessageSpool Begin();
}

/// <summary>
/// A message under way. Write until done, then <see cref="CompleteAsync"/>; dispose in every case (an unfinished or unstored spool leaves nothing
/// behind). One writer, no concurrency.
/// </summary>
public abstract class MessageSpool : IAsyncDisposable
{
    public abstract long Length { get; }

    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct);

    /// <summary>Adds what was written so far to another message.</summary>
    public abstract ValueTask CopyToAsync(MessageSpool to, CancellationToken ct);

    /// <summary>
    /// Ends the message: reads its facts (MIME) and, when it is large, stores its octets as a content-keyed object that a later commit refers to.
    /// Octets put in front of it (Return-Path, Received) are given here, since they are known by now.
    /// </summary>
    /// <exception cref="MailException">Unavailable: no room</exception>
    public abstract ValueTask<IncomingMessage> CompleteAsync(ReadOnlyMemory<byte> front, CancellationToken ct);

    public abstract ValueTask DisposeAsync();
}

/// <summary>A complete message that can be stored any number of times: by append, by delivery, or in the queue. Made by the store only.</summary>
public abstract class IncomingMessage
{
    /// <summary>The octets with what was put in front.</summary>
    public abstract MessageBody Body { get; }

    public abstract MessageFacts Facts { get; }

    public long Size => Body.Length;
}
