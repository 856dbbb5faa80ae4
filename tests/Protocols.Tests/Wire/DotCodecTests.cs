using System.Buffers;
using System.Text;
using CsCheck;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Tests.Wire;

public sealed class DotCodecTests
{
    private static readonly Gen<string> Messages =
        Gen.Int[0, 6].Select(i => new[] { "\r\n", ".", "..", "a", "bc", "\r\n.", "word " }[i]).List[0, 30].Select(parts => string.Concat(parts));

    [Theory]
    [InlineData("hello\r\n.\r\n", "hello\r\n")]
    [InlineData(".\r\n", "")]
    [InlineData("..\r\n.\r\n", ".\r\n")]
    [InlineData(".dot\r\n\r\n.\r\n", "dot\r\n\r\n")]
    public void EndsAtADotOnItsLineOnly(string wire, string message) => Assert.Equal((message, false), Decode(wire + "NEXT", 5, 7));

    [Theory]
    [InlineData("a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n")]
    [InlineData("a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n")]
    [InlineData("a\r.\r\nb\r\n.\r\n", "a\r.\r\nb\r\n")]
    [InlineData("a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n")]
    [InlineData("a\n.\nb\r\n.\r\n", "a\n.\nb\r\n")]
    [InlineData("a\r\r\n.\r\n", "a\r\r\n")]
    public void SmuggledEndsAreDataAndAreNoticed(string wire, string message) => Assert.Equal((message, true), Decode(wire, 1, 3));

    [Fact]
    public void WhatWasEncodedComesBack() =>
        Gen.Select(Messages, Gen.Int[1, 9], Gen.Int[3, 11]).Sample((message, split, room) =>
        {
            var output = new ArrayBufferWriter<byte>();
            var encoder = new DotEncoder();
            foreach (var piece in Encoding.ASCII.GetBytes(message).Chunk(split))
                encoder.Write(output, piece);
            encoder.End(output);
            var expected = message.Length == 0 || message.EndsWith("\r\n", StringComparison.Ordinal) ? message : message + "\r\n";
            Assert.Equal((expected, false), Decode(Encoding.ASCII.GetString(output.WrittenSpan), split, room));
        });

    [Theory]
    [InlineData("a\n.b", "a\r\n..b\r\n.\r\n")]
    [InlineData("a\r.b\r", "a\r\n..b\r\n.\r\n")]
    [InlineData("\r\n\r\n", "\r\n\r\n.\r\n")]
    public void BareNewlinesLeaveAsCrLf(string message, string wire)
    {
        foreach (var split in new[] { 1, 2, 100 })
        {
            var output = new ArrayBufferWriter<byte>();
            var encoder = new DotEncoder();
            foreach (var piece in Encoding.ASCII.GetBytes(message).Chunk(split))
                encoder.Write(output, piece);
            encoder.End(output);
            Assert.Equal(wire, Encoding.ASCII.GetString(output.WrittenSpan));
        }
    }

    private static (string Message, bool Bare) Decode(string wire, int split, int room)
    {
        var decoder = new DotDecoder();
        var message = new StringBuilder();
        var output = new byte[room];
        foreach (var piece in Encoding.ASCII.GetBytes(wire).Chunk(split))
        {
            var rest = piece.AsSpan();
            while (!rest.IsEmpty)
            {
                var status = decoder.Decode(rest, output, out var consumed, out var written);
                message.Append(Encoding.ASCII.GetString(output, 0, written));
                if (status == DotStatus.End)
                    return (message.ToString(), decoder.SawBareNewline);
                rest = rest[consumed..];
            }
        }

        Assert.Fail("The message had no end");
        return default;
    }
}
