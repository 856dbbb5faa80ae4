using System.Net;
using System.Text;
using CsCheck;
using Webmail.Protocols.Imap;
using Webmail.Protocols.Wire;
using Webmail.Testing;

namespace Webmail.Protocols.Tests.Imap;

/// <summary>
/// Commands made of text and literals, sent in any splits, come out as they went in: one frame each, refused ones included, and never an octet of one in another.
/// </summary>
public sealed class CommandReaderFuzz
{
    private const int Largest = 40;

    private sealed record Piece(string Text, byte[] Literal, bool Waits);

    private static readonly Gen<Piece> Pieces = Gen.Select(
        Gen.String[Gen.Char["abc ()\"{}+5*"], 0, 12], Gen.Byte.Array[0, 60], Gen.Bool, static (text, literal, waits) => new Piece(text, literal, waits));

    private static readonly Gen<(Piece[] Literals, string End)[]> Commands = Gen.Select(Pieces.Array[0, 3], Gen.String[Gen.Char["abc ()"], 0, 20]).Array[1, 6];

    [Fact]
    public async Task FramesWhatWasSent() =>
        await Fuzzing.RunAsync(Gen.Select(Commands, Gen.Int[1, 50].Array[1, 20]), pair => CheckAsync(pair.Item1, pair.Item2), 400);

    private static async Task CheckAsync((Piece[] Literals, string End)[] commands, int[] splits)
    {
        using var clock = new WireClock(TimeProvider.System);
        using var pipes = new PipePair(new IPEndPoint(IPAddress.Loopback, 1), implicitTls: false, "fuzz");
        await using var wire = new WirePipe(pipes.Server, clock);
        await using var reader = new CommandReader(wire, new Gate());
        var (sent, expected) = Write(commands);
        var sending = SendAsync(pipes.Client, sent, splits);
        foreach (var (command, refused) in expected)
        {
            var frame = await reader.ReadAsync(CancellationToken.None);
            Assert.Equal(ReadStatus.Data, frame.Status);
            Assert.Equal(refused, frame.Refusal is not null);
            Assert.False(frame.Fatal);
            if (!refused)
                Assert.Equal(command, Encoding.Latin1.GetString(frame.Bytes.Span));
        }

        await sending;
        await pipes.Client.DisposeAsync();
        Assert.Equal(ReadStatus.End, (await reader.ReadAsync(CancellationToken.None)).Status);
    }

    private static (byte[] Sent, List<(string Command, bool Refused)> Expected) Write((Piece[] Literals, string End)[] commands)
    {
        var sent = new StringBuilder();
        var expected = new List<(string Command, bool Refused)>();
        foreach (var (literals, end) in commands)
        {
            var command = new StringBuilder("tag x");
            var refused = false;
            foreach (var piece in literals)
            {
                command.Append(piece.Text).Append('{').Append(piece.Literal.Length).Append(piece.Waits ? "}" : "+}").Append("\r\n");
                refused |= piece.Literal.Length > Largest;

                // A client that waits for "+" sends neither the literal nor the rest when it is refused.
                if (refused && piece.Waits)
                    break;
                command.Append(Encoding.Latin1.GetString(piece.Literal));
            }

            if (!refused || Array.TrueForAll(literals[..(Array.FindIndex(literals, p => p.Literal.Length > Largest) + 1)], static p => !p.Waits || p.Literal.Length <= Largest))
                refused = Finish(literals, end, command, refused);
            sent.Append(command);
            expected.Add((command.ToString().TrimEnd('\n').TrimEnd('\r'), refused));
        }

        return (Encoding.Latin1.GetBytes(sent.ToString()), expected);
    }

    /// <summary>The end of a command, unless it broke off at a waiting literal behind the refused one.</summary>
    private static bool Finish(Piece[] literals, string end, StringBuilder command, bool refused)
    {
        var first = Array.FindIndex(literals, static p => p.Literal.Length > Largest);
        if (!refused || Array.TrueForAll(literals[first..], static p => !p.Waits))
            command.Append(end).Append("x\r\n");
        return refused;
    }

    private static async Task SendAsync(Stream client, byte[] octets, int[] splits)
    {
        for (int at = 0, i = 0; at < octets.Length; i++)
        {
            var n = Math.Min(splits[i % splits.Length], octets.Length - at);
            await client.WriteAsync(octets.AsMemory(at, n));
            at += n;
        }
    }

    private sealed class Gate : ILiteralGate
    {
        public LiteralVerdict Judge(ReadOnlySpan<byte> commandSoFar, in LiteralHeader literal) =>
            new(literal.Length > Largest ? Reply.Bad("Too long") : null, null);
    }
}
