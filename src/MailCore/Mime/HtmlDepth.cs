using MimeKit.Text;

namespace Webmail.MailCore.Mime;

/// <summary>
/// Says beforehand whether parsing some HTML would cost too much: tree building takes quadratic time in the depth of open elements, and serialising stack.
/// One linear pass over the tokens, on the careful side: an end tag only pays for a start tag of its own name, so what is counted is never less than
/// what the parser will hold open (elements that close each other by themselves left out).
/// </summary>
internal static class HtmlDepth
{
    public const int Max = 400;

    private const int MaxAttributes = 300;

    private static readonly HashSet<string> Free = new(StringComparer.OrdinalIgnoreCase)
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr", // void
        "p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "colgroup", "option", "optgroup", "rp", "rt", "html", "head", "body", // self-closing
    };

    public static bool IsTooDeep(string html)
    {
        var open = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var depth = 0;
        using var reader = new StringReader(html);
        var tokens = new HtmlTokenizer(reader);
        while (tokens.ReadNextToken(out var token))
        {
            if (token is not HtmlTagToken tag || Free.Contains(tag.Name))
                continue;
            open.TryGetValue(tag.Name, out var count);
            if (!tag.IsEndTag && (++depth > Max || tag.Attributes.Count > MaxAttributes))
                return true;
            if (tag.IsEndTag && count == 0)
                continue;
            depth -= tag.IsEndTag ? 1 : 0;
            open[tag.Name] = count + (tag.IsEndTag ? -1 : 1);
        }

        return false;
    }
}
