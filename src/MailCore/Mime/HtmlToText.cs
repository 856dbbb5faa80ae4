using System.Net;
using System.Text;

namespace Webmail.MailCore.Mime;

/// <summary>
/// HTML to plain text in one pass, linear in the input and without a document tree: for previews, search and the text part of what is sent. Not a
/// sanitiser: the result is text.
/// </summary>
internal static class HtmlToText
{
    private static readonly string[] Blocks =
    [
        "p", "div", "br", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "blockquote", "pre", "section", "article", "header",
        "footer", "address", "dl", "dt", "dd", "center", "form", "fieldset", "body", "title",
    ];

    private static readonly string[] Silent = ["style", "script", "head", "title", "template", "noscript", "svg", "math", "select", "textarea", "iframe", "object"];

    /// <summary>How far quotes are minded within a tag, so that quotes that never end don't cost quadratic time.</summary>
    private const int MaxTag = 2_048;

    /// <param name="maxLength">The text is cut there.</param>
    public static string Convert(string html, int maxLength)
    {
        var text = new TextBuilder(maxLength);
        var unclosed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var at = 0;
        while (at < html.Length && !text.IsFull)
        {
            var tag = html.IndexOf('<', at);
            if (tag < 0)
                tag = html.Length;
            if (tag > at)
                text.Words(html.AsSpan(at, tag - at));
            at = tag < html.Length ? Tag(html, tag, text, unclosed) : tag;
        }

        return text.ToString();
    }

    /// <summary>Deals with what starts with '&lt;' and gives where it ends.</summary>
    private static int Tag(string html, int at, TextBuilder text, HashSet<string> unclosed)
    {
        if (html.AsSpan(at).StartsWith("<!--"))
            return After(html, "-->", at + 4);
        if (at + 1 >= html.Length || !(char.IsAsciiLetter(html[at + 1]) || html[at + 1] is '/' or '!' or '?'))
        {
            text.Words("<");
            return at + 1;
        }

        var end = EndOfTag(html, at + 1);
        var isClosing = html[at + 1] == '/';
        var name = Name(html.AsSpan(at + (isClosing ? 2 : 1)));
        if (!isClosing && Silent.Contains(name, StringComparer.OrdinalIgnoreCase) && html[end - 2] != '/' && !unclosed.Contains(name))
            return BehindElement(html, name, end, unclosed);
        if (Blocks.Contains(name, StringComparer.OrdinalIgnoreCase))
            text.NewLine(isClosing || name.Equals("br", StringComparison.OrdinalIgnoreCase), name);
        else if (name.Equals("td", StringComparison.OrdinalIgnoreCase) || name.Equals("th", StringComparison.OrdinalIgnoreCase))
            text.Space();
        return end;
    }

    /// <summary>A head that nothing closes must not swallow the message; a style or script does, to its end. What has no end is looked for once.</summary>
    private static int BehindElement(string html, string name, int end, HashSet<string> unclosed)
    {
        var close = After(html, "</" + name, end);
        if (close < html.Length)
            return EndOfTag(html, close);
        unclosed.Add(name);
        return name.ToLowerInvariant() is "style" or "script" or "textarea" or "iframe" ? html.Length : end;
    }

    private static int After(string html, string what, int from)
    {
        var found = from <= html.Length ? html.IndexOf(what, from, StringComparison.OrdinalIgnoreCase) : -1;
        return found < 0 ? html.Length : found + what.Length;
    }

    /// <summary>Behind the '&gt;' of a tag; those inside quoted attribute values don't count.</summary>
    private static int EndOfTag(string html, int at)
    {
        var quote = '\0';
        for (var i = at; i < Math.Min(html.Length, at + MaxTag); i++)
        {
            var c = html[i];
            if (quote != '\0')
                quote = c == quote ? '\0' : quote;
            else if (c is '"' or '\'' && i > 0 && html[i - 1] is '=' or ' ')
                quote = c;
            else if (c == '>')
                return i + 1;
        }

        // A quote that doesn't end: the first '>' it is.
        var plain = html.IndexOf('>', at);
        return plain < 0 ? html.Length : plain + 1;
    }

    private static string Name(ReadOnlySpan<char> tag)
    {
        var n = 0;
        while (n < tag.Length && n < 20 && char.IsAsciiLetterOrDigit(tag[n]))
            n++;
        return tag[..n].ToString();
    }

    /// <summary>Collects words with HTML's rules for white space.</summary>
    private sealed class TextBuilder(int maxLength)
    {
        private readonly StringBuilder _text = new();
        private bool _gap;

        public bool IsFull => _text.Length >= maxLength;

        public void Words(ReadOnlySpan<char> raw)
        {
            var room = Math.Max(maxLength - _text.Length, 0) + 64;
            foreach (var c in WebUtility.HtmlDecode(raw.Length > 8 * room ? raw[..(8 * room)].ToString() : raw.ToString()))
            {
                if (IsFull)
                    return;
                if (char.IsWhiteSpace(c))
                {
                    _gap = true;
                    continue;
                }

                // What newsletters fill the preview with: zero-width and soft-hyphen characters.
                if (c is '\u200B' or '\u200C' or '\u200D' or '\u00AD' or '\u034F' or '\uFEFF' or '\u2060')
                    continue;
                if (_gap && _text.Length > 0 && _text[^1] != '\n')
                    _text.Append(' ');
                _gap = false;
                _text.Append(c);
            }
        }

        public void Space() => _gap = true;

        public void NewLine(bool isEnd, string name)
        {
            _gap = false;
            if (_text.Length == 0 || IsFull || (!isEnd && _text[^1] == '\n'))
                return;
            var isParagraph = name.Equals("p", StringComparison.OrdinalIgnoreCase) && isEnd;
            var breaks = _text[^1] != '\n' ? 0 : _text.Length > 1 && _text[^2] != '\n' ? 1 : 2;
            var isBreak = name.Equals("br", StringComparison.OrdinalIgnoreCase);
            for (var wanted = isParagraph ? 2 : isBreak ? breaks + 1 : 1; breaks < wanted && breaks < 2; breaks++)
                _text.Append('\n');
        }

        public override string ToString() => _text.ToString().TrimEnd('\n', ' ');
    }
}
