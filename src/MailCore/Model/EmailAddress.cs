using System.Globalization;
using System.Net;
using System.Text;

namespace Webmail.MailCore.Model;

/// <summary>
/// A mailbox address (RFC 5321 section 4.1.2, RFC 6531): local part unquoted, domain in lower case and in Unicode (U-labels). Two addresses are
/// equal when their local parts are equal without regard to case, since every local part here is matched so.
/// </summary>
public sealed class EmailAddress : IEquatable<EmailAddress>
{
    private static readonly IdnMapping Idn = new() { AllowUnassigned = false, UseStd3AsciiRules = true };

    private EmailAddress(string local, string domain)
    {
        Local = local;
        Domain = domain;
    }

    /// <summary>The local part as written, unquoted.</summary>
    public string Local { get; }

    /// <summary>The domain in lower case, U-labels; or an address literal in brackets.</summary>
    public string Domain { get; }

    /// <summary>The domain as DNS and ASCII-only peers want it (A-labels).</summary>
    public string AsciiDomain => IsLiteral ? Domain : Idn.GetAscii(Domain);

    public bool IsLiteral => Domain.StartsWith('[');

    /// <summary>True when the address can't be written without SMTPUTF8: a non-ASCII local part (a domain always has its A-labels).</summary>
    public bool NeedsUtf8 => !Ascii.IsValid(Local);

    /// <summary>The form used to look up and compare: local part in lower case (invariant), domain as stored.</summary>
    public string Key => Local.ToLowerInvariant() + "@" + Domain;

    /// <summary>Parses an addr-spec without brackets or comments: dot-string or quoted-string, '@', domain or address literal. Null when it is none.</summary>
    public static EmailAddress? TryParse(string? text)
    {
        if (text is null || text.Length is < 3 or > 320 || !IsWellFormed(text))
            return null;
        var at = text[0] == '"' ? EndOfQuoted(text) : text.LastIndexOf('@');
        if (at <= 0 || at >= text.Length - 1 || text[at] != '@')
            return null;
        var local = text[0] == '"' ? Unquote(text.AsSpan(1, at - 2)) : text[..at];
        if (local is null || (text[0] != '"' && !IsDotString(local)) || Encoding.UTF8.GetByteCount(local) > 64)
            return null;
        return NormaliseDomain(text[(at + 1)..]) is { } domain ? new(local, domain) : null;
    }

    /// <exception cref="MailException"><see cref="MailError.Invalid"/></exception>
    public static EmailAddress Parse(string text) =>
        TryParse(text) ?? throw new MailException(MailError.Invalid, $"'{text}' is not an e-mail address");

    /// <summary>A domain name in lower case with U-labels, or null when it can't be one. A trailing dot is refused.</summary>
    public static string? NormaliseDomain(string text)
    {
        if (text.Length is 0 or > 255)
            return null;
        if (text[0] == '[')
            return IsAddressLiteral(text) ? text.ToLowerInvariant() : null;
        try
        {
            var ascii = Idn.GetAscii(text);
            return ascii.Length <= 253 && !ascii.EndsWith('.') ? Idn.GetUnicode(ascii.ToLowerInvariant()).ToLowerInvariant() : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    public bool Equals(EmailAddress? other) => other is not null && string.Equals(Key, other.Key, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as EmailAddress);

    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    /// <summary>The address as SMTP and headers write it, the local part quoted where it must be, the domain in Unicode.</summary>
    public override string ToString() => (IsDotString(Local) ? Local : Quote(Local)) + "@" + Domain;

    /// <summary>As <see cref="ToString"/>, with the domain in A-labels.</summary>
    public string ToAsciiString() => (IsDotString(Local) ? Local : Quote(Local)) + "@" + AsciiDomain;

    private static bool IsWellFormed(string text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c) || char.IsSurrogate(c) && !text.IsNormalized())
                return false;
        }

        return true;
    }

    private static bool IsDotString(string local)
    {
        if (local.Length == 0 || local[0] == '.' || local[^1] == '.' || local.Contains("..", StringComparison.Ordinal))
            return false;
        foreach (var c in local)
        {
            if (!(c > 127 || char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~.".Contains(c, StringComparison.Ordinal)))
                return false;
        }

        return true;
    }

    private static int EndOfQuoted(string text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return i + 1 < text.Length ? i + 1 : -1;
        }

        return -1;
    }

    private static string? Unquote(ReadOnlySpan<char> quoted)
    {
        var text = new StringBuilder(quoted.Length);
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == '\\' && ++i == quoted.Length)
                return null;
            text.Append(quoted[i]);
        }

        return text.Length == 0 ? null : text.ToString();
    }

    private static string Quote(string local) =>
        "\"" + local.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private static bool IsAddressLiteral(string text)
    {
        if (text.Length < 4 || text[^1] != ']')
            return false;
        var inner = text[1..^1];
        return inner.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase)
            ? IPAddress.TryParse(inner[5..], out var v6) && v6.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            : inner.Count(c => c == '.') == 3 && IPAddress.TryParse(inner, out _);
    }
}
