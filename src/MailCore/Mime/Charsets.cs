using System.Runtime.CompilerServices;
using System.Text;
using MimeKit.Utils;

namespace Webmail.MailCore.Mime;

/// <summary>Octets to text, whatever the label says: an unknown or wrong charset never fails.</summary>
internal static class Charsets
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    // Labels that .NET doesn't know, and ones whose superset reads what senders really put there (RFC 9051 leaves charsets to the server).
    private static readonly (int CodePage, string[] Labels)[] Aliases =
    [
        (65001, ["utf8", "utf-8", "unicode-1-1-utf-8"]),
        (54936, ["gb2312", "gbk", "gb18030", "x-gbk", "cp936", "euc-cn", "gb_2312-80"]),
        (950, ["big5", "big5-hkscs", "cp950"]),
        (932, ["shift_jis", "shift-jis", "cp932", "ms932", "windows-31j", "x-sjis"]),
        (949, ["euc-kr", "ks_c_5601-1987", "ksc5601", "cp949"]),
        (1252, ["iso-8859-1", "latin1", "cp1252"]),
        (1251, ["cp1251"]),
        (874, ["tis-620"]),
    ];

    private static readonly Dictionary<string, int> CodePages = Aliases
        .SelectMany(alias => alias.Labels, (alias, label) => (label, alias.CodePage))
        .ToDictionary(pair => pair.label, pair => pair.CodePage, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Before anything else of this assembly runs: a MIME library that was asked for "gb2312" before the code pages were there remembers for good
    /// that there is no such charset.
    /// </summary>
    [ModuleInitializer]
    internal static void RegisterCodePages() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>Null: no such charset here (or one that lies about nothing, as us-ascii): the octets themselves tell.</summary>
    public static Encoding? Find(string? charset)
    {
        var name = charset?.Trim().Trim('"', '\'');
        if (string.IsNullOrEmpty(name) || name.Length > 60 || name.Equals("us-ascii", StringComparison.OrdinalIgnoreCase))
            return null;
        try
        {
            return CodePages.TryGetValue(name, out var page) ? Encoding.GetEncoding(page) : Encoding.GetEncoding(name);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Decodes with the named charset; without one, as UTF-8 when it is valid UTF-8 and else as Windows-1252.</summary>
    /// <param name="isCut">The octets may end in the middle of a character.</param>
    public static string Decode(ReadOnlySpan<byte> octets, string? charset, bool isCut = false)
    {
        var encoding = Find(charset);
        if (encoding is null || encoding.CodePage == 65001)
            encoding = IsUtf8(octets, isCut) || encoding is not null && !LooksLikeLatin(octets) ? Encoding.UTF8 : Encoding.GetEncoding(1252);
        return encoding.GetString(octets);
    }

    /// <summary>A header value (Latin-1: one character an octet) as people read it: encoded words decoded, bare 8-bit octets as UTF-8 or Windows-1252.</summary>
    public static string DecodeHeader(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return "";
        if (!value.Contains("=?", StringComparison.Ordinal) && Ascii.IsValid(value))
            return value;
        var octets = Encoding.Latin1.GetBytes(value);
        if (!Ascii.IsValid(value) && !value.Contains("=?", StringComparison.Ordinal))
            return Decode(octets, null);
        return FoldedText.Sound(Rfc2047.DecodeText(octets));
    }

    private static bool IsUtf8(ReadOnlySpan<byte> octets, bool isCut)
    {
        try
        {
            StrictUtf8.GetDecoder().GetCharCount(octets, flush: !isCut);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    /// <summary>Labelled UTF-8 and mostly not: a few wrong octets don't make it Latin.</summary>
    private static bool LooksLikeLatin(ReadOnlySpan<byte> octets)
    {
        var text = Encoding.UTF8.GetString(octets);
        var bad = text.AsSpan().Count('\uFFFD');
        var other = 0;
        foreach (var c in text)
            other += c > 0x7f && c != '\uFFFD' ? 1 : 0;
        return bad > other;
    }
}
