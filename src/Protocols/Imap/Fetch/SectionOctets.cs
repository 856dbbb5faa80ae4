using System.Buffers;
using Webmail.MailCore.Store;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Fetch;

/// <summary>Octets of a large section on their way to the client, in pieces.</summary>
internal static class SectionOctets
{
    /// <summary>Exactly so many: they have been announced.</summary>
    public static async ValueTask CopyAsync(MessageBody body, long start, long length, ImapWriter writer, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (length > 0)
            {
                var n = await body.ReadAsync(start, buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), ct);
                if (n == 0)
                    throw new ConnectionEndedException(ReadStatus.End);
                writer.Raw(buffer.AsSpan(0, n));
                start += n;
                length -= n;
                await writer.FlushIfLargeAsync(ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
