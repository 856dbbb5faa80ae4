using System.Collections.Concurrent;
using ZstdSharp;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>Octets as they stand in the database: zstd, level 3 (halves mail for some 50 µs a message). (De)compressors are not shared by threads, so they are lent.</summary>
internal static class BodyCodec
{
    private static readonly ConcurrentBag<Compressor> Compressors = [];
    private static readonly ConcurrentBag<Decompressor> Decompressors = [];

    public static byte[] Pack(ReadOnlySpan<byte> octets)
    {
        if (!Compressors.TryTake(out var compressor))
            compressor = new Compressor(3);
        var packed = compressor.Wrap(octets).ToArray();
        Compressors.Add(compressor);
        return packed;
    }

    /// <param name="size">How many octets were packed.</param>
    /// <exception cref="InvalidDataException">They are not what was stored.</exception>
    public static byte[] Unpack(ReadOnlySpan<byte> packed, int size)
    {
        if (!Decompressors.TryTake(out var decompressor))
            decompressor = new Decompressor();
        var octets = new byte[size];
        int n;
        try
        {
            n = decompressor.Unwrap(packed, octets);
        }
        catch (ZstdException e)
        {
            decompressor.Dispose();
            throw new InvalidDataException("Stored octets are damaged", e);
        }

        Decompressors.Add(decompressor);
        return n == size ? octets : throw new InvalidDataException("Stored octets are not as many as they were");
    }
}
