using System.Text;
using CsCheck;
using Webmail.Protocols.Pop3;

namespace Webmail.Protocols.Tests.Pop3;

public sealed class TopFilterTests
{
    private const string Message = "A: 1\r\nB: 2\r\n\r\none\r\n\r\nthree\r\nfour";

    [Theory]
    [InlineData(0, "A: 1\r\nB: 2\r\n\r\n")]
    [InlineData(1, "A: 1\r\nB: 2\r\n\r\none\r\n")]
    [InlineData(2, "A: 1\r\nB: 2\r\n\r\none\r\n\r\n")]
    [InlineData(3, "A: 1\r\nB: 2\r\n\r\none\r\n\r\nthree\r\n")]
    [InlineData(4, Message)]
    [InlineData(999, Message)]
    [InlineData(null, Message)]
    public void TakesTheHeaderAndSoManyLines(int? lines, string expected) => Assert.Equal(expected, Take(Message, lines, 1000));

    [Theory]
    [InlineData("no header end", 0, "no header end")]
    [InlineData("", 5, "")]
    [InlineData("\r\nbody\r\nmore\r\n", 1, "\r\nbody\r\n")]
    [InlineData("A: 1\n\nbody\nmore\n", 1, "A: 1\n\nbody\n")]
    public void TakesOddMessagesAsTheyAre(string message, int lines, string expected) => Assert.Equal(expected, Take(message, lines, 1000));

    [Fact]
    public void PiecesMakeNoDifference() =>
        Gen.Select(Gen.Char["a\r\n."].Array[0, 40], Gen.Int[0, 4], Gen.Int[1, 5]).Sample((chars, lines, size) =>
        {
            var message = new string(chars);
            Assert.Equal(Take(message, lines, 1000), Take(message, lines, size));
        });

    private static string Take(string message, int? lines, int size)
    {
        var filter = new TopFilter(lines);
        var taken = new StringBuilder();
        foreach (var piece in Encoding.ASCII.GetBytes(message).Chunk(size))
            taken.Append(Encoding.ASCII.GetString(filter.Take(piece)));
        return taken.ToString();
    }
}
