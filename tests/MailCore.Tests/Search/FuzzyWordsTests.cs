using Webmail.MailCore.Store.Search;

namespace Webmail.MailCore.Tests.Search;

/// <summary>Fuzzy terms (RFC 6203): what fits, how well, and that what the database asks for is held by every text that fits.</summary>
public sealed class FuzzyWordsTests
{
    [Theory]
    [InlineData("HELLO", "say hello to them", 100)]
    [InlineData("to hello", "say hello to them", 90)]
    [InlineData("hell", "say hello to them", 100)]
    [InlineData("hell them", "say hello to them", 86)]
    [InlineData("helo", "say hello to them", 63)]
    [InlineData("ehllo", "say hello to them", 63)]
    [InlineData("hhello", "say hello to them", 63)]
    [InlineData("he", "say hello to them", 0)]
    [InlineData("yas", "say hello to them", 0)]
    [InlineData("hello moon", "say hello to them", 0)]
    [InlineData("cafe", "Caf\u00e9 au lait", 100)]
    [InlineData("caf\u00e9", "CAFE AU LAIT", 100)]
    [InlineData("intrnational", "an international body", 63)]
    [InlineData("intrnatonal", "an international body", 45)]
    [InlineData("intrnaonal", "an international body", 0)]
    [InlineData("\u660e\u5929", "\u4f1a\u8bae\u5c06\u5728\u660e\u5929\u4e3e\u884c", 100)]
    [InlineData("...", "wait ... here", 100)]
    [InlineData("...", "wait here", 0)]
    public void FitsAsWellAs(string sought, string text, int score) =>
        Assert.Equal(score, new FuzzyWords(new(TextField.Subject, sought)).Score(Webmail.MailCore.Mime.SearchableText.Fold(text)));

    [Fact]
    public void WhatFitsHoldsAPiece()
    {
        var random = new Random(20_261_124);
        for (var n = 0; n < 100_000; n++)
        {
            var word = new FuzzyWord(Word(random, random.Next(1, 14)));
            var other = word.Text;
            for (var slips = random.Next(4); slips > 0; slips--)
                other = Slip(random, other);
            if (random.Next(4) == 0)
                other += Word(random, 2);
            if (word.Fits(other) > 0)
                Assert.Contains(word.Pieces, piece => other.Contains(piece, StringComparison.Ordinal));
        }
    }

    private static string Word(Random random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)('A' + random.Next(4))));

    private static string Slip(Random random, string word)
    {
        if (word.Length < 2)
            return word;
        var at = random.Next(word.Length - 1);
        return random.Next(4) switch
        {
            0 => word.Remove(at, 1),
            1 => word.Insert(at, Word(random, 1)),
            2 => string.Concat(word.AsSpan(0, at), Word(random, 1), word.AsSpan(at + 1)),
            _ => string.Concat(word.AsSpan(0, at), word.AsSpan(at + 1, 1), word.AsSpan(at, 1), word.AsSpan(at + 2)),
        };
    }
}
