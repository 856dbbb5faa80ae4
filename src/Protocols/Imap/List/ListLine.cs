using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.List;

/// <summary>LIST responses that no LIST asked for: in the answer of SELECT, as news (RFC 5465 section 5.4), and where a name is written otherwise than the client wrote it (RFC 9051 section 6.3.9.7).</summary>
internal static class ListLine
{
    /// <param name="oldName">What OLDNAME says; null: no OLDNAME.</param>
    public static void Write(ImapWriter writer, MailboxInfo info, string? oldName)
    {
        var use = SpecialUses.Attribute(info.SpecialUse);
        writer.Raw(info.HasChildren ? "* LIST (\\HasChildren"u8 : "* LIST (\\HasNoChildren"u8);
        if (!info.IsSelectable)
            writer.Raw(" \\Noselect"u8);
        if (info.IsSubscribed)
            writer.Raw(" \\Subscribed"u8);
        if (use is not null)
        {
            writer.Raw(" "u8);
            writer.Constant(use);
        }

        WriteNames(writer, info.Name, oldName);
    }

    /// <summary>A name that is no more.</summary>
    /// <param name="oldName">What OLDNAME says; null: no OLDNAME.</param>
    public static void WriteNonExistent(ImapWriter writer, MailboxName name, string? oldName, bool isSubscribed = false)
    {
        writer.Raw(isSubscribed ? "* LIST (\\NonExistent \\Subscribed"u8 : "* LIST (\\NonExistent"u8);
        WriteNames(writer, name, oldName);
    }

    /// <summary>How the command that runs now wrote this name, where that is not how it is written here.</summary>
    public static string? OldName(ImapSession session, MailboxName name)
    {
        foreach (var canonical in session.CanonicalNames)
        {
            if (session.IsRev2 && canonical.Name == name)
                return canonical.Given;
        }

        return null;
    }

    /// <summary>Says how a mailbox is written here, where the client wrote it otherwise.</summary>
    public static void WriteCanonical(ImapSession session, MailboxInfo info)
    {
        if (OldName(session, info.Name) is { } given)
            Write(session.Out, info, given);
    }

    /// <summary>The same of a name that the command took away.</summary>
    public static void WriteGone(ImapSession session, MailboxName name)
    {
        if (OldName(session, name) is { } given)
            WriteNonExistent(session.Out, name, given);
    }

    private static void WriteNames(ImapWriter writer, MailboxName name, string? oldName)
    {
        writer.Write($") \"/\" {name}");
        if (oldName is not null)
        {
            writer.Raw(" (\"OLDNAME\" ("u8);
            writer.MailboxString(oldName);
            writer.Raw("))"u8);
        }

        writer.Raw("\r\n"u8);
    }
}
