namespace Webmail.MailCore.Store.Search;

/// <summary>Which of a message's texts a gram stands in. The values are stored: never used again for another text.</summary>
internal enum GramField
{
    Subject = 1,
    From = 2,
    To = 3,
    Cc = 4,
    Bcc = 5,
    Header = 6,
    Body = 7,
}

/// <summary>Grams from one to another, both included.</summary>
internal readonly record struct GramRange(long First, long Last);

/// <summary>
/// The pieces of folded text that the search index knows (ADR 0190). One begins at every character: three characters long, or two where the first is of a
/// script with many characters (from U+2E80: Han, Kana; halves of surrogate pairs too). At a text's end NUL, which no folded text has, fills up what is missing. Grams are
/// numbers in the order of their texts, so that a needle shorter than a gram is a range of them.
/// </summary>
internal static class Grams
{
    /// <summary>Not a gram: below all of them.</summary>
    public const long None = 0;

    private const char FirstWide = '\u2e80';

    /// <summary>The gram that begins at a place of a text.</summary>
    public static long At(GramField field, ReadOnlySpan<char> text, int at)
    {
        var first = text[at];
        var second = at + 1 < text.Length ? text[at + 1] : '\0';
        var third = at + 2 < text.Length && first < FirstWide ? text[at + 2] : '\0';
        return Of(field, first, second, third);
    }

    /// <summary>
    /// Grams that all stand in each text that contains the needle, at most <paramref name="most"/>. Empty for an empty needle, which says nothing.
    /// </summary>
    /// <param name="isExact">The texts with these grams contain the needle, one and all.</param>
    public static List<GramRange> Of(GramField field, string needle, int most, out bool isExact)
    {
        isExact = false;
        if (needle.Length == 0)
            return [];
        isExact = needle.Length <= Length(needle[0]);
        if (needle.Length < Length(needle[0]))
            return [Beginning(field, needle)];
        var places = new List<int>();
        for (var at = 0; at < needle.Length; at++)
        {
            if (at + Length(needle[at]) <= needle.Length)
                places.Add(at);
        }

        // Some from all over the needle: neighbours say nearly the same.
        var count = Math.Min(places.Count, most);
        var ranges = new List<GramRange>(count);
        for (var i = 0; i < count; i++)
        {
            var gram = At(field, needle, places[count == 1 ? 0 : i * (places.Count - 1) / (count - 1)]);
            ranges.Add(new(gram, gram));
        }

        return ranges;
    }

    private static int Length(char first) => first < FirstWide ? 3 : 2;

    private static GramRange Beginning(GramField field, string needle) => needle.Length == 1
        ? new(Of(field, needle[0], '\0', '\0'), Of(field, needle[0], '\uffff', '\uffff'))
        : new(Of(field, needle[0], needle[1], '\0'), Of(field, needle[0], needle[1], '\uffff'));

    private static long Of(GramField field, char first, char second, char third) => ((long)field << 48) | ((long)first << 32) | ((long)second << 16) | third;
}
