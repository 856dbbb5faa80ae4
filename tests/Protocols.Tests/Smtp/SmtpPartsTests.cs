using CsCheck;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;
using Webmail.Protocols.Lmtp;
using Webmail.Protocols.Smtp;

namespace Webmail.Protocols.Tests.Smtp;

public sealed class SmtpPartsTests
{
    [Fact]
    public void EveryRefusalAndEveryErrorHasItsReply()
    {
        foreach (var kind in Enum.GetValues<RefusalKind>())
            Assert.True(SmtpErrors.ReplyFor(new Refusal(kind, "x")).Code is >= 400 and < 600);
        foreach (var error in Enum.GetValues<MailError>())
            Assert.True(SmtpErrors.ReplyFor(new MailException(error, "x")).Code is >= 400 and < 600);
    }

    [Fact]
    public void EveryCommandStandsInATable()
    {
        var all = SmtpCommands.All.Types.Union(LmtpCommands.All.Types).ToHashSet();
        var commands = typeof(SmtpCommands).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false }
            && t.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ISmtpVerb<>)));
        Assert.All(commands, t => Assert.Contains(t, all));
    }

    [Fact]
    public void EveryExtensionStandsInItsTable()
    {
        var listed = SmtpExtensions.All.Select(e => e.GetType()).ToHashSet();
        Assert.All(typeof(SmtpExtension).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(SmtpExtension))), t => Assert.Contains(t, listed));
    }

    [Fact]
    public void ARepliesTextCannotEndALine() =>
        Assert.Equal("550-5.1.1 a?? 250 b?\r\n550 5.1.1 c", SmtpReply.Of(550, "5.1.1", "a\r\n 250 bé", "c").ToString());

    [Fact]
    public void BareNewlinesAreFoundAcrossAnySplit() =>
        Gen.Select(Gen.Char["ab\r\n"].Array[0, 12], Gen.Int[0, 12], Gen.Int[0, 12]).Sample((chars, a, b) =>
        {
            var octets = chars.Select(c => (byte)c).ToArray();
            var (x, y) = (Math.Min(Math.Min(a, b), octets.Length), Math.Min(Math.Max(a, b), octets.Length));
            var check = new CrLfCheck();
            check.Feed(octets.AsSpan(0, x));
            check.Feed(octets.AsSpan(x, y - x));
            check.Feed(octets.AsSpan(y));
            Assert.Equal(new string(chars).Replace("\r\n", "").AsSpan().ContainsAny('\r', '\n'), check.SawBare);
        }, iter: 50_000);

    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("a+2Bb+3D", "a+b=")]
    [InlineData("+C3+A9", "é")]
    [InlineData("a+", null)]
    [InlineData("a+2", null)]
    [InlineData("a+ZZ", null)]
    [InlineData("a=b", null)]
    [InlineData("a b", null)]
    [InlineData("+FF", null)]
    public void XTextDecodes(string text, string? expected) => Assert.Equal(expected, XText.Decode(text));
}
