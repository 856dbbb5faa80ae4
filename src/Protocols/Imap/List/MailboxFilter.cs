using System.Text;
using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap.List;

internal enum FilterKind
{
    Selected,
    SelectedDelayed,
    Inboxes,
    Personal,
    Subscribed,
    Subtree,
    SubtreeOne,
    Mailboxes,
}

/// <summary>Which mailboxes are meant (RFC 5465 section 6, RFC 7377 section 2.2). Names that don't exist are no error: they match once they do.</summary>
/// <param name="Names">Of subtrees and mailboxes; empty otherwise.</param>
internal sealed record MailboxFilter(FilterKind Kind, IReadOnlyList<string> Names)
{
    /// <summary>Names of one filter; more are refused.</summary>
    public const int MaxNames = 1_000;

    public bool IsSelected => Kind is FilterKind.Selected or FilterKind.SelectedDelayed;

    public static MailboxFilter Parse(ref ImapReader r)
    {
        var kind = Encoding.ASCII.GetString(r.Name()).ToUpperInvariant() switch
        {
            "SELECTED" => FilterKind.Selected,
            "SELECTED-DELAYED" => FilterKind.SelectedDelayed,
            "INBOXES" => FilterKind.Inboxes,
            "PERSONAL" => FilterKind.Personal,
            "SUBSCRIBED" => FilterKind.Subscribed,
            "SUBTREE" => FilterKind.Subtree,
            "SUBTREE-ONE" => FilterKind.SubtreeOne,
            "MAILBOXES" => FilterKind.Mailboxes,
            _ => throw new SyntaxException("There is no such mailbox specifier"),
        };
        return new(kind, kind is FilterKind.Subtree or FilterKind.SubtreeOne or FilterKind.Mailboxes ? NamesOf(ref r) : []);
    }

    /// <summary>Whether it means this name; the selected mailbox is not its business.</summary>
    public bool Matches(string name, bool isSubscribed) => Kind switch
    {
        // Mail may be delivered anywhere by rules of the user's own, so that inboxes are all personal ones (RFC 5465 section 6.3).
        FilterKind.Inboxes or FilterKind.Personal => !name.StartsWith(OthersName.Prefix, StringComparison.Ordinal),
        FilterKind.Subscribed => isSubscribed,
        FilterKind.Mailboxes => Names.Contains(name, StringComparer.Ordinal),
        FilterKind.Subtree => Names.Any(top => name == top || IsBelow(name, top)),
        FilterKind.SubtreeOne => Names.Any(top => name == top || (IsBelow(name, top) && name.IndexOf(MailboxName.Separator, top.Length + 1) < 0)),
        _ => false,
    };

    private static bool IsBelow(string name, string top) =>
        name.Length > top.Length && name[top.Length] == MailboxName.Separator && name.StartsWith(top, StringComparison.Ordinal);

    private static List<string> NamesOf(ref ImapReader r)
    {
        var names = new List<string>(1);
        r.Space();
        if (!r.NextIs('('))
        {
            names.Add(NameOf(ref r));
            return names;
        }

        r.Open();
        do
        {
            names.Add(NameOf(ref r));
            if (names.Count > MaxNames)
                throw new MailException(MailError.LimitReached, "These are too many names");
        }
        while (r.Take(' '));
        r.Close();
        return names;
    }

    private static string NameOf(ref ImapReader r)
    {
        var text = r.MailboxPrefix();
        return MailboxName.TryParse(text)?.Value ?? text;
    }
}
