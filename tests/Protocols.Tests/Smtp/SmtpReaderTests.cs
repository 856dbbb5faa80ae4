using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Webmail.Protocols.Smtp;

namespace Webmail.Protocols.Tests.Smtp;

public sealed partial class SmtpReaderTests
{
    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static (string Path, string Parameters) Rcpt(string text)
    {
        var reader = new SmtpReader(Encoding.UTF8.GetBytes(text));
        var path = reader.Path("TO:"u8, PathKind.Forward);
        return (path.IsPostmaster ? "postmaster" : path.Address!.ToString(), string.Join(' ', reader.Parameters().Select(p => p.Value is null ? p.Keyword : $"{p.Keyword}={p.Value}")));
    }

    private static string Refusal(string text, PathKind kind = PathKind.Forward)
    {
        try
        {
            var reader = new SmtpReader(Encoding.UTF8.GetBytes(text));
            reader.Path(kind == PathKind.Forward ? "TO:"u8 : "FROM:"u8, kind);
            reader.Parameters();
            return "taken";
        }
        catch (SmtpSyntaxException e)
        {
            return e.Reply.ToString()[..9];
        }
    }

    [Theory]
    [InlineData(" TO:<ann@example.test>", "ann@example.test", "")]
    [InlineData(" to: <ann@example.test>  NOTIFY=NEVER orcpt=rfc822;a+2Bb@c ", "ann@example.test", "NOTIFY=NEVER ORCPT=rfc822;a+2Bb@c")]
    [InlineData(" TO:<Postmaster>", "postmaster", "")]
    [InlineData(" TO:<@a.test,@b.test:ann@example.test>", "ann@example.test", "")]
    [InlineData(" TO:<\"a>b c\"@example.test> X", "\"a>b c\"@example.test", "X")]
    [InlineData(" TO:<\"a\\\"b\"@example.test>", "\"a\\\"b\"@example.test", "")]
    [InlineData(" TO:<ann@[IPv6:2001:db8::1]>", "ann@[ipv6:2001:db8::1]", "")]
    [InlineData(" TO:<ann@[192.0.2.1]>", "ann@[192.0.2.1]", "")]
    [InlineData(" TO:<用户@例子.测试>", "用户@例子.测试", "")]
    [InlineData(" TO:<ann@EXAMPLE.Test>", "ann@example.test", "")]
    [InlineData(" TO:<a%b@example.test>", "a%b@example.test", "")]
    public void ReadsPaths(string text, string path, string parameters) => Assert.Equal((path, parameters), Rcpt(text));

    [Theory]
    [InlineData(" TO:<>", "501 5.1.3")]
    [InlineData(" TO:ann@example.test", "501 5.1.3")]
    [InlineData(" TO:<ann@example.test", "501 5.1.3")]
    [InlineData(" TO:<ann@example.test>x", "501 5.1.3")]
    [InlineData(" TO:<ann>", "501 5.1.3")]
    [InlineData(" TO:<ann@>", "501 5.1.3")]
    [InlineData(" TO:<@example.test>", "501 5.1.3")]
    [InlineData(" TO:<ann@exa mple.test>", "501 5.1.3")]
    [InlineData(" TO:<a..b@example.test>", "501 5.1.3")]
    [InlineData(" TO:<ann@-example.test>", "501 5.1.3")]
    [InlineData(" TO:<ann@[300.1.1.1]>", "501 5.1.3")]
    [InlineData(" TO:<a\0b@example.test>", "501 5.1.3")]
    [InlineData(" TO:<a@b@example.test>", "550 5.7.1")]
    [InlineData(" TO:<elsewhere.test!ann>", "550 5.7.1")]
    [InlineData(" TO:<ann%elsewhere.test>", "550 5.7.1")]
    [InlineData(" TO:<\"ann@elsewhere.test\">", "550 5.7.1")]
    [InlineData(" FROM:<ann@example.test>", "501 5.5.4")]
    [InlineData("", "501 5.5.4")]
    [InlineData(" TO:<ann@example.test> =x", "501 5.5.4")]
    [InlineData(" TO:<ann@example.test> X=", "501 5.5.4")]
    [InlineData(" TO:<ann@example.test> X=1 x=2", "501 5.5.4")]
    [InlineData(" TO:<ann@example.test> X_Y=1", "501 5.5.4")]
    public void RefusesWhatIsNone(string text, string expected) => Assert.Equal(expected, Refusal(text));

    [Fact]
    public void TheNullPathIsForSendersOnly()
    {
        var reader = new SmtpReader(" FROM:<> SIZE=1"u8);
        Assert.Equal(default, reader.Path("FROM:"u8, PathKind.Reverse));
        Assert.Equal("501 5.1.7", Refusal(" FROM:<postmaster>", PathKind.Reverse));
    }

    [Fact]
    public void LongLocalPartsAndDomainsAreRefused()
    {
        Assert.Equal("501 5.1.3", Refusal($" TO:<{new string('a', 65)}@example.test>"));
        Assert.Equal("taken", Refusal($" TO:<{new string('a', 64)}@example.test>"));
        Assert.Equal("501 5.1.3", Refusal($" TO:<a@{string.Join('.', Enumerable.Repeat(new string('b', 60), 5))}>"));
        Assert.Equal("501 5.1.3", Refusal($" TO:<a@{new string('b', 64)}.test>"));
    }

    /// <summary>RFC 5321 section 4.1.2 as one expression, ASCII only, for the oracle.</summary>
    [GeneratedRegex(@"^ TO:<(?<m>(?:[a-z!%+=-]+(?:\.[a-z!%+=-]+)*|""(?:[^""\\]|\\.)+"")@(?:[a-z](?:[a-z-]*[a-z])?(?:\.[a-z](?:[a-z-]*[a-z])?)*))>(?<p>(?: +[A-Za-z][A-Za-z-]*(?:=[^ ]+)?)*) *$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Oracle();

    [Fact]
    public void AgreesWithTheOracle()
    {
        var piece = OneOf("a", "b", ".", "@", "<", ">", "\"", "\\", " ", "!", "%", "-", "x.test", "@a", " SIZE=1", " X", "\"q q\"", "=");
        piece.Array[0, 9].Select(p => " TO:<" + string.Concat(p) + "@b.test>").Sample(text =>
        {
            var match = Oracle().Match(text);
            var names = match.Groups["p"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')[0]).ToList();
            var isTaken = match.Success && names.Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Count;
            Assert.Equal(isTaken, Refusal(text) == "taken");
            if (isTaken)
                Assert.Equal(Webmail.MailCore.Model.EmailAddress.Parse(match.Groups["m"].Value).ToString(), Rcpt(text).Path);
        }, iter: 100_000);
    }

    [Fact]
    public void NothingButSyntaxExceptionsComesOutOfAnyOctets() =>
        Gen.Byte.Array[0, 50].Sample(octets =>
        {
            try
            {
                var reader = new SmtpReader([.. " TO:<"u8, .. octets]);
                reader.Path("TO:"u8, PathKind.Forward);
                reader.Parameters();
            }
            catch (SmtpSyntaxException)
            {
                // Said clearly.
            }
        }, iter: 100_000);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("12345678901234567890", 1)]
    [InlineData("99999999999999999999", 1)]
    [InlineData("", null)]
    [InlineData("-1", null)]
    [InlineData("1a", null)]
    [InlineData("123456789012345678901", null)]
    public void Numbers(string text, int? atLeast)
    {
        var number = SmtpReader.NumberOf(text);
        Assert.Equal(atLeast is null, number is null);
        Assert.True(number is null || number >= atLeast);
    }
}
