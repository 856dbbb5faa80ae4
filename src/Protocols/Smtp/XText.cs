using System.Text;

namespace Webmail.Protocols.Smtp;

/// <summary>xtext (RFC 3461 section 4): printable ASCII with "+" and two hexadecimal digits for anything else.</summary>
internal static class XText
{
    /// <summary>The text behind it; null: malformed, or not UTF-8.</summary>
    public static string? Decode(string text)
    {
        var octets = new byte[text.Length * 3];
        var n = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is <= ' ' or (char)127 or '=')
                return null;
            if (c != '+')
            {
                n += Encoding.UTF8.GetBytes([c], octets.AsSpan(n));
                continue;
            }

            if (i + 2 >= text.Length || !IsHex(text[i + 1]) || !IsHex(text[i + 2]))
                return null;
            octets[n++] = Convert.ToByte(text.Substring(i + 1, 2), 16);
            i += 2;
        }

        var decoded = Encoding.UTF8.GetString(octets, 0, n);
        return decoded.Contains('\uFFFD', StringComparison.Ordinal) ? null : decoded;
    }

    public static bool IsValid(string text) => Decode(text) is not null;

    // RFC 3461: upper case only; lower case is read all the same.
    private static bool IsHex(char c) => char.IsAsciiHexDigit(c);
}
