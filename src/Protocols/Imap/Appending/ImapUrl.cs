using System.Globalization;
using System.Text;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.Protocols.Imap.Fetch;

namespace Webmail.Protocols.Imap.Appending;

/// <summary>A URL of a message of this server, or of a section of one (RFC 5092), as CATENATE takes it.</summary>
/// <param name="Mailbox">Null: the selected one.</param>
/// <param name="UidValidity">Null: not said.</param>
/// <param name="Partial">First octet and how many; null: all.</param>
internal sealed record ImapUrl(MailboxName? Mailbox, uint? UidValidity, Uid Uid, Section Section, (long First, long Count)? Partial)
{
    private const string UidMark = ";UID=";
    private const string ValidityMark = ";UIDVALIDITY=";

    /// <summary>Null: it isn't such a URL, or one of another server or user.</summary>
    /// <param name="host">This server's name.</param>
    /// <param name="user">Whoever is logged in.</param>
    public static ImapUrl? Parse(string url, string host, string user)
    {
        var path = url;
        var authority = url.StartsWith("imap://", StringComparison.OrdinalIgnoreCase) ? 7 : url.StartsWith("//", StringComparison.Ordinal) ? 2 : 0;
        if (authority > 0)
        {
            var end = url.IndexOf('/', authority);
            if (end < 0 || !IsOurs(url[authority..end], host, user))
                return null;
            path = url[end..];
        }

        if (path.StartsWith('/'))
            path = path[1..];
        var at = path.StartsWith(UidMark, StringComparison.OrdinalIgnoreCase) ? 0 : path.IndexOf("/" + UidMark, StringComparison.OrdinalIgnoreCase) + 1;
        if ((at == 0 && authority > 0) || !path.AsSpan(at).StartsWith(UidMark, StringComparison.OrdinalIgnoreCase))
            return null;
        uint? validity = null;
        MailboxName? name = null;
        if (at > 0 && !TryMailbox(path[..(at - 1)], out name, out validity))
            return null;
        return Message(path[(at + UidMark.Length)..], name, validity);
    }

    /// <summary>[user[;AUTH=…]@]host[:port]</summary>
    private static bool IsOurs(string server, string host, string user)
    {
        var userEnd = server.LastIndexOf('@');
        if (userEnd >= 0)
        {
            var name = server[..userEnd];
            var auth = name.IndexOf(";AUTH=", StringComparison.OrdinalIgnoreCase);
            if (!Uri.UnescapeDataString(auth < 0 ? name : name[..auth]).Equals(user, StringComparison.OrdinalIgnoreCase))
                return false;
        }

        var named = server[(userEnd + 1)..];
        var port = named.LastIndexOf(':');
        return (port < 0 ? named : named[..port]).Equals(host, StringComparison.OrdinalIgnoreCase);
    }

    private static bool TryMailbox(string text, out MailboxName? name, out uint? validity)
    {
        validity = null;
        var mark = text.LastIndexOf(ValidityMark, StringComparison.OrdinalIgnoreCase);
        if (mark >= 0)
        {
            validity = uint.TryParse(text.AsSpan(mark + ValidityMark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
            text = text[..mark];
        }

        name = MailboxName.TryParse(Uri.UnescapeDataString(text));
        return name is not null;
    }

    /// <summary>UID[/;SECTION=…][/;PARTIAL=first[.count]]</summary>
    private static ImapUrl? Message(string text, MailboxName? name, uint? validity)
    {
        var parts = text.Split("/;");
        if (!uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var uid) || uid == 0)
            return null;
        var section = Section.Whole;
        (long First, long Count)? partial = null;
        foreach (var part in parts[1..])
        {
            if (section == Section.Whole && partial is null && part.StartsWith("SECTION=", StringComparison.OrdinalIgnoreCase) && SectionOf(part[8..]) is { } found)
                section = found;
            else if (partial is null && part.StartsWith("PARTIAL=", StringComparison.OrdinalIgnoreCase) && PartialOf(part[8..]) is { } range)
                partial = range;
            else
                return null;
        }

        return new(name, validity, new(uid), section, partial);
    }

    private static Section? SectionOf(string text)
    {
        try
        {
            var r = new ImapReader(Encoding.UTF8.GetBytes($"[{Uri.UnescapeDataString(text)}]"));
            var section = SectionSpec.Parse(ref r, new());
            r.End();
            return section;
        }
        catch (SyntaxException)
        {
            return null;
        }
    }

    private static (long First, long Count)? PartialOf(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        long count = long.MaxValue;
        return long.TryParse(dot < 0 ? text : text[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && (dot < 0 || long.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out count))
            ? (first, count)
            : null;
    }
}
