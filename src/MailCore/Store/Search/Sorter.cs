using System.Buffers.Binary;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Store.Search;

/// <summary>
/// SORT (RFC 5256): each term's values become ranks, and the messages are put in order by one term after another, the last first, each time keeping the order of
/// equals: the mailbox's order decides in the end. No state.
/// </summary>
internal sealed class Sorter(SortKeys keys)
{
    /// <summary>Messages of the snapshot in the order asked for; UIDs that aren't there are left out.</summary>
    /// <param name="relevancy">Needed where it is among the terms.</param>
    public async ValueTask<IReadOnlyList<Uid>> RunAsync(
        MailboxSnapshot mailbox, UidSet uids, IReadOnlyList<SortTerm> terms, IReadOnlyDictionary<Uid, int>? relevancy, CancellationToken ct)
    {
        IndexEntry[] entries = [.. ((Snapshot)mailbox).Among(uids)];
        var order = Places(entries.Length);
        foreach (var term in terms.Reverse())
        {
            var (ranks, count) = term.Key == SortKey.Relevancy
                ? Ranks(Array.ConvertAll(entries, e => -(long)relevancy!.GetValueOrDefault(e.Uid)))
                : await RanksAsync(mailbox.Id.Account, entries, term.Key, ct);
            order = ByRank(order, ranks, count, term.Reverse);
        }

        return Array.ConvertAll(order, i => entries[i].Uid);
    }

    /// <summary>Seconds since 1970 UTC.</summary>
    public static long SentOrReceived(in IndexEntry entry) => entry.Sent == IndexEntry.NoDate ? entry.Received : entry.Sent;

    private async ValueTask<(int[] Ranks, int Count)> RanksAsync(AccountId account, IndexEntry[] entries, SortKey key, CancellationToken ct) => key switch
    {
        SortKey.Arrival => Ranks(Array.ConvertAll(entries, static e => e.Received)),
        SortKey.Size => Ranks(Array.ConvertAll(entries, static e => (long)e.Size)),
        SortKey.Date => Ranks(Array.ConvertAll(entries, static e => SentOrReceived(e))),
        _ => Ranks(await keys.ReadAsync(account, ColumnOf(key), Array.ConvertAll(entries, static e => e.Message), ct)),
    };

    private static KeyColumn ColumnOf(SortKey key) => key switch
    {
        SortKey.Cc => KeyColumn.Cc,
        SortKey.DisplayFrom => KeyColumn.DisplayFrom,
        SortKey.DisplayTo => KeyColumn.DisplayTo,
        SortKey.From => KeyColumn.From,
        SortKey.To => KeyColumn.To,
        _ => KeyColumn.Subject,
    };

    /// <summary>Equal values have equal ranks.</summary>
    private static (int[] Ranks, int Count) Ranks(long[] values)
    {
        var order = Places(values.Length);
        Array.Sort(values, order);
        return Ranks(order, (i, _) => values[i] == values[i - 1]);
    }

    /// <summary>Octet by octet: as numbers of eight octets first, what is equal so far as a whole.</summary>
    private static (int[] Ranks, int Count) Ranks(KeyValues values)
    {
        var order = Places(values.Count);
        var heads = Array.ConvertAll(order, i => Head(values[i]));
        Array.Sort(heads, order);
        for (var first = 0; first < order.Length;)
        {
            var end = first + 1;
            while (end < order.Length && heads[end] == heads[first])
                end++;
            if (end - first > 1)
                order.AsSpan(first, end - first).Sort((a, b) => values[a].SequenceCompareTo(values[b]));
            first = end;
        }

        return Ranks(order, (i, order) => heads[i] == heads[i - 1] && values[order[i]].SequenceEqual(values[order[i - 1]]));
    }

    private static ulong Head(ReadOnlySpan<byte> value)
    {
        Span<byte> head = stackalloc byte[sizeof(ulong)];
        value[..Math.Min(value.Length, head.Length)].CopyTo(head);
        return BinaryPrimitives.ReadUInt64BigEndian(head);
    }

    /// <param name="isSame">Whether a place of the order has the value of the one before.</param>
    private static (int[] Ranks, int Count) Ranks(int[] order, Func<int, int[], bool> isSame)
    {
        var ranks = new int[order.Length];
        var rank = 0;
        for (var i = 0; i < order.Length; i++)
        {
            if (i > 0 && !isSame(i, order))
                rank++;
            ranks[order[i]] = rank;
        }

        return (ranks, rank + 1);
    }

    /// <summary>The same messages by rank, equals as they stood.</summary>
    private static int[] ByRank(int[] order, int[] ranks, int count, bool reverse)
    {
        var next = new int[count + 1];
        foreach (var rank in ranks)
            next[(reverse ? count - 1 - rank : rank) + 1]++;
        for (var i = 1; i <= count; i++)
            next[i] += next[i - 1];
        var sorted = new int[order.Length];
        foreach (var i in order)
            sorted[next[reverse ? count - 1 - ranks[i] : ranks[i]]++] = i;
        return sorted;
    }

    private static int[] Places(int count)
    {
        var places = new int[count];
        for (var i = 0; i < count; i++)
            places[i] = i;
        return places;
    }
}
