using System.Text;

namespace Webmail.MailCore.Mime;

/// <summary>The first words of a message as its list entry shows them (RFC 8970): one line, quoted text passed over where there is other text.</summary>
internal static class Preview
{
    public const int MaxCharacters = 200;

    public static string OfText(string text)
    {
        var own = OneLine(text, skipQuoted: true);
        return own.Length > 0 ? own : OneLine(text, skipQuoted: false);
    }

    public static string OfHtml(string html) => OneLine(HtmlToText.Convert(html, 4 * MaxCharacters), skipQuoted: false);

    private static string OneLine(string text, bool skipQuoted)
    {
        var line = new StringBuilder();
        var count = 0;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            var words = raw.Trim();
            if (words.IsEmpty || skipQuoted && words[0] == '>')
                continue;
            if (line.Length > 0 && ++count < MaxCharacters)
                line.Append(' ');
            if (!Append(line, words, ref count))
                break;
        }

        return line.ToString().TrimEnd(' ');
    }

    private static bool Append(StringBuilder line, ReadOnlySpan<char> words, ref int count)
    {
        var gap = false;
        Span<char> utf16 = stackalloc char[2];
        foreach (var rune in words.EnumerateRunes())
        {
            if (count >= MaxCharacters)
                return false;
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                gap = true;
                continue;
            }

            if (gap && line.Length > 0)
            {
                line.Append(' ');
                if (++count >= MaxCharacters)
                    return false;
            }

            gap = false;
            line.Append(utf16[..rune.EncodeToUtf16(utf16)]);
            count++;
        }

        return true;
    }
}
