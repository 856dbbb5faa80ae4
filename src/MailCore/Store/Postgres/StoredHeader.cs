namespace Webmail.MailCore.Store.Postgres;

/// <summary>A message's header as it stands in its row: zstd, or nothing where it is so large that the body is read instead.</summary>
internal static class StoredHeader
{
    /// <summary>Octets of the largest header that is kept beside its message.</summary>
    private const int MaxSize = 64 * 1024;

    public static byte[]? Pack(ReadOnlySpan<byte> header) => header.Length > MaxSize ? null : BodyCodec.Pack(header);

    public static async ValueTask<byte[]?> ReadAsync(MessageBody message, int size, CancellationToken ct)
    {
        if (size > MaxSize)
            return null;
        var header = new byte[size];
        for (var at = 0; at < size;)
        {
            var n = await message.ReadAsync(at, header.AsMemory(at), ct);
            if (n == 0)
                throw new EndOfStreamException("A message ended before its header");
            at += n;
        }

        return Pack(header);
    }
}
