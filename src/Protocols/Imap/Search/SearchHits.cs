using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap.Search;

/// <summary>What a search or a sort found, in the order of its answer.</summary>
/// <param name="uids">In that order.</param>
internal sealed class SearchHits(MailboxView view, IReadOnlyList<Uid> uids, bool isUid)
{
    public int Count => uids.Count;

    /// <summary>The numbers to answer with: of messages, or UIDs.</summary>
    public IEnumerable<uint> Numbers => uids.Select(NumberOf);

    public uint First => NumberOf(uids[0]);

    public uint Last => NumberOf(uids[^1]);

    public UidSet Uids => UidSet.From(uids);

    public SearchHits Slice(int from, int to) => new(view, from < to ? [.. uids.Skip(from).Take(to - from)] : [], isUid);

    /// <summary>As a sequence-set that keeps the order: 5,3:4,1.</summary>
    public void WriteSet(ImapWriter writer)
    {
        for (var i = 0; i < uids.Count;)
        {
            var first = NumberOf(uids[i]);
            var last = first;
            for (i++; i < uids.Count && NumberOf(uids[i]) == last + 1; i++)
                last++;
            writer.Range(first, last);
            if (i < uids.Count)
                writer.Raw(","u8);
        }
    }

    private uint NumberOf(Uid uid) => isUid ? uid.Value : (uint)view.PositionOf(uid) + 1;
}
