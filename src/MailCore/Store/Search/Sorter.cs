using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Store.Search;

/// <summary>SORT (RFC 5256): each term's values become ranks, ranks are compared term by term, and the mailbox's order decides between equals. No state.</summary>
internal sealed class Sorter(SortKeys keys)
{
    private const int MaxDisplay = 255;

    /// <summary>Messages of the snapshot in the order asked for; UIDs that aren't there are left out.</summary>
    public async ValueTask<IReadOnlyList<Uid>> RunAsync(MailboxSnapshot mailbox, UidSet uids, IReadOnlyList<SortTerm> terms, CancellationToken ct)
    {
        IndexEntry[] entries = [.. ((Snapshot)mailbox).Among(uids)];
        var ranks = new List<(int[] Ranks, bool Reverse)>(terms.Count);
        var values = new Values(keys, mailbox.Id.Account, entries);
        foreach (var term in terms)
            ranks.Add((await values.RanksAsync(term.Key, ct), term.Reverse));
        var order = Enumerable.Range(0, entries.Length).ToArray();
        Array.Sort(order, (a, b) =>
        {
            foreach (var (rank, reverse) in ranks)
            {
                if (rank[a].CompareTo(rank[b]) is var difference and not 0)
                    return reverse ? -difference : difference;
            }

            return a.CompareTo(b);
        });
        return Array.ConvertAll(order, i => entries[i].Uid);
    }

    /// <summary>What the terms need, read once however many terms need it.</summary>
    private sealed class Values(SortKeys keys, AccountId account, IndexEntry[] entries)
    {
        private static readonly SortFacts None = new(null, [], [], [], []);

        private readonly long[] _messages = Array.ConvertAll(entries, e => e.Message);
        private Dictionary<long, SortFacts>? _facts;

        public async ValueTask<int[]> RanksAsync(SortKey key, CancellationToken ct)
        {
            switch (key)
            {
                case SortKey.Arrival:
                    return Ranks(Array.ConvertAll(entries, e => e.Received), Comparer<long>.Default);
                case SortKey.Size:
                    return Ranks(Array.ConvertAll(entries, e => e.Size), Comparer<uint>.Default);
                case SortKey.Date:
                    var dates = await keys.DatesAsync(account, _messages, ct);
                    return Ranks(Array.ConvertAll(entries, e => SentOrReceived(dates.GetValueOrDefault(e.Message), e)), Comparer<long>.Default);
                case SortKey.DisplayFrom:
                    return await DisplayAsync(static e => e.From, ct);
                case SortKey.DisplayTo:
                    return await DisplayAsync(static e => e.To, ct);
                default:
                    _facts ??= await keys.FactsAsync(account, _messages, ct);
                    return Ranks(Array.ConvertAll(entries, e => TextOf(key, _facts.GetValueOrDefault(e.Message, None))), Octets.Instance);
            }
        }

        /// <summary>RFC 5957 section 3.</summary>
        private async ValueTask<int[]> DisplayAsync(Func<EnvelopeView, IReadOnlyList<MailPerson>> field, CancellationToken ct)
        {
            var names = await keys.EnvelopesAsync(account, _messages, e => field(e) is [var first, ..] ? FoldedText.SortKey(first.Short, MaxDisplay) : [], ct);
            return Ranks(Array.ConvertAll(entries, e => names.GetValueOrDefault(e.Message, [])), Octets.Instance);
        }

        private static byte[] TextOf(SortKey key, SortFacts facts) => key switch
        {
            SortKey.Cc => facts.Cc,
            SortKey.From => facts.From,
            SortKey.To => facts.To,
            _ => facts.Subject,
        };
    }

    /// <summary>Ticks in UTC.</summary>
    public static long SentOrReceived(long? sentAt, in IndexEntry entry) => sentAt ?? DateTimeOffset.FromUnixTimeSeconds(entry.Received).Ticks;

    /// <summary>Equal values have equal ranks.</summary>
    private static int[] Ranks<T>(T[] values, IComparer<T> comparer)
    {
        var order = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort(order, (a, b) => comparer.Compare(values[a], values[b]));
        var ranks = new int[values.Length];
        for (var i = 1; i < order.Length; i++)
            ranks[order[i]] = ranks[order[i - 1]] + (comparer.Compare(values[order[i - 1]], values[order[i]]) == 0 ? 0 : 1);
        return ranks;
    }

    private sealed class Octets : IComparer<byte[]>
    {
        public static readonly Octets Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
