using Webmail.MailCore.Model;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Search;

/// <summary>Which numbers a search gave: of messages, or UIDs.</summary>
internal sealed class SearchHits(MailboxView view, UidSet uids, bool isUid)
{
    private UidSet? _numbers;

    /// <summary>The numbers as a set to be written. Message numbers wear the clothes of UIDs there.</summary>
    public UidSet Numbers => _numbers ??= isUid ? uids : ToNumbers();

    public long Count => uids.Count;

    public bool IsEmpty => uids.IsEmpty;

    private UidSet ToNumbers()
    {
        var numbers = new UidSet.Builder();
        foreach (var uid in uids)
        {
            if (view.PositionOf(uid) is var position and >= 0)
                numbers.Add(new Uid((uint)position + 1));
        }

        return numbers.ToSet();
    }
}

/// <summary>A result option of extended SEARCH.</summary>
/// <param name="Write">Writes its data, beginning with a space.</param>
internal sealed record SearchReturn(string Name, Action<SearchHits, ImapWriter> Write, string? Capability = null);

/// <summary>RETURN (…) of SEARCH (RFC 4731), in the order in which the data is written.</summary>
internal static class SearchReturns
{
    public static readonly NameTable<SearchReturn> Table = new(
        [
            new("MIN", static (hits, writer) => WriteOne("MIN", hits, last: false, writer), "ESEARCH"),
            new("MAX", static (hits, writer) => WriteOne("MAX", hits, last: true, writer)),
            new("ALL", static (hits, writer) => WriteAll(hits, writer)),
            new("COUNT", static (hits, writer) => writer.Write($" COUNT {hits.Count}")),
        ],
        static option => option.Name);

    /// <summary>The list behind RETURN; an empty one means ALL (RFC 4731 section 3.1).</summary>
    public static IReadOnlyList<SearchReturn> Parse(ref ImapReader r)
    {
        r.Open();
        var asked = new HashSet<SearchReturn>();
        while (!r.NextIs(')'))
        {
            if (asked.Count > 0)
                r.Space();
            asked.Add(Table.Find(r.Name()) ?? throw new SyntaxException("There is no such result option"));
        }

        r.Close();
        return asked.Count == 0 ? [Table.Find("ALL"u8)!] : [.. Table.All.Where(asked.Contains)];
    }

    private static void WriteOne(string name, SearchHits hits, bool last, ImapWriter writer)
    {
        if (hits.IsEmpty)
            return;
        var ranges = hits.Numbers.Ranges;
        writer.Raw(" "u8);
        writer.Constant(name);
        writer.Write($" {(last ? ranges[^1].Last : ranges[0].First)}");
    }

    private static void WriteAll(SearchHits hits, ImapWriter writer)
    {
        if (!hits.IsEmpty)
            writer.Write($" ALL {hits.Numbers}");
    }
}
