using System.Text;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Auth.Sasl;

/// <summary>Text in SASL messages: UTF-8, and refused when it is not.</summary>
internal static class SaslText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string? Decode(ReadOnlySpan<byte> octets)
    {
        try
        {
            return Strict.GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Nobody acts for someone else: an authorisation identity is the user itself, written in whatever case.</summary>
    public static bool IsSameUser(string authzid, string name) =>
        string.Equals(authzid, name, StringComparison.Ordinal)
        || (EmailAddress.TryParse(authzid) is { } one && one.Equals(EmailAddress.TryParse(name)));
}
