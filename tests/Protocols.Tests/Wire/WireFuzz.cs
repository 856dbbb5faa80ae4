using System.Buffers;
using System.Net;
using System.Text;
using CsCheck;
using Webmail.Protocols.Wire;
using Webmail.Testing;

namespace Webmail.Protocols.Tests.Wire;

/// <summary>The first octets of a connection behind a proxy, mutilated: a header, none, or a refusal; and never a different one when they come one by one.</summary>
public sealed class WireFuzz
{
    private static readonly IPEndPoint Peer = new(IPAddress.Loopback, 1);

    private static readonly Gen<byte[]> Headers = Fuzzing.Mutations(
        [
            Encoding.ASCII.GetBytes("PROXY TCP4 192.0.2.1 198.51.100.7 56324 25\r\nEHLO x\r\n"),
            Encoding.ASCII.GetBytes("PROXY TCP6 2001:db8::1 2001:db8::2 4000 143\r\n"),
            Encoding.ASCII.GetBytes("PROXY UNKNOWN\r\n"),
            [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x11, 0, 12, 192, 0, 2, 1, 198, 51, 100, 7, 0xDC, 4, 0, 25, .. "EHLO"u8],
            [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x21, 0, 36, .. new byte[36]],
            [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x20, 0, 0, 0],
        ],
        "PROXY ", "TCP4", "\r\n", " ", "\0", "65536", "\u00ff\u00ff", "!");

    [Fact]
    public void AProxysHeader() => Fuzzing.Run(
        Headers,
        static octets =>
        {
            var status = ProxyProtocol.TryParse(new ReadOnlySequence<byte>(octets), Peer, out var client, out var taken);
            Assert.InRange(taken, 0, octets.Length);
            if (status == OperationStatus.NeedMoreData)
                return;
            for (var n = 0; n <= octets.Length; n++)
            {
                var sooner = ProxyProtocol.TryParse(new ReadOnlySequence<byte>(octets, 0, n), Peer, out var known, out var read);
                if (sooner == OperationStatus.NeedMoreData)
                    continue;
                Assert.Equal((status, client, taken), (sooner, known, read));
            }
        },
        5_000);
}
