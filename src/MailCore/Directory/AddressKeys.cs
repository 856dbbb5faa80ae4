using Webmail.MailCore.Model;

namespace Webmail.MailCore.Directory;

/// <summary>Under which keys an address may stand in the directory, and in which order they are tried.</summary>
internal static class AddressKeys
{
    // user+a+b+c…: more levels than this are not looked at.
    private const int MaxTags = 8;

    /// <summary>Postmaster (RFC 5321 section 4.5.1) and abuse (RFC 2142 section 4) exist wherever there is mail.</summary>
    public static bool IsRole(EmailAddress address) =>
        address.Local.Equals("postmaster", StringComparison.OrdinalIgnoreCase) || address.Local.Equals("abuse", StringComparison.OrdinalIgnoreCase);

    /// <summary>The address as it stands, then without its last tag, and so on (RFC 5233): what was made on purpose goes before sub-addressing.</summary>
    public static List<string> Of(EmailAddress address)
    {
        var keys = new List<string>(2) { address.Key };
        var local = address.Local.ToLowerInvariant();
        for (var plus = local.LastIndexOf('+'); plus > 0 && keys.Count <= MaxTags; plus = local.LastIndexOf('+', plus - 1))
            keys.Add($"{local[..plus]}@{address.Domain}");
        return keys;
    }

    public static string CatchAll(string domain) => "@" + domain;

    /// <summary>The address that a row stands for; null for a catch-all.</summary>
    public static EmailAddress? AddressOf(AddressRow row) => row.Local.Length == 0 ? null : EmailAddress.TryParse($"{row.Local}@{row.Domain}");
}
