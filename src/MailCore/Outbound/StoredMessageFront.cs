using System.Text;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Outbound;

/// <summary>
/// Return-Path belongs to final delivery (RFC 5321 section 4.4): a stored message begins with it where it was also delivered here, and leaves without it.
/// </summary>
internal static class StoredMessageFront
{
    private const int Longest = 1024;

    /// <summary>The octets of a leading Return-Path field with its line end; 0: there is none.</summary>
    public static int ReturnPathLength(ReadOnlySpan<byte> octets)
    {
        if (octets.Length < 12 || !Ascii.EqualsIgnoreCase(octets[..12], "Return-Path:"u8))
            return 0;
        var end = octets.IndexOf("\r\n"u8);
        return end < 0 || end + 2 < octets.Length && octets[end + 2] is (byte)' ' or (byte)'\t' ? 0 : end + 2;
    }

    public static async ValueTask<MessageBody> WithoutReturnPathAsync(MessageBody body, CancellationToken ct)
    {
        if (body.TryGetMemory(out var octets))
            return ReturnPathLength(octets.Span) is > 0 and var skip ? new MemoryBody(octets[skip..]) : body;
        var length = ReturnPathLength((await FirstAsync(body, ct)).Span);
        return length > 0 ? new Rest(body, length) : body;
    }

    public static async ValueTask<bool> HasReturnPathAsync(MessageBody body, CancellationToken ct) => ReturnPathLength((await FirstAsync(body, ct)).Span) > 0;

    private static async ValueTask<ReadOnlyMemory<byte>> FirstAsync(MessageBody body, CancellationToken ct)
    {
        var first = new byte[(int)Math.Min(Longest, body.Length)];
        return first.AsMemory(0, await body.ReadAsync(0, first, ct));
    }

    private sealed class Rest(MessageBody body, int skip) : MessageBody
    {
        public override long Length => body.Length - skip;

        public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
        {
            bytes = default;
            return false;
        }

        public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct) => body.ReadAsync(offset + skip, buffer, ct);
    }
}
