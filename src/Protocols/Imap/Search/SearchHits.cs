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

    /// <summary>The answer in the old form: "* SEARCH 2 84 882 (MODSEQ 917)".</summary>
    public async ValueTask WriteAsync(string verb, ImapWriter writer, ModSeq? modSeq, CancellationToken ct)
    {
        writer.IsMidLine = true;
        writer.Raw("* "u8);
        writer.Constant(verb);
        foreach (var number in Numbers)
        {
            writer.Raw(" "u8);
            writer.Number(number);
            await writer.FlushIfLargeAsync(ct);
        }

        if (modSeq is { } highest)
            writer.Write($" (MODSEQ {highest})");
        writer.Raw("\r\n"u8);
        writer.IsMidLine = false;
    }

    private uint NumberOf(Uid uid) => isUid ? uid.Value : (uint)view.PositionOf(uid) + 1;
}
