using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap.List;

/// <summary>RFC 6154's attributes of the uses that a mailbox can have here.</summary>
internal static class SpecialUses
{
    private static readonly (SpecialUse Use, string Name)[] All =
    [
        (SpecialUse.Drafts, "Drafts"),
        (SpecialUse.Sent, "Sent"),
        (SpecialUse.Junk, "Junk"),
        (SpecialUse.Trash, "Trash"),
        (SpecialUse.Archive, "Archive"),
    ];

    /// <summary>By its name without the backslash, in any case.</summary>
    public static SpecialUse? Find(string name)
    {
        foreach (var (use, known) in All)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
                return use;
        }

        return null;
    }

    /// <summary>The attribute with its backslash; null: none.</summary>
    public static string? Attribute(SpecialUse use)
    {
        foreach (var (known, name) in All)
        {
            if (known == use)
                return "\\" + name;
        }

        return null;
    }
}
