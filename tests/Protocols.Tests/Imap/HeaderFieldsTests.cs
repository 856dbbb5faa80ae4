using System.Text;
using Webmail.Protocols.Imap.Fetch;

namespace Webmail.Protocols.Tests.Imap;

public sealed class HeaderFieldsTests
{
    private const string Header = "From: a\r\nTO: b,\r\n c\r\nno colon\r\nSubject : d\r\n\r\nTo: in the body\r\n";

    [Theory]
    [InlineData("to", "TO: b,\r\n c\r\n\r\n")]
    [InlineData("SUBJECT", "Subject : d\r\n\r\n")]
    [InlineData("x", "\r\n")]
    public void Picks(string name, string expected) => Assert.Equal(expected, Read(Header, name, not: false));

    [Fact]
    public void LeavesOut() => Assert.Equal("From: a\r\nno colon\r\nSubject : d\r\n\r\n", Read(Header, "to", not: true));

    [Fact]
    public void TakesBareLineFeedsAsTheyAre() => Assert.Equal("A: b\n c\n\r\n", Read("A: b\n c\nB: c\n\nA: x", "a", not: false));

    [Fact]
    public void TakesAHeaderWithoutEnd() => Assert.Equal("A: b\r\n", Read("A: b", "a", not: false));

    private static string Read(string header, string name, bool not)
    {
        var fields = new HeaderFields(Encoding.ASCII.GetBytes(header), [name], not);
        var length = fields.Measure();
        var text = new StringBuilder();
        while (fields.Next(out var field))
            text.Append(Encoding.ASCII.GetString(field));
        text.Append("\r\n");
        Assert.True(length == text.Length || !header.EndsWith('\n'));
        return header.EndsWith('\n') || text.Length == length ? text.ToString() : throw new InvalidOperationException("wrong length");
    }
}
