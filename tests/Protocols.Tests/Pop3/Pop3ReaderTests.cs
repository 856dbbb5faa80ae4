using System.Text;
using CsCheck;
using Webmail.MailCore.Model;
using Webmail.Protocols.Pop3;
using Webmail.Protocols.Pop3.Commands;

namespace Webmail.Protocols.Tests.Pop3;

public sealed class Pop3ReaderTests
{
    [Theory]
    [InlineData("RETR 1", "RETR")]
    [InlineData("retr 1", "RETR")]
    [InlineData("", "")]
    [InlineData("  ", "")]
    [InlineData("STAT ", "STAT")]
    [InlineData("ÄPFEL", "")]
    [InlineData("AVERYLONGWORDTHATISNOCOMMAND", "")]
    public void ReadsTheKeyword(string line, string keyword) => Assert.Equal(keyword, new Pop3Reader(Encoding.UTF8.GetBytes(line)).Keyword());

    [Theory]
    [InlineData("TOP 1 0", 1, 0)]
    [InlineData("top  12   34 ", 12, 34)]
    [InlineData("TOP 2147483647 2147483647", int.MaxValue, int.MaxValue)]
    public void ReadsNumbers(string line, int number, int lines) => Assert.Equal(new Top(number, lines), ParseTop(line));

    [Theory]
    [InlineData("TOP")]
    [InlineData("TOP 1")]
    [InlineData("TOP 1 x")]
    [InlineData("TOP -1 0")]
    [InlineData("TOP +1 0")]
    [InlineData("TOP 1 2 3")]
    [InlineData("TOP 2147483648 1")]
    [InlineData("TOP 1.5 1")]
    public void RefusesWhatIsNoNumber(string line) => Assert.Throws<Pop3SyntaxException>(() => ParseTop(line));

    [Theory]
    [InlineData("PASS pass-word", "pass-word")]
    [InlineData("PASS  two words ", " two words ")]
    [InlineData("PASS pässwörd", "pässwörd")]
    public void APasswordIsAllThatFollowsOneSpace(string line, string password) => Assert.Equal(password, ParsePass(Encoding.UTF8.GetBytes(line)).Password);

    [Fact]
    public void RefusesNulAndBadUtf8()
    {
        Assert.Throws<Pop3SyntaxException>(() => ParsePass("PASS a\0b"u8.ToArray()));
        Assert.Throws<Pop3SyntaxException>(() => ParsePass([.. "PASS "u8, 0xff, 0xfe]));
        Assert.Throws<Pop3SyntaxException>(() => ParsePass("PASS"u8.ToArray()));
        Assert.Throws<Pop3SyntaxException>(() => ParsePass("PASS "u8.ToArray()));
    }

    [Fact]
    public void APasswordIsNotPrinted() => Assert.DoesNotContain("secret", new Pass("secret-word").ToString() + new Auth("PLAIN", "c2VjcmV0"), StringComparison.Ordinal);

    // Whatever comes, it is a command or a syntax error, and nothing else.
    [Fact]
    public void AnyLineIsReadOrRefused() => Gen.Byte.Array[0, 40].Sample(bytes =>
    {
        foreach (var entry in Pop3Commands.All.Entries)
        {
            var reader = new Pop3Reader([.. Encoding.ASCII.GetBytes(entry.Verb.Name), .. bytes]);
            reader.Keyword();
            try
            {
                entry.Parse(ref reader);
            }
            catch (Pop3SyntaxException)
            {
                // Refused.
            }
        }
    });

    [Fact]
    public void EveryCommandStandsInTheTable()
    {
        var commands = typeof(Pop3Commands).Assembly.GetTypes()
            .Where(t => t is { IsClass: true, Namespace: "Webmail.Protocols.Pop3.Commands" })
            .Where(t => t.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IPop3Command<>)));
        Assert.Equal(commands.ToHashSet(), Pop3Commands.All.Entries.Select(e => e.Type).ToHashSet());
    }

    [Fact]
    public void EveryRefusalHasItsWords()
    {
        Assert.All(Enum.GetValues<MailError>(), error => Assert.False(Pop3Errors.ReplyFor(new MailException(error, "why")).IsOk));
        Assert.Equal("AUTH", Pop3Errors.CodeFor(MailError.AuthenticationFailed));
        Assert.Equal("SYS/TEMP", Pop3Errors.CodeFor(MailError.Throttled));
        Assert.Null(Pop3Errors.CodeFor(MailError.NotFound));
    }

    private static Top ParseTop(string line)
    {
        var reader = new Pop3Reader(Encoding.UTF8.GetBytes(line));
        reader.Keyword();
        return Top.Parse(ref reader);
    }

    private static Pass ParsePass(byte[] line)
    {
        var reader = new Pop3Reader(line);
        reader.Keyword();
        return Pass.Parse(ref reader);
    }
}
