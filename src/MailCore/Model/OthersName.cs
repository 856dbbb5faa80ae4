namespace Webmail.MailCore.Model;

/// <summary>
/// A mailbox of another account as it is named from outside (RFC 2342, the other users' namespace): "Other Users/ann@example.org/Projects". An address has one
/// '@' and its domain no '/', so that where it ends is never in doubt.
/// </summary>
/// <param name="Name">As its owner calls it.</param>
public readonly record struct OthersName(EmailAddress Owner, MailboxName Name)
{
    /// <summary>What all such names begin with.</summary>
    public const string Prefix = "Other Users/";

    /// <summary>Whether the name stands in others' namespace, be it one of a mailbox or of a level above: nobody can have such a mailbox of their own.</summary>
    public static bool IsInside(MailboxName name) =>
        name.Value.StartsWith(Prefix, StringComparison.Ordinal) || name.Value.Length == Prefix.Length - 1 && Prefix.StartsWith(name.Value, StringComparison.Ordinal);

    /// <summary>Null: it is no name of a mailbox of another.</summary>
    public static OthersName? TryParse(MailboxName name)
    {
        if (!name.Value.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        var rest = name.Value[Prefix.Length..];
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        var slash = at < 0 ? -1 : rest.IndexOf(MailboxName.Separator, at);
        return slash > 0 && EmailAddress.TryParse(rest[..slash]) is { } owner && MailboxName.TryParse(rest[(slash + 1)..]) is { } own
            ? new(owner, own)
            : null;
    }

    /// <summary>The whole name. Null: it is too long or too deep for one.</summary>
    public MailboxName? ToName() => MailboxName.TryParse(Prefix + Owner + MailboxName.Separator + Name);
}
