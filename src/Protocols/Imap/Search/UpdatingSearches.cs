using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.Fetch;

namespace Webmail.Protocols.Imap.Search;

/// <summary>The results that a client follows in its selected mailbox.</summary>
internal sealed class UpdatingSearches
{
    private const int Max = 10;

    private readonly List<UpdatingSearch> _all = [];

    /// <summary>RFC 5267 section 4.3: a tag can't stand for two.</summary>
    public bool Has(string tag) => _all.Exists(search => search.Tag == tag);

    /// <summary>False: there are too many (RFC 5267 section 4.3.1).</summary>
    public bool TryAdd(UpdatingSearch search)
    {
        if (_all.Count == Max)
            return false;
        _all.Add(search);
        return true;
    }

    public bool Cancel(string tag) => _all.RemoveAll(search => search.Tag == tag) > 0;

    public async ValueTask FindAsync(IMessageStore messages, MailboxSnapshot newest, MailboxDelta delta, CancellationToken ct)
    {
        foreach (var search in _all)
            await search.FindAsync(messages, newest, delta, ct);
    }

    public void WriteLeaving(ImapWriter writer, MailboxView view) => _all.ForEach(search => search.WriteLeaving(writer, view));

    public async ValueTask WriteComingAsync(ImapWriter writer, MailboxView view, IMessageStore messages, CancellationToken ct)
    {
        foreach (var search in _all)
            await search.WriteComingAsync(writer, view, messages, ct);
    }

    /// <summary>What is to be fetched of messages that arrived: what NOTIFY asked for and what the results ask for that they come to, in one answer each.</summary>
    /// <param name="items">Of NOTIFY.</param>
    /// <param name="own">Came by this session's own doing: NOTIFY asks for none of these.</param>
    public IEnumerable<(UidSet Uids, IReadOnlyList<FetchItem> Items)> Fetches(UidSet arrived, UidSet own, IReadOnlyList<FetchItem> items)
    {
        var asking = _all.Where(static search => search.Items.Count > 0).ToList();
        if (asking.Count == 0)
        {
            if (items.Count > 0)
                yield return (arrived.Except(own), items);
            yield break;
        }

        foreach (var same in arrived.GroupBy(uid => (own.Contains(uid), Which(asking, uid))))
        {
            var (isOwn, which) = same.Key;
            var all = isOwn ? [] : items.ToList();
            all.AddRange(asking.Where((_, i) => (which & (1 << i)) != 0).SelectMany(static search => search.Items));
            if (all.Count > 0)
                yield return (UidSet.From(same), [.. all.Distinct()]);
        }
    }

    private static int Which(List<UpdatingSearch> asking, Uid uid)
    {
        var which = 0;
        for (var i = 0; i < asking.Count; i++)
            which |= asking[i].IsComing(uid) ? 1 << i : 0;
        return which;
    }
}
