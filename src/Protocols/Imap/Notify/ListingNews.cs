using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Notify;

/// <summary>A name that is to be told of.</summary>
/// <param name="OldName">It was renamed from this.</param>
/// <param name="IsAffected">It was created, deleted or renamed, or stands directly above one that was created or deleted.</param>
internal sealed record NameNews(string Name, string? OldName, bool IsAffected);

/// <summary>What differs between two listings, by name (RFC 5465 sections 5.4 and 5.5).</summary>
internal static class ListingNews
{
    /// <summary>
    /// Each name once and in order. What stands below a renamed mailbox goes with it and is not named. Nothing, and fast, where only counters differ.
    /// </summary>
    public static IReadOnlyList<NameNews> Of(MailboxListing before, MailboxListing now)
    {
        if (AreSame(before, now))
            return [];
        var names = All(before).Union(All(now), StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var affected = names.Where(name => CameOrWent(before, now, name)).ToHashSet(StringComparer.Ordinal);
        affected.UnionWith(affected.Where(static name => name.Contains(MailboxName.Separator)).Select(static name => name[..name.LastIndexOf(MailboxName.Separator)]).ToList());
        var news = new List<NameNews>();
        foreach (var name in names)
        {
            var oldName = OldNameOf(before, now, name);
            if (oldName is not null && GoesWithParent(before, now, oldName, name))
                continue;
            var isAffected = oldName is not null || affected.Contains(name);
            if (isAffected || before.IsSubscribed(name) != now.IsSubscribed(name))
                news.Add(new(name, oldName, isAffected));
        }

        return news;
    }

    private static bool CameOrWent(MailboxListing before, MailboxListing now, string name)
    {
        MailboxInfo? was = before.Find(name), info = now.Find(name);
        if (was?.Id == info?.Id)
            return false;

        // Renamed to, or renamed away with nothing in its place.
        return !(info is { IsSelectable: true } && before.Find(info.Id) is not null)
            && !(info is null && was is { IsSelectable: true } && now.Find(was.Id) is not null);
    }

    private static string? OldNameOf(MailboxListing before, MailboxListing now, string name) =>
        now.Find(name) is { IsSelectable: true } info && before.Find(info.Id) is { } was && was.Name != info.Name ? was.Name.Value : null;

    private static bool GoesWithParent(MailboxListing before, MailboxListing now, string oldName, string name)
    {
        int oldAt = oldName.LastIndexOf(MailboxName.Separator), at = name.LastIndexOf(MailboxName.Separator);
        return oldAt > 0 && at > 0 && oldName.AsSpan(oldAt).SequenceEqual(name.AsSpan(at)) && OldNameOf(before, now, name[..at]) == oldName[..oldAt];
    }

    private static IEnumerable<string> All(MailboxListing listing) =>
        listing.Names.Select(static info => info.Name.Value).Concat(listing.OnlySubscribed.Select(static name => name.Value));

    private static bool AreSame(MailboxListing before, MailboxListing now)
    {
        if (before.Names.Count != now.Names.Count || !before.OnlySubscribed.SequenceEqual(now.OnlySubscribed))
            return false;
        for (var i = 0; i < now.Names.Count; i++)
        {
            MailboxInfo was = before.Names[i], info = now.Names[i];
            if (was.Id != info.Id || was.Name != info.Name || was.IsSubscribed != info.IsSubscribed)
                return false;
        }

        return true;
    }
}
