using Webmail.MailCore.Mime;

namespace Webmail.MailCore.Store.Search;

/// <summary>
/// A fuzzy term (RFC 6203) against folded texts. Its words may stand anywhere; each fits as it is, as the beginning of a word, or with a slip: one (a letter
/// more, less, other, or two exchanged) in a word of four letters or more, two in one of nine or more. In scripts without spaces a run of letters
/// fits where it occurs. Accents don't matter. Bounded: words beyond <see cref="MaxWords"/> are not looked at, and each costs time in proportion to the text.
/// </summary>
internal sealed class FuzzyWords
{
    /// <summary>Words of one term that count.</summary>
    public const int MaxWords = 16;

    /// <summary>The accents that are taken out of texts (they stand apart there: FoldedText decomposes).</summary>
    public static readonly string Accents = string.Concat(Enumerable.Range(0x300, 0x70).Select(static c => (char)c));

    private const int MaxWord = 40;
    private const double BodyWeight = 0.6;
    private const double HeaderWeight = 0.8;
    private const double ScatteredWeight = 0.9;

    private readonly FuzzyText _term;
    private readonly string _text;
    private readonly FuzzyWord[] _words;

    public FuzzyWords(FuzzyText term)
    {
        _term = term;
        _text = WithoutAccents(SearchableText.Fold(term.Text)).Trim();
        _words = [.. WordsOf(_text).Select(static range => range).Take(MaxWords).Select(range => new FuzzyWord(Cut(_text[range])))];
    }

    /// <summary>For each word what a text must hold at least one of to fit it, numbered by word. No words: only the whole text counts.</summary>
    public IEnumerable<(int Word, string Piece)> Pieces => _words.Length == 0
        ? [(0, _text)]
        : _words.SelectMany(static (word, i) => word.Pieces.Select(piece => (i, piece)));

    public static string WithoutAccents(string folded)
    {
        if (!folded.AsSpan().ContainsAnyInRange('\u0300', '\u036f'))
            return folded;
        return string.Concat(folded.Where(static c => c is < '\u0300' or > '\u036f'));
    }

    /// <summary>How well a message's texts fit: from 1 to 100; 0: not at all.</summary>
    public int Score(SearchableText text) => _term.Field switch
    {
        TextField.From => Score(text.From),
        TextField.To => Score(text.To),
        TextField.Cc => Score(text.Cc),
        TextField.Bcc => Score(text.Bcc),
        TextField.Subject => Score(text.Subject),
        TextField.Body => Score(text.Body),
        _ => Score(text.Subject, text.Header, text.Body),
    };

    public int Score(string? field) => Score([(field, 1.0)]);

    /// <summary>Of the whole message: what stands in the subject weighs most, the body least.</summary>
    public int Score(string? subject, string header, string body) => Score([(subject, 1.0), (header, HeaderWeight), (body, BodyWeight)]);

    private int Score((string? Text, double Weight)[] fields)
    {
        Span<double> fits = stackalloc double[MaxWords];
        fits = fits[.._words.Length];
        fits.Clear();
        double phrase = 0;
        foreach (var (original, weight) in fields)
        {
            if (original is null)
                continue;
            var text = WithoutAccents(original);
            if (text.Contains(_text, StringComparison.Ordinal))
                phrase = Math.Max(phrase, weight);
            Fit(text, weight, fits);
        }

        double sum = 0;
        foreach (var fit in fits)
        {
            if (fit == 0)
                return 0;
            sum += fit;
        }

        var scattered = _words.Length == 0 ? 0 : ScatteredWeight * sum / _words.Length;
        var best = Math.Max(phrase, scattered);
        return best == 0 ? 0 : Math.Clamp((int)Math.Round(100 * best), 1, 100);
    }

    /// <summary>Raises each word's best so far by what this text holds.</summary>
    private void Fit(string text, double weight, Span<double> fits)
    {
        for (var i = 0; i < _words.Length; i++)
        {
            if (_words[i].IsRun && text.Contains(_words[i].Text, StringComparison.Ordinal))
                fits[i] = Math.Max(fits[i], weight);
        }

        foreach (var range in WordsOf(text))
        {
            var word = text.AsSpan(range);
            for (var i = 0; i < _words.Length; i++)
            {
                if (fits[i] < weight && !_words[i].IsRun && _words[i].Fits(word) * weight is var fit && fit > fits[i])
                    fits[i] = fit;
            }
        }
    }

    /// <summary>Runs of letters and digits.</summary>
    private static IEnumerable<Range> WordsOf(string text)
    {
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var inWord = i < text.Length && char.IsLetterOrDigit(text[i]);
            if (inWord && start < 0)
                start = i;
            if (inWord || start < 0)
                continue;
            yield return start..i;
            start = -1;
        }
    }

    private static string Cut(string word) => word.Length > MaxWord ? word[..MaxWord] : word;
}
