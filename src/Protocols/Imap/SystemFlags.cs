using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap;

/// <summary>The system flags that are stored, by their names without the backslash, in the order in which they are written.</summary>
internal static class SystemFlags
{
    public static readonly (string Name, FlagSet Flag)[] All =
    [
        ("Answered", FlagSet.Answered),
        ("Flagged", FlagSet.Flagged),
        ("Deleted", FlagSet.Deleted),
        ("Seen", FlagSet.Seen),
        ("Draft", FlagSet.Draft),
    ];
}
