using System.Text;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Store.Search;

namespace Webmail.MailCore.Tests.Search;

/// <summary>The pages of the search index say of each message whether a needle may be in it: never no where it is, and of short needles exactly.</summary>
public sealed class SegmentPagesTests
{
    private const string Letters = "ABE \nÉ\u0301SSİΣ\u3042一丁七\ud83d\ude00\uffff";

    private static SearchableText Text(Random random, int length)
    {
        string Some(int most) => FoldedText.Fold(string.Concat(Enumerable.Range(0, random.Next(most)).Select(_ => Letters[random.Next(Letters.Length)])));
        return new(Some(4), Some(4), null, null, Some(12), "\nSUBJECT:" + Some(30), Some(length));
    }

    private static MessageBits Find(IReadOnlyList<SegmentPage> pages, IEnumerable<GramRange> ranges)
    {
        var all = new MessageBits();
        all.Fill();
        foreach (var range in ranges)
        {
            var some = new MessageBits();
            for (var i = 0; i < pages.Count; i++)
            {
                // As the statement chooses them.
                if (pages[i].FirstGram <= range.Last && (i + 1 == pages.Count || pages[i + 1].FirstGram > range.First))
                    SegmentPages.Read(pages[i], range, some);
            }

            all.Keep(some);
        }

        return all;
    }

    [Fact]
    public void NeedlesAreFoundWhereTheyAre()
    {
        var random = new Random(7);
        for (var round = 0; round < 8; round++)
        {
            var texts = Enumerable.Range(0, MessageBits.SegmentSize).Where(_ => random.Next(3) > 0).ToDictionary(place => place, _ => Text(random, 1 << round));
            var index = new SegmentPages();
            foreach (var (place, text) in texts)
                index.Add(place, text);
            SegmentPage[] pages = [.. index.Pages()];
            Assert.All(pages, page => Assert.True(page.Data.Length < 1_960));
            Assert.Equal(texts.Keys, Places(Find(pages, [new(Grams.None, Grams.None)])));
            for (var n = 0; n < 60; n++)
            {
                var needle = string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => Letters[random.Next(Letters.Length)]));
                foreach (var (field, of) in new (GramField, Func<SearchableText, string?>)[]
                    { (GramField.Body, t => t.Body), (GramField.Header, t => t.Header), (GramField.Subject, t => t.Subject), (GramField.Cc, t => t.Cc) })
                {
                    var found = Places(Find(pages, Grams.Of(field, needle, 3, out var isExact)));
                    var expected = texts.Where(t => of(t.Value)?.Contains(needle, StringComparison.Ordinal) == true).Select(t => t.Key);
                    if (isExact)
                        Assert.Equal(expected, found);
                    else
                        Assert.Empty(expected.Except(found));
                }
            }
        }
    }

    private static int[] Places(MessageBits bits) => [.. Enumerable.Range(0, MessageBits.SegmentSize).Where(bits.Contains)];

    [Theory]
    [InlineData("a", true, 1)]
    [InlineData("ab", true, 1)]
    [InlineData("abc", true, 1)]
    [InlineData("abcd", false, 2)]
    [InlineData("一", true, 1)]
    [InlineData("一丁", true, 1)]
    [InlineData("一丁七", false, 2)]
    [InlineData("abcdefghijkl", false, 4)]
    public void ShortNeedlesNeedNoComparing(string needle, bool isExact, int ranges)
    {
        Assert.Equal(ranges, Grams.Of(GramField.Body, needle, 4, out var exact).Count);
        Assert.Equal(isExact, exact);
    }

    /// <summary>Random text would make the index larger than the mail: such messages are left to be compared.</summary>
    [Fact]
    public void AMessageOfTooManyPiecesIsNotIndexed()
    {
        var random = new Random(3);
        var noise = new StringBuilder();
        for (var i = 0; i < 60_000; i++)
            noise.Append((char)random.Next(0x4e00, 0x9000));
        var index = new SegmentPages();
        index.Add(4, new(null, null, null, null, null, "\n", "plain"));
        index.Add(5, new(null, null, null, null, null, "\n", noise.ToString()));
        Assert.Equal([4], Places(Find([.. index.Pages()], [new(Grams.None, Grams.None)])));
    }
}
