using Webmail.MailCore.Store;

namespace Webmail.MailCore.Mime;

/// <summary>A range of a message's octets, read from it as asked for.</summary>
internal sealed class BodySlice(MessageBody body, long start, long length) : MessageBody
{
    public override long Length => length;

    public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
    {
        if (!body.TryGetMemory(out bytes))
            return false;
        bytes = bytes.Slice((int)start, (int)length);
        return true;
    }

    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct)
    {
        var n = (int)Math.Min(buffer.Length, Math.Max(length - offset, 0));
        return n == 0 ? new(0) : body.ReadAsync(start + offset, buffer[..n], ct);
    }
}
