using System.Globalization;
using System.Text;

namespace Webmail.MailCore.Outbound;

/// <summary>The small grammars of notices: xtext, folding, and the original's Message-ID.</summary>
internal static class DsnText
{
    /// <summary>RFC 3461 section 4: "+2B" is "+". Null for null, and for what would not be safe in a header field.</summary>
    public static string? FromXText(string? xtext)
    {
        if (string.IsNullOrEmpty(xtext))
            return null;
        var text = new StringBuilder(xtext.Length);
        for (var i = 0; i < xtext.Length; i++)
        {
            if (xtext[i] == '+' && i + 2 < xtext.Length && byte.TryParse(xtext.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var octet))
            {
                text.Append((char)octet);
                i += 2;
            }
            else
            {
                text.Append(xtext[i]);
            }
        }

        var decoded = text.ToString();
        return decoded.All(c => c is >= ' ' and < (char)127) ? decoded : null;
    }

    /// <summary>ORCPT as a field's value: "rfc822; a+b@c". RFC 6533's utf-8 type stays in its ASCII form.</summary>
    public static string? OriginalRecipient(string? orcpt)
    {
        var semicolon = orcpt?.IndexOf(';', StringComparison.Ordinal) ?? -1;
        if (orcpt is null || semicolon <= 0 || !orcpt[..semicolon].All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            return null;
        return FromXText(orcpt[(semicolon + 1)..]) is { } address ? $"{orcpt[..semicolon]}; {address}" : null;
    }

    public static string ToAscii(string text) => string.Concat(text.Select(c => c is >= ' ' and < (char)127 ? c : '?'));

    /// <summary>Lines of some 76 characters, at most 40 of them, broken at spaces (a longer word stays whole up to 900 characters).</summary>
    public static IEnumerable<string> Wrap(string text, string indent, string? first = null)
    {
        const int Width = 76;
        const int MostLines = 40;
        var line = new StringBuilder(first ?? indent);
        var isEmpty = true;
        var lines = 0;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Width)
            {
                yield return line.ToString();
                if (++lines == MostLines)
                    yield break;
                line.Clear().Append(indent);
                isEmpty = true;
            }

            if (!isEmpty)
                line.Append(' ');
            line.Append(word.Length > 900 ? word[..900] : word);
            isEmpty = false;
        }

        yield return line.ToString();
    }

    /// <summary>The original's Message-ID as "&lt;id&gt;", or null when there is none that can stand in a header.</summary>
    public static string? MessageIdOf(ReadOnlySpan<byte> header)
    {
        while (!header.IsEmpty)
        {
            var end = header.IndexOf((byte)'\n');
            var line = end < 0 ? header : header[..end];
            if (line.TrimEnd((byte)'\r').IsEmpty)
                return null;
            if (line.Length > 11 && Ascii.EqualsIgnoreCase(line[..11], "Message-ID:"u8))
            {
                var id = Encoding.Latin1.GetString(line[11..]).Trim();
                return id.Length is > 2 and <= 500 && id[0] == '<' && id[^1] == '>' && id.All(c => c is > ' ' and < (char)127) ? id : null;
            }

            header = end < 0 ? default : header[(end + 1)..];
        }

        return null;
    }
}
