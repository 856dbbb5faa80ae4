using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;

namespace Webmail.Protocols.Wire;

/// <summary>
/// Reads the header of HAProxy's PROXY protocol, versions 1 and 2, that a trusted proxy sends before anything else. Only connections from
/// Networks.Proxies are read so, and there only when the first octets are a header's: a proxy may also connect for itself.
/// </summary>
public static class ProxyProtocol
{
    private const int MaxV1 = 107;
    private const int MaxV2 = 16 + 512;

    private static ReadOnlySpan<byte> SignatureV2 => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>
    /// Waits for the first octets and takes the header if there is one. Null: none, nothing was taken. LOCAL, UNKNOWN and non-TCP give the
    /// given address back. <c>ok</c> is false for a malformed header: close the connection.
    /// </summary>
    public static async ValueTask<(bool Ok, IPEndPoint Client)> ReadAsync(PipeReader input, IPEndPoint peer, CancellationToken ct)
    {
        while (true)
        {
            var result = await input.ReadAsync(ct);
            var status = TryParse(result.Buffer, peer, out var client, out var taken);
            if (status == OperationStatus.NeedMoreData && !result.IsCompleted)
            {
                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }

            input.AdvanceTo(result.Buffer.GetPosition(taken));
            return (status == OperationStatus.Done, client);
        }
    }

    /// <summary>Done with 0 taken: there is no header.</summary>
    internal static OperationStatus TryParse(in ReadOnlySequence<byte> buffer, IPEndPoint peer, out IPEndPoint client, out int taken)
    {
        client = peer;
        taken = 0;
        Span<byte> start = stackalloc byte[MaxV2];
        var length = (int)Math.Min(buffer.Length, MaxV2);
        buffer.Slice(0, length).CopyTo(start);
        start = start[..length];
        if (length == 0)
            return OperationStatus.NeedMoreData;
        if (start.StartsWith("PROXY "u8))
            return ParseV1(start, ref client, ref taken);
        if (start.StartsWith(SignatureV2))
            return ParseV2(start, ref client, ref taken);
        return "PROXY "u8.StartsWith(start) || SignatureV2.StartsWith(start) ? OperationStatus.NeedMoreData : OperationStatus.Done;
    }

    private static OperationStatus ParseV1(ReadOnlySpan<byte> start, ref IPEndPoint client, ref int taken)
    {
        var end = start.IndexOf("\r\n"u8);
        if (end < 0)
            return start.Length < MaxV1 ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
        var words = Encoding.ASCII.GetString(start[..end]).Split(' ');
        taken = end + 2;
        if (words is ["PROXY", "UNKNOWN", ..])
            return OperationStatus.Done;
        if (words is not ["PROXY", "TCP4" or "TCP6", var source, _, var port, _]
            || !IPAddress.TryParse(source, out var address)
            || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return OperationStatus.InvalidData;
        client = new IPEndPoint(address, number);
        return OperationStatus.Done;
    }

    private static OperationStatus ParseV2(ReadOnlySpan<byte> start, ref IPEndPoint client, ref int taken)
    {
        if (start.Length < 16)
            return OperationStatus.NeedMoreData;
        var length = BinaryPrimitives.ReadUInt16BigEndian(start[14..]);
        if (start[12] >> 4 != 2 || 16 + length > MaxV2)
            return OperationStatus.InvalidData;
        if (start.Length < 16 + length)
            return OperationStatus.NeedMoreData;
        taken = 16 + length;
        var isProxied = (start[12] & 0xF) == 1;
        if (isProxied && start[13] == 0x11 && length >= 12)
            client = new IPEndPoint(new IPAddress(start.Slice(16, 4)), BinaryPrimitives.ReadUInt16BigEndian(start[24..]));
        else if (isProxied && start[13] == 0x21 && length >= 36)
            client = new IPEndPoint(new IPAddress(start.Slice(16, 16)), BinaryPrimitives.ReadUInt16BigEndian(start[48..]));
        return OperationStatus.Done;
    }
}
