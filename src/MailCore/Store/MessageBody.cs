namespace Webmail.MailCore.Store;

/// <summary>
/// The raw octets of a stored message, as received. Small ones (up to 256 KiB) are in memory; larger ones are read in pieces, and no
/// database connection is held between two reads.
/// </summary>
public abstract class MessageBody
{
    public abstract long Length { get; }

    /// <summary>True, and the whole message, where it is in memory.</summary>
    public abstract bool TryGetMemory(out ReadOnlyMemory<byte> bytes);

    /// <summary>Reads from an offset; 0 only at the end. May return less than asked for.</summary>
    public abstract ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct);

    /// <summary>A seekable read-only stream over the message; many may be open at once.</summary>
    public Stream AsStream() => TryGetMemory(out var bytes) ? MemoryStreamOf(bytes) : new MessageBodyStream(this);

    private static Stream MemoryStreamOf(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);
}

/// <summary>A body whose octets are all in memory.</summary>
public sealed class MemoryBody(ReadOnlyMemory<byte> octets) : MessageBody
{
    public override long Length => octets.Length;

    public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
    {
        bytes = octets;
        return true;
    }

    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct)
    {
        if (offset >= octets.Length)
            return new(0);
        var rest = octets[(int)offset..];
        var n = Math.Min(rest.Length, buffer.Length);
        rest[..n].CopyTo(buffer);
        return new(n);
    }
}
