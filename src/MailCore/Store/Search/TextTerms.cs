using Webmail.MailCore.Mime;

namespace Webmail.MailCore.Store.Search;

/// <summary>Text terms against a message's text in memory; the statements of SearchTexts say the same in SQL.</summary>
internal static class TextTerms
{
    /// <summary>Null: not a term about text.</summary>
    public static bool? Match(SearchQuery leaf, SearchableText text) => leaf switch
    {
        TextContains { Field: TextField.From } term => Contains(text.From, term.Text),
        TextContains { Field: TextField.To } term => Contains(text.To, term.Text),
        TextContains { Field: TextField.Cc } term => Contains(text.Cc, term.Text),
        TextContains { Field: TextField.Bcc } term => Contains(text.Bcc, term.Text),
        TextContains { Field: TextField.Subject } term => Contains(text.Subject, term.Text),
        TextContains { Field: TextField.Body } term => Contains(text.Body, term.Text),
        TextContains term => Contains(text.Header, term.Text) || Contains(text.Body, term.Text),
        FuzzyText term => new FuzzyWords(term).Score(text) > 0,
        HeaderContains term => HeaderMatches(text.Header, term),
        _ => null,
    };

    /// <summary>A field of that name has the text in its value; with an empty text, it is there.</summary>
    public static bool HeaderMatches(string header, HeaderContains term)
    {
        var (name, text) = Folded(term);
        for (var at = header.IndexOf(name, StringComparison.Ordinal); at >= 0; at = header.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            var value = at + name.Length;
            var end = header.IndexOf('\n', value);
            if (header.AsSpan(value, (end < 0 ? header.Length : end) - value).Contains(text, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>The field's name as it starts a line of the stored header, and the text to look for in its value.</summary>
    public static (string Name, string Text) Folded(HeaderContains term) => ($"\n{FoldedText.Fold(term.Name)}:", SearchableText.Fold(term.Text));

    /// <summary>The text to look for as it stands in stored texts.</summary>
    public static string Folded(TextContains term) => SearchableText.Fold(term.Text);

    /// <summary>Subject has a column of its own: the same answer, for less. The columns of addresses hold more than their fields do (comments left out).</summary>
    public static SearchQuery Simplified(HeaderContains term) => FoldedText.Fold(term.Name) == "SUBJECT" ? new TextContains(TextField.Subject, term.Text) : term;

    private static bool Contains(string? text, string sought) => text?.Contains(SearchableText.Fold(sought), StringComparison.Ordinal) == true;
}
