using System.Globalization;
using System.Text;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Search;

namespace Webmail.Web.Mail;

/// <summary>
/// What one types into the search box as a query: words and "phrases" (all must be there), from: to: cc: subject: body: has:attachment
/// is:unread|read|starred|answered|draft before: after: (days) larger: smaller: (bytes, k, m), and '-' before any of them for "not".
/// Whatever is not understood is looked for as text, so nothing typed is an error.
/// </summary>
internal static class SearchText
{
    private const int MaxTerms = 20;

    public static SearchQuery Parse(string text)
    {
        var terms = new List<SearchQuery>();
        foreach (var word in Words(text).Take(MaxTerms))
        {
            var isNegated = word.Length > 1 && word[0] == '-';
            if (TermOf(isNegated ? word[1..] : word) is { } term)
                terms.Add(isNegated ? new NotQuery(term) : term);
        }

        return terms.Count switch { 0 => SearchQuery.All, 1 => terms[0], _ => new AndQuery(terms) };
    }

    private static SearchQuery? TermOf(string word)
    {
        var colon = word.IndexOf(':', StringComparison.Ordinal);
        var value = colon > 0 ? word[(colon + 1)..].Replace("\"", "", StringComparison.Ordinal).Trim() : "";
        return (value.Length > 0 ? Operator(word[..colon].ToLowerInvariant(), value) : null) ?? TextIn(TextField.Text, word);
    }

    private static SearchQuery? Operator(string name, string value) => name switch
    {
        "from" => TextIn(TextField.From, value),
        "to" => TextIn(TextField.To, value),
        "cc" => TextIn(TextField.Cc, value),
        "subject" => TextIn(TextField.Subject, value),
        "body" => TextIn(TextField.Body, value),
        "has" => value.StartsWith("attach", StringComparison.OrdinalIgnoreCase) ? new HasAttachment() : null,
        "is" => StateOf(value.ToLowerInvariant()),
        "before" => DayOf(value) is { } day ? new DayBetween(DateField.Received, null, day) : null,
        "after" => DayOf(value) is { } day ? new DayBetween(DateField.Received, day, null) : null,
        "larger" => OctetsOf(value) is { } octets ? new SizeLargerThan(octets) : null,
        "smaller" => OctetsOf(value) is { } octets ? new SizeSmallerThan(octets) : null,
        _ => null,
    };

    private static TextContains? TextIn(TextField field, string text)
    {
        var bare = text.Replace("\"", "", StringComparison.Ordinal).Trim();
        return bare.Length == 0 ? null : new(field, bare);
    }

    private static SearchQuery? StateOf(string value) => value switch
    {
        "unread" => new NotQuery(new HasFlags(FlagSet.Seen)),
        "read" => new HasFlags(FlagSet.Seen),
        "starred" or "flagged" => new HasFlags(FlagSet.Flagged),
        "answered" or "replied" => new HasFlags(FlagSet.Answered),
        "draft" => new HasFlags(FlagSet.Draft),
        _ => null,
    };

    private static DateOnly? DayOf(string value) => DateOnly.TryParse(value, CultureInfo.InvariantCulture, out var day) ? day : null;

    private static long? OctetsOf(string value)
    {
        var unit = char.ToLowerInvariant(value[^1]) switch { 'k' => 1024L, 'm' => 1024 * 1024, 'g' => 1024 * 1024 * 1024, _ => 1 };
        return long.TryParse(unit == 1 ? value : value[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n <= long.MaxValue / unit ? n * unit : null;
    }

    /// <summary>Splits at spaces that are not inside quotes.</summary>
    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        var isQuoted = false;
        foreach (var c in text)
        {
            if (c == '"')
                isQuoted = !isQuoted;
            if (char.IsWhiteSpace(c) && !isQuoted)
            {
                if (word.Length > 0)
                    yield return word.ToString();
                word.Clear();
            }
            else
            {
                word.Append(c);
            }
        }

        if (word.Length > 0)
            yield return word.ToString();
    }
}
