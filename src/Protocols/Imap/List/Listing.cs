using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.List;

/// <summary>A name that LIST or LSUB may show.</summary>
/// <param name="Info">Null: there is no such name, only a subscription to it or to one below it.</param>
/// <param name="HasSubscribedBelow">A name below it is subscribed.</param>
internal sealed record ListedName(string Name, MailboxInfo? Info, bool IsSubscribed, bool HasSubscribedBelow)
{
    /// <summary>No mailbox that this client may list, but others' mailboxes that it may list stand below it.</summary>
    public bool IsLevel { get; init; }
}

/// <summary>
/// All names that an account sees, in order: mailboxes, what is left of deleted ones, the levels above others' mailboxes, subscriptions to names that don't exist, and the
/// levels above those.
/// </summary>
internal static class Listing
{
    public static async ValueTask<IReadOnlyList<ListedName>> ReadAsync(AccountMail mail, bool withSubscriptions, CancellationToken ct)
    {
        var mailboxes = await mail.Mailboxes.ListNamesAsync(ct);
        var levels = Above(mailboxes.Where(static info => info.Owner is not null).Select(static info => info.Name.Value));
        if (!withSubscriptions && levels.Count == 0)
            return [.. mailboxes.Select(static info => new ListedName(info.Name.Value, info, info.IsSubscribed, false))];

        var subscribed = new HashSet<string>(StringComparer.Ordinal);
        if (withSubscriptions)
            subscribed.UnionWith((await mail.Mailboxes.ListSubscriptionsAsync(ct)).Select(static subscription => subscription.Name.Value));
        else
            subscribed.UnionWith(mailboxes.Where(static info => info.IsSubscribed).Select(static info => info.Name.Value));
        var infos = mailboxes.ToDictionary(static info => info.Name.Value, StringComparer.Ordinal);
        var names = new SortedSet<string>(infos.Keys, StringComparer.Ordinal);
        var aboveSubscribed = Above(subscribed);
        names.UnionWith(levels);
        names.UnionWith(subscribed);
        if (withSubscriptions)
            names.UnionWith(aboveSubscribed);
        return
        [
            .. names.Order(InboxFirst.Instance).Select(name => new ListedName(
                name, infos.GetValueOrDefault(name), subscribed.Contains(name), aboveSubscribed.Contains(name))
            {
                IsLevel = levels.Contains(name) && !infos.ContainsKey(name),
            }),
        ];
    }

    /// <summary>The names of the levels above some names.</summary>
    public static HashSet<string> Above(IEnumerable<string> names)
    {
        var above = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            for (var at = name.LastIndexOf(MailboxName.Separator); at > 0; at = name.LastIndexOf(MailboxName.Separator, at - 1))
                above.Add(name[..at]);
        }

        return above;
    }

    private sealed class InboxFirst : IComparer<string>
    {
        public static readonly InboxFirst Instance = new();

        public int Compare(string? x, string? y)
        {
            bool first = x == "INBOX", second = y == "INBOX";
            return first || second ? second.CompareTo(first) : string.CompareOrdinal(x, y);
        }
    }
}
