using System.Text;
using Webmail.MailCore.Model;
using Webmail.Protocols.Imap;

namespace Webmail.Protocols.Tests.Imap;

public sealed class ImapReaderTests
{
    private delegate T Parser<out T>(ref ImapReader reader);

    [Theory]
    [InlineData("atom", "atom")]
    [InlineData("a]b", "a]b")]
    [InlineData("\"\"", "")]
    [InlineData("\"a b\"", "a b")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("{3}\r\na b", "a b")]
    [InlineData("{3+}\r\na\r\n", "a\r\n")]
    [InlineData("{0}\r\n", "")]
    [InlineData("\"gr\u00fc\u00df\"", "gr\u00fc\u00df")]
    public void ReadsAStrings(string text, string expected) => Assert.Equal(expected, Parse(text, static (ref ImapReader r) => r.AString()));

    [Theory]
    [InlineData("")]
    [InlineData("(")]
    [InlineData("\"a")]
    [InlineData("\"a\r\nb\"")]
    [InlineData("\"a\0b\"")]
    [InlineData("\"a\\n\"")]
    [InlineData("{3}\r\nab")]
    [InlineData("{3}ab")]
    [InlineData("{99999999999999999999}\r\nab")]
    [InlineData("~{1}\r\na")]
    [InlineData("{2}\r\na\0")]
    public void RefusesOtherStrings(string text) =>
        Assert.Throws<SyntaxException>(() => Parse(text, static (ref ImapReader r) => r.AString()));

    [Fact]
    public void RefusesBadUtf8() =>
        Assert.Throws<SyntaxException>(() => Parse([(byte)'"', 0xC3, 0x28, (byte)'"'], static (ref ImapReader r) => r.AString()));

    [Theory]
    [InlineData("1", 1u, 1u)]
    [InlineData("*", 0u, 0u)]
    [InlineData("5:*", 5u, 0u)]
    [InlineData("4294967295:1", 4294967295u, 1u)]
    public void ReadsSets(string text, uint first, uint last) =>
        Assert.Equal([new NumRange(first, last)], Parse(text, static (ref ImapReader r) => r.NumSet()).Ranges);

    [Theory]
    [InlineData("0")]
    [InlineData("1:0")]
    [InlineData("1,")]
    [InlineData("1:")]
    [InlineData(":1")]
    [InlineData("4294967296")]
    [InlineData("1:2:3")]
    [InlineData("-1")]
    public void RefusesOtherSets(string text) => Assert.Throws<SyntaxException>(() => Parse(text, static (ref ImapReader r) => r.NumSet()));

    [Fact]
    public void ReadsFlags()
    {
        var flags = Parse("(\\seen $Work \\FLAGGED nonjunk)", static (ref ImapReader r) => r.FlagList(bareAllowed: false));
        Assert.Equal(FlagSet.Seen | FlagSet.Flagged, flags.System);
        Assert.Equal(["$Work", "nonjunk"], flags.Keywords);
        Assert.True(Parse("()", static (ref ImapReader r) => r.FlagList(bareAllowed: false)).IsEmpty);
    }

    [Theory]
    [InlineData("\\Seen")]
    [InlineData("(\\Recent)")]
    [InlineData("(\\*)")]
    [InlineData("( a)")]
    [InlineData("(a  b)")]
    [InlineData("(a")]
    public void RefusesOtherFlags(string text) =>
        Assert.Throws<SyntaxException>(() => Parse(text, static (ref ImapReader r) => r.FlagList(bareAllowed: false)));

    [Theory]
    [InlineData("1-Feb-1994", 1994, 2, 1)]
    [InlineData("\"01-feb-1994\"", 1994, 2, 1)]
    [InlineData("29-Feb-2024", 2024, 2, 29)]
    public void ReadsDates(string text, int year, int month, int day) =>
        Assert.Equal(new DateOnly(year, month, day), Parse(text, static (ref ImapReader r) => r.Date()));

    [Theory]
    [InlineData("29-Feb-2023")]
    [InlineData("0-Jan-2023")]
    [InlineData("1-Foo-2023")]
    [InlineData("1-Jan-23")]
    [InlineData("1-Jan-0000")]
    [InlineData("\"1-Jan-2023")]
    public void RefusesOtherDates(string text) => Assert.Throws<SyntaxException>(() => Parse(text, static (ref ImapReader r) => r.Date()));

    [Fact]
    public void ReadsTimes()
    {
        var time = Parse("\" 7-Jul-1996 02:44:25 -0730\"", static (ref ImapReader r) => r.DateTime());
        Assert.Equal(new DateTimeOffset(1996, 7, 7, 2, 44, 25, new TimeSpan(-7, -30, 0)), time);
    }

    [Theory]
    [InlineData("\"32-Jul-1996 02:44:25 -0700\"")]
    [InlineData("\"17-Jul-1996 24:44:25 -0700\"")]
    [InlineData("\"17-Jul-1996 02:44:25 -2400\"")]
    [InlineData("\"17-Jul-1996 02:44:25 0700\"")]
    [InlineData("\"17-Jul-1996 02:44:25\"")]
    [InlineData("\"01-Jan-0001 00:00:00 +1400\"")]
    [InlineData("\"31-Dec-9999 23:59:59 -1400\"")]
    public void RefusesOtherTimes(string text) => Assert.Throws<SyntaxException>(() => Parse(text, static (ref ImapReader r) => r.DateTime()));

    [Theory]
    [InlineData("iNbOx", "INBOX")]
    [InlineData("&U,BTFw-", "\u53f0\u5317")]
    [InlineData("\"Tom &- Jerry\"", "Tom & Jerry")]
    [InlineData("\"gr\u00fcn\"", "gr\u00fcn")]
    public void ReadsMailboxNames(string text, string expected) =>
        Assert.Equal(expected, Parse(text, static (ref ImapReader r) => r.Mailbox().Value));

    [Theory]
    [InlineData("a&b")]
    [InlineData("&U,BTFw")]
    [InlineData("&AAAA-")]
    [InlineData("&2AA-")]
    [InlineData("a//b")]
    [InlineData("/a")]
    public void RefusesImpossibleMailboxNames(string text) =>
        Assert.Equal(MailError.Invalid, Assert.Throws<MailException>(() => Parse(text, static (ref ImapReader r) => r.Mailbox())).Error);

    private static T Parse<T>(string text, Parser<T> parser) => Parse(Encoding.UTF8.GetBytes(text), parser);

    private static T Parse<T>(byte[] octets, Parser<T> parser)
    {
        var reader = new ImapReader(octets);
        var value = parser(ref reader);
        reader.End();
        return value;
    }
}
