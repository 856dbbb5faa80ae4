using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Webmail.MailCore.Mime;

/// <summary>Writes IMAP's strings and numbers (RFC 9051 section 4) into memory, for the forms that are made once and sent many times.</summary>
internal static class ImapStrings
{
    /// <summary>Longer strings go as literals: some clients bound the lines that they read.</summary>
    private const int MaxQuoted = 1_000;

    public static void Raw(this ArrayBufferWriter<byte> to, ReadOnlySpan<byte> ascii) => to.Write(ascii);

    public static void Space(this ArrayBufferWriter<byte> to) => to.Write(" "u8);

    public static void Number(this ArrayBufferWriter<byte> to, long value)
    {
        Utf8Formatter.TryFormat(value, to.GetSpan(20), out var n);
        to.Advance(n);
    }

    /// <summary>nstring of a Latin-1 text: quoted where it can be, else (octets above 127, line ends) a literal.</summary>
    public static void NString(this ArrayBufferWriter<byte> to, string? text)
    {
        if (text is null)
            to.Write("NIL"u8);
        else if (text.Length <= MaxQuoted && !text.AsSpan().ContainsAnyExceptInRange('\x01', '\x7f') && !text.AsSpan().ContainsAny('\r', '\n'))
            Quoted(to, text);
        else
            Literal(to, text);
    }

    private static void Quoted(ArrayBufferWriter<byte> to, string text)
    {
        var span = to.GetSpan(2 * text.Length + 2);
        var n = 0;
        span[n++] = (byte)'"';
        foreach (var c in text)
        {
            if (c is '"' or '\\')
                span[n++] = (byte)'\\';
            span[n++] = (byte)c;
        }

        span[n++] = (byte)'"';
        to.Advance(n);
    }

    private static void Literal(ArrayBufferWriter<byte> to, string text)
    {
        to.Write("{"u8);
        to.Number(text.Length);
        to.Write("}\r\n"u8);
        Encoding.Latin1.GetBytes(text, to);
    }
}
