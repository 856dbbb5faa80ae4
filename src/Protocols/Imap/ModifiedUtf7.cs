using System.Text;

namespace Webmail.Protocols.Imap;

/// <summary>
/// IMAP4rev1's form of mailbox names (RFC 3501 section 5.1.3): printable ASCII stands for itself, "&amp;-" for an ampersand, and everything else is
/// UTF-16 in a base64 of its own between "&amp;" and "-".
/// </summary>
internal static class ModifiedUtf7
{
    private const string Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

    public static string Encode(string name)
    {
        if (!NeedsEncoding(name))
            return name;
        var text = new StringBuilder(name.Length * 2);
        for (var i = 0; i < name.Length;)
        {
            if (IsDirect(name[i]))
            {
                text.Append(name[i] == '&' ? "&-" : name[i].ToString());
                i++;
                continue;
            }

            var end = i;
            while (end < name.Length && !IsDirect(name[end]))
                end++;
            EncodeRun(name.AsSpan(i, end - i), text);
            i = end;
        }

        return text.ToString();
    }

    /// <summary>
    /// Null for what is not modified UTF-7: bad base64, half a character, an unpaired surrogate. Plain UTF-8, which many clients send by
    /// mistake, is taken as it is.
    /// </summary>
    public static string? Decode(ReadOnlySpan<byte> octets)
    {
        if (octets.ContainsAnyInRange((byte)0x80, (byte)0xFF))
            return System.Text.Unicode.Utf8.IsValid(octets) ? Encoding.UTF8.GetString(octets) : null;
        if (!octets.Contains((byte)'&'))
            return Encoding.ASCII.GetString(octets);
        var text = new StringBuilder(octets.Length);
        for (var i = 0; i < octets.Length; i++)
        {
            if (octets[i] != '&')
            {
                text.Append((char)octets[i]);
                continue;
            }

            var length = octets[(i + 1)..].IndexOf((byte)'-');
            if (length < 0)
                return null;
            if (length == 0)
                text.Append('&');
            else if (!DecodeRun(octets.Slice(i + 1, length), text))
                return null;
            i += length + 1;
        }

        return text.ToString();
    }

    private static bool NeedsEncoding(string name)
    {
        foreach (var c in name)
        {
            if (c == '&' || !IsDirect(c))
                return true;
        }

        return false;
    }

    private static bool IsDirect(char c) => c is >= ' ' and <= '~';

    private static void EncodeRun(ReadOnlySpan<char> run, StringBuilder text)
    {
        text.Append('&');
        int bits = 0, held = 0;
        foreach (var c in run)
        {
            bits = (bits << 16) | c;
            held += 16;
            while (held >= 6)
            {
                held -= 6;
                text.Append(Digits[(bits >> held) & 63]);
            }

            bits &= (1 << held) - 1;
        }

        if (held > 0)
            text.Append(Digits[(bits << (6 - held)) & 63]);
        text.Append('-');
    }

    private static bool DecodeRun(ReadOnlySpan<byte> run, StringBuilder text)
    {
        int bits = 0, held = 0;
        var high = false;
        foreach (var octet in run)
        {
            var digit = Digits.IndexOf((char)octet, StringComparison.Ordinal);
            if (digit < 0)
                return false;
            bits = (bits << 6) | digit;
            held += 6;
            if (held < 16)
                continue;
            held -= 16;
            var c = (char)(bits >> held);
            bits &= (1 << held) - 1;
            if (char.IsLowSurrogate(c) != high)
                return false;
            high = char.IsHighSurrogate(c);
            text.Append(c);
        }

        // What is left over pads the last digit: less than one digit, and zero.
        return !high && held < 6 && bits == 0;
    }
}
