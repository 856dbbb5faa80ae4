using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Metadata;

/// <summary>Names of annotations (RFC 5464 section 3.1), in any case and kept in lower case.</summary>
internal static class Entries
{
    /// <summary>Names of one command; more are refused.</summary>
    private const int MaxNames = 100;

    private const int MaxLength = 255;

    /// <summary>The use of a mailbox (RFC 6154 section 4): worked out, not stored here.</summary>
    public const string SpecialUse = "/private/specialuse";

    /// <summary>Whom to ask (RFC 5464 section 6.2.2): worked out, and nobody can set it.</summary>
    public const string Admin = "/shared/admin";

    /// <param name="isWhole">False: one to look below, which may be "/shared" alone.</param>
    public static string Parse(ref ImapReader r, bool isWhole)
    {
        var name = r.AString();
        if (name.Length > MaxLength || name.AsSpan().ContainsAnyExceptInRange('!', '~') || name.AsSpan().ContainsAny('*', '%')
            || name.Contains("//", StringComparison.Ordinal) || name.EndsWith('/'))
            throw new SyntaxException("That can't be the name of an annotation");
        name = name.ToLowerInvariant();
        var isTop = name is "/private" or "/shared";
        if (!(isTop && !isWhole) && !name.StartsWith("/private/", StringComparison.Ordinal) && !name.StartsWith("/shared/", StringComparison.Ordinal))
            throw new SyntaxException("An annotation is below /private or /shared");
        return name;
    }

    /// <summary>One name, or several in parentheses.</summary>
    public static IReadOnlyList<string> List(ref ImapReader r)
    {
        if (!r.NextIs('('))
            return [Parse(ref r, isWhole: false)];
        var names = new List<string>();
        r.Open();
        do
        {
            var name = Parse(ref r, isWhole: false);
            if (!names.Contains(name, StringComparer.Ordinal))
                names.Add(name);
            if (names.Count > MaxNames)
                throw new SyntaxException("There are too many names");
        }
        while (r.Take(' '));
        r.Close();
        return names;
    }

    /// <summary>What stands within so many levels of a name: the name itself too.</summary>
    public static bool IsWithin(string entry, string name, int depth) => entry == name
        || (entry.StartsWith(name + "/", StringComparison.Ordinal) && entry[name.Length..].Count(static c => c == '/') <= depth);

    /// <summary>RFC 5464 section 3.3: with a look at the mailbox comes one at its annotations, where any right to its messages does.</summary>
    public static bool MayRead(MailboxInfo info) => info.Rights.Has(MailboxRights.Lookup)
        && (info.Rights & (MailboxRights.Read | MailboxRights.KeepSeen | MailboxRights.Write | MailboxRights.Insert | MailboxRights.Post)) != MailboxRights.None;
}
