using System.Text;
using CsCheck;
using Webmail.Protocols.Imap;

namespace Webmail.Protocols.Tests.Imap;

public sealed class ModifiedUtf7Tests
{
    [Theory]
    [InlineData("INBOX", "INBOX")]
    [InlineData("a&b", "a&-b")]
    [InlineData("~peter/mail/\u53f0\u5317/\u65e5\u672c\u8a9e", "~peter/mail/&U,BTFw-/&ZeVnLIqe-")]
    [InlineData("\ud83d\ude00", "&2D3eAA-")]
    public void IsTheFormOfTheRfc(string name, string wire)
    {
        Assert.Equal(wire, ModifiedUtf7.Encode(name));
        Assert.Equal(name, ModifiedUtf7.Decode(Encoding.ASCII.GetBytes(wire)));
    }

    [Fact]
    public void ComesBackAsItWent() =>
        Gen.String[Gen.OneOf(Gen.Char[' ', '~'], Gen.Char['\u00a0', '\ud7ff']), 0, 20].Sample(name =>
            ModifiedUtf7.Decode(Encoding.ASCII.GetBytes(ModifiedUtf7.Encode(name))) == name);

    [Theory]
    [InlineData("&")]
    [InlineData("&abc")]
    [InlineData("&!-")]
    [InlineData("&AAA=-")]
    [InlineData("&2AA-")]
    [InlineData("&3AA-")]
    [InlineData("&AAAB-")]
    public void RefusesWhatIsNone(string wire) => Assert.Null(ModifiedUtf7.Decode(Encoding.ASCII.GetBytes(wire)));
}
