using System.Text;

namespace Webmail.MailCore.Mime;

/// <summary>
/// The one folding function: what is compared in SEARCH and SORT is folded by it on both sides. As i;unicode-casemap (RFC 5051): compatibility
/// decomposition and upper case; nothing is stripped, so that "é" is still not "e". NUL (which PostgreSQL's text refuses) and broken surrogates are replaced.
/// </summary>
internal static class FoldedText
{
    public static string Fold(string text)
    {
        if (Ascii.IsValid(text))
            return text.ToUpperInvariant().Replace('\0', ' ');
        return Sound(text).Normalize(NormalizationForm.FormKD).ToUpperInvariant().Replace('\0', ' ');
    }

    /// <summary>The folded text in UTF-8, cut between two characters to at most so many bytes.</summary>
    public static byte[] SortKey(string text, int maxBytes)
    {
        var bytes = Encoding.UTF8.GetBytes(Fold(text.Length > maxBytes ? text[..maxBytes] : text));
        if (bytes.Length <= maxBytes)
            return bytes;
        var end = maxBytes;
        while (end > 0 && (bytes[end] & 0xC0) == 0x80)
            end--;
        return bytes[..end];
    }

    /// <summary>Well-formed UTF-16: Normalize throws on anything else.</summary>
    public static string Sound(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else
                return Repaired(text);
        }

        return text;
    }

    private static string Repaired(string text)
    {
        var sound = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            sound.Append(rune.ToString());
        return sound.ToString();
    }
}
