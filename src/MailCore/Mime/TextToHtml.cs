using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Webmail.MailCore.Mime;

/// <summary>Plain text as HTML: everything encoded, addresses made links, quoted lines in blockquotes by their depth.</summary>
public static partial class TextToHtml
{
    private const int MaxDepth = 12;

    public static string Convert(string text)
    {
        var html = new StringBuilder(text.Length + (text.Length / 4));
        var depth = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var quoted = Quote(line, out var start);
            for (; depth < quoted; depth++)
                html.Append("<blockquote>");
            for (; depth > quoted; depth--)
                html.Append("</blockquote>");
            Line(html, line[start..].ToString());
            html.Append('\n');
        }

        for (; depth > 0; depth--)
            html.Append("</blockquote>");
        return html.ToString();
    }

    /// <summary>How many '&gt;' a line begins with, spaces between them allowed, and where the rest starts.</summary>
    private static int Quote(ReadOnlySpan<char> line, out int at)
    {
        var depth = 0;
        at = 0;
        for (var i = 0; i < line.Length && depth < MaxDepth; i++)
        {
            if (line[i] == '>')
            {
                depth++;
                at = i + 1;
            }
            else if (line[i] != ' ' || i > at)
            {
                break;
            }
        }

        if (depth > 0 && at < line.Length && line[at] == ' ')
            at++;
        return depth;
    }

    private static void Line(StringBuilder html, string line)
    {
        var at = 0;
        foreach (var match in Links.EnumerateMatches(line))
        {
            var link = line.AsSpan(match.Index, match.Length).TrimEnd(".,;:!?'\"").ToString();
            // A bracket that was opened outside the link belongs outside.
            if (link.EndsWith(')') && !link.Contains('(', StringComparison.Ordinal))
                link = link[..^1];
            html.Append(WebUtility.HtmlEncode(line[at..match.Index]));
            var target = link.Contains("://", StringComparison.Ordinal) ? link : link.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? "http://" + link : "mailto:" + link;
            html.Append("<a href=\"").Append(WebUtility.HtmlEncode(target)).Append("\">").Append(WebUtility.HtmlEncode(link)).Append("</a>");
            at = match.Index + link.Length;
        }

        html.Append(WebUtility.HtmlEncode(line[at..]));
    }

    [GeneratedRegex(@"https?://[^\s<>""]{1,2000}|www\.[^\s<>""@]{3,500}|[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Links { get; }
}
