using System.Text.RegularExpressions;
using CsCheck;
using Webmail.Protocols.Imap.List;

namespace Webmail.Protocols.Tests.Imap;

public sealed class ListPatternTests
{
    [Theory]
    [InlineData("*", "a/b", true)]
    [InlineData("%", "a/b", false)]
    [InlineData("%/%", "a/b", true)]
    [InlineData("a%", "a", true)]
    [InlineData("a*", "a/b/c", true)]
    [InlineData("%*%", "a/b/c", true)]
    [InlineData("inbox", "INBOX", true)]
    [InlineData("in%", "INBOX", true)]
    [InlineData("inbox/x", "INBOX/x", true)]
    [InlineData("INBOX/X", "INBOX/x", false)]
    [InlineData("inboxes", "INBOXES", false)]
    [InlineData("A", "a", false)]
    [InlineData("", "a", false)]
    public void Matches(string pattern, string name, bool expected) => Assert.Equal(expected, new ListPattern("", pattern).Matches(name));

    [Fact]
    public void AgreesWithARegularExpression() =>
        Gen.Select(Gen.String[Gen.Char["ab/*%"], 0, 8], Gen.String[Gen.Char["ab/"], 1, 8]).Sample((pattern, name) =>
        {
            var regex = "^" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("%", "[^/]*", StringComparison.Ordinal) + "$";
            return new ListPattern("", pattern).Matches(name) == Regex.IsMatch(name, regex, RegexOptions.None, TimeSpan.FromSeconds(1));
        });

    [Fact]
    public void HostilePatternsAreCheap()
    {
        var pattern = new ListPattern("", string.Concat(Enumerable.Repeat("*a%", 20_000)));
        Assert.False(pattern.Matches(new string('a', 1000)));
    }
}
