using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Auth;

/// <summary>What a password may be, its prepared form, and how one is made up.</summary>
public static class Passwords
{
    public const int MinLength = 8;

    /// <summary>In UTF-8 bytes, prepared. A bound on what a client can make us hash.</summary>
    public const int MaxBytes = 1024;

    // No 0/o, 1/l/i: passwords are read from a screen and typed on a telephone.
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>Four groups of four letters and digits, 79 bits: "k7wd-pq3m-x9ht-ncve".</summary>
    public static string Generate()
    {
        var symbols = RandomNumberGenerator.GetItems<char>(Alphabet, 16);
        return string.Join('-', symbols.Chunk(4).Select(group => new string(group)));
    }

    /// <summary>Refuses a new password that can't be taken. Existing ones are only compared.</summary>
    /// <exception cref="MailException"><see cref="MailError.Invalid"/></exception>
    public static void Check(string password)
    {
        if (password.EnumerateRunes().Count() < MinLength)
            throw new MailException(MailError.Invalid, $"A password has at least {MinLength} characters");
        if (Prepare(password) is null)
            throw new MailException(MailError.Invalid, $"A password has no control characters and at most {MaxBytes} bytes");
    }

    /// <summary>
    /// The octets that are hashed: OpaqueString of RFC 8265 section 4.2.2 (other spaces become the space, then NFC; no control characters), so that a
    /// password typed on another keyboard is the same. Null: it can't be anyone's password.
    /// </summary>
    internal static byte[]? Prepare(string password)
    {
        if (password.Length is 0 or > MaxBytes)
            return null;
        var text = new StringBuilder(password.Length);
        foreach (var rune in password.EnumerateRunes())
        {
            // A lone surrogate comes out of the enumeration as U+FFFD.
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar)
                return null;
            text.Append(Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator ? new Rune(' ') : rune);
        }

        var octets = Encoding.UTF8.GetBytes(text.ToString().Normalize(NormalizationForm.FormC));
        return octets.Length <= MaxBytes ? octets : null;
    }
}
