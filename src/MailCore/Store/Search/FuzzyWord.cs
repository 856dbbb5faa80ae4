namespace Webmail.MailCore.Store.Search;

/// <summary>One word of a fuzzy term: how well a word of a text fits it.</summary>
internal sealed class FuzzyWord
{
    private const int OneSlip = 4;
    private const int TwoSlips = 9;
    private const int LeastPrefix = 3;

    private readonly int _slips;

    public FuzzyWord(string text)
    {
        Text = text;
        IsRun = text.AsSpan().IndexOfAnyExceptInRange('\0', '\u2e7f') >= 0 || text.Any(static c => c is (>= '\u0e00' and <= '\u0eff') or (>= '\u1000' and <= '\u11ff') or (>= '\u1780' and <= '\u17ff'));
        _slips = IsRun || text.Length < OneSlip ? 0 : text.Length < TwoSlips ? 1 : 2;
        Pieces = PiecesOf();
    }

    public string Text { get; }

    /// <summary>It is of a script that puts no spaces between words.</summary>
    public bool IsRun { get; }

    /// <summary>
    /// Every text that fits holds one of these. So many slips spoil at most so many pieces, of which there is one more; only two letters exchanged
    /// where one slip is allowed may spoil both, and then it is known what stands there.
    /// </summary>
    public IReadOnlyList<string> Pieces { get; }

    /// <summary>1: as it is, less with what differs; 0: not at all.</summary>
    public double Fits(ReadOnlySpan<char> word)
    {
        if (word.SequenceEqual(Text))
            return 1;
        if (Text.Length >= LeastPrefix && word.StartsWith(Text, StringComparison.Ordinal))
            return 0.9;
        if (_slips == 0 || Math.Abs(word.Length - Text.Length) > _slips)
            return 0;
        if (_slips == 1)
            return IsOneSlip(word) ? 0.7 : 0;
        return Distance(word) switch { 1 => 0.7, 2 => 0.5, _ => 0 };
    }

    private string[] PiecesOf()
    {
        if (_slips == 0)
            return [Text];
        if (_slips == 1)
        {
            var half = Text.Length / 2;
            return [Text[..half], Text[half..], $"{Text[..(half - 1)]}{Text[half]}{Text[half - 1]}{Text[(half + 1)..]}"];
        }

        var third = Text.Length / 3;
        return [Text[..third], Text[third..(2 * third)], Text[(2 * third)..]];
    }

    /// <summary>A letter more, less or other, or two neighbours exchanged.</summary>
    private bool IsOneSlip(ReadOnlySpan<char> word)
    {
        var same = word.CommonPrefixLength(Text);
        ReadOnlySpan<char> rest = word[same..], own = Text.AsSpan(same);
        if (rest.Length > own.Length)
            return rest[1..].SequenceEqual(own);
        if (rest.Length < own.Length)
            return rest.SequenceEqual(own[1..]);
        return rest[1..].SequenceEqual(own[1..])
            || (rest.Length > 1 && rest[0] == own[1] && rest[1] == own[0] && rest[2..].SequenceEqual(own[2..]));
    }

    /// <summary>Letters more, less and other (Levenshtein), of words of bounded length.</summary>
    private int Distance(ReadOnlySpan<char> word)
    {
        Span<int> row = stackalloc int[word.Length + 1];
        for (var j = 0; j <= word.Length; j++)
            row[j] = j;
        for (var i = 1; i <= Text.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= word.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (Text[i - 1] == word[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[word.Length];
    }
}
