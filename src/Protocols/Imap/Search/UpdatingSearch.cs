using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Search;
using Webmail.Protocols.Imap.Fetch;

namespace Webmail.Protocols.Imap.Search;

/// <summary>
/// A search or sort whose result the client follows (RFC 5267 section 4.3). Only messages that came or changed are looked at again. What belongs to the result
/// is kept here, for what is expunged can't be asked any more.
/// </summary>
/// <param name="Tag">Of the command that asked.</param>
/// <param name="Terms">Null: a search, in the mailbox's order.</param>
/// <param name="Items">What is fetched of new messages that come to the result (RFC 5465 section 7).</param>
internal sealed record UpdatingSearch(string Tag, bool IsUid, SearchQuery Query, IReadOnlyList<SortTerm>? Terms, IReadOnlyList<FetchItem> Items)
{
    private UidSet _members = UidSet.Empty;
    private IReadOnlyList<Uid> _order = [];
    private UidSet _leaving = UidSet.Empty;
    private UidSet _coming = UidSet.Empty;

    /// <summary>What the client has been told.</summary>
    public void Begin(SearchFound found, IReadOnlyList<Uid> order)
    {
        _members = found.Uids;
        _order = Terms is null ? [] : order;
    }

    /// <summary>Works out what comes and goes with a newer snapshot; nothing is told yet.</summary>
    public async ValueTask FindAsync(IMessageStore messages, MailboxSnapshot newest, MailboxDelta delta, CancellationToken ct)
    {
        var asked = UidSet.FromRanges([.. delta.Changed.Ranges, .. delta.Arrived.Ranges]);
        var matches = asked.IsEmpty ? UidSet.Empty : await messages.SearchAsync(newest, new AndQuery([new UidIn(asked), Query]), ct);
        _leaving = UidSet.FromRanges([.. _members.Intersect(delta.Vanished).Ranges, .. _members.Intersect(delta.Changed).Except(matches).Ranges]);
        _coming = matches.Except(_members);
    }

    public bool IsComing(Uid uid) => _coming.Contains(uid);

    /// <summary>REMOVEFROM, while what was expunged still has its number.</summary>
    public void WriteLeaving(ImapWriter writer, MailboxView view)
    {
        if (_leaving.IsEmpty)
            return;
        Begin(writer, " REMOVEFROM ("u8);
        if (Terms is null)
            WriteRun(writer, view, 0, [.. _leaving]);
        else
            WriteRuns(writer, view, _order, _leaving, fromEnd: true);
        writer.Raw(")\r\n"u8);
        _members = _members.Except(_leaving);
        _order = [.. _order.Where(uid => !_leaving.Contains(uid))];
        _leaving = UidSet.Empty;
    }

    /// <summary>ADDTO, once what arrived has a number.</summary>
    public async ValueTask WriteComingAsync(ImapWriter writer, MailboxView view, IMessageStore messages, CancellationToken ct)
    {
        if (_coming.IsEmpty)
            return;
        var members = UidSet.FromRanges([.. _members.Ranges, .. _coming.Ranges]);
        var order = Terms is null ? [] : await SortedAsync(messages, view.Messages, members, ct);
        Begin(writer, " ADDTO ("u8);
        if (Terms is null)
            WriteRun(writer, view, 0, [.. _coming]);
        else
            WriteRuns(writer, view, order, _coming, fromEnd: false);
        writer.Raw(")\r\n"u8);
        (_members, _order, _coming) = (members, order, UidSet.Empty);
    }

    private async ValueTask<IReadOnlyList<Uid>> SortedAsync(IMessageStore messages, MailboxSnapshot newest, UidSet uids, CancellationToken ct)
    {
        var relevancy = Terms!.Any(static term => term.Key == SortKey.Relevancy) ? await messages.RelevancyAsync(newest, uids, Query, ct) : null;
        return await messages.SortAsync(newest, uids, Terms!, relevancy, ct);
    }

    private void Begin(ImapWriter writer, ReadOnlySpan<byte> what)
    {
        writer.Write($"* ESEARCH (TAG {new Quoted(Tag)})");
        if (IsUid)
            writer.Raw(" UID"u8);
        writer.Raw(what);
    }

    /// <summary>Each run of neighbours with its place: added from the first on, and removed from the last on, so that every place is true when its turn comes.</summary>
    private void WriteRuns(ImapWriter writer, MailboxView view, IReadOnlyList<Uid> order, UidSet which, bool fromEnd)
    {
        var runs = new List<(int Place, List<Uid> Uids)>();
        for (var i = 0; i < order.Count; i++)
        {
            if (!which.Contains(order[i]))
                continue;
            if (runs.Count > 0 && runs[^1].Place + runs[^1].Uids.Count == i + 1)
                runs[^1].Uids.Add(order[i]);
            else
                runs.Add((i + 1, [order[i]]));
        }

        if (fromEnd)
            runs.Reverse();
        for (var i = 0; i < runs.Count; i++)
        {
            if (i > 0)
                writer.Raw(" "u8);
            WriteRun(writer, view, runs[i].Place, runs[i].Uids);
        }
    }

    private void WriteRun(ImapWriter writer, MailboxView view, int place, IReadOnlyList<Uid> uids)
    {
        writer.Number(place);
        writer.Raw(" "u8);
        SearchHits.Of(view, uids, IsUid).WriteSet(writer);
    }
}
