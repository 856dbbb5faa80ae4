using Npgsql;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Search;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>The stored index of SEARCH: reads from it which messages of an account may match. Segments that the job has not reached are missing.</summary>
internal sealed class SearchPages(NpgsqlDataSource dataSource, SearchTurns turns)
{
    /// <summary>Fewer messages of a segment are compared as fast as its pages are read.</summary>
    private const int WorthASegment = 32;

    /// <summary>Segments read at once.</summary>
    private const int SegmentsAtOnce = 64;

    // The page in which a range begins, and those after it up to its end.
    private const string ReadSql =
        """
        select s.n, k.n, p.first_gram, p.data
        from unnest($2::int[]) s(n)
        cross join unnest($3::bigint[], $4::bigint[]) with ordinality k(first, last, n)
        cross join lateral (
          select x.first_gram, x.data from mail.search_page x where x.account_id = $1 and x.segment = s.n and x.first_gram <= k.last and x.first_gram >= (
            select y.first_gram from mail.search_page y where y.account_id = $1 and y.segment = s.n and y.first_gram <= k.first
            order by y.first_gram desc limit 1) offset 0) p
        """;

    /// <summary>What the index says of each term.</summary>
    /// <param name="messages">How many messages of which segments are asked for.</param>
    public async ValueTask<Candidates> CandidatesAsync(
        AccountId account, IReadOnlyList<SearchQuery> terms, IReadOnlyDictionary<int, int> messages, CancellationToken ct)
    {
        var (grams, ranges) = TermGrams.Of(terms);
        int[] segments = ranges.Count == 0 ? [] : [.. messages.Where(static segment => segment.Value >= WorthASegment).Select(static segment => segment.Key)];
        var candidates = new Candidates(grams, segments);
        foreach (var some in segments.Chunk(SegmentsAtOnce))
        {
            foreach (var (segment, bits) in await turns.RunAsync(account, () => ReadAsync(account, some, ranges, ct), ct))
            {
                for (var term = 0; term < grams.Count; term++)
                {
                    if (grams[term] is { } asked)
                        candidates.Learn(term, segment, new(bits[^1], asked.Match(bits)));
                }
            }
        }

        return candidates;
    }

    /// <summary>The messages of each range in each segment, and as the last those that are indexed.</summary>
    private async ValueTask<Dictionary<int, MessageBits[]>> ReadAsync(AccountId account, int[] segments, IReadOnlyList<GramRange> ranges, CancellationToken ct)
    {
        GramRange[] wanted = [.. ranges, new(Grams.None, Grams.None)];
        var found = new Dictionary<int, MessageBits[]>();
        await dataSource.QueryAsync(
            ReadSql,
            [Value(account.Value), Value(segments), Value(Array.ConvertAll(wanted, static r => r.First)), Value(Array.ConvertAll(wanted, static r => r.Last))],
            r =>
            {
                if (!found.TryGetValue(r.GetInt32(0), out var bits))
                    found[r.GetInt32(0)] = bits = [.. wanted.Select(static _ => new MessageBits())];
                var range = (int)r.GetInt64(1) - 1;
                SegmentPages.Read(new(r.GetInt64(2), r.GetFieldValue<byte[]>(3)), wanted[range], bits[range]);
                return 0;
            },
            ct);
        return found;
    }

    private const string DueSql = "select account_id, segments from mail.search_progress where (upto + 1) / $1 > segments limit 100";

    /// <summary>Accounts with a segment whose texts are all stored, and the first of these segments.</summary>
    public async ValueTask<List<(AccountId Account, int Segment)>> DueAsync(CancellationToken ct) => await dataSource.QueryAsync(
        DueSql, [Value((long)MessageBits.SegmentSize)], r => (new AccountId(r.GetInt64(0)), r.GetInt32(1)), ct);

    // The account's row is held: who removes the account waits, and finds the pages. What is written can be made again, so that nobody waits for the disk.
    private const string WriteSql =
        """
        with account as materialized (select a.account_id, set_config('synchronous_commit', 'off', true) from mail.account_state a where a.account_id = $1 for key share),
        written as (
          insert into mail.search_page (account_id, segment, first_gram, data)
          select a.account_id, $2, p.first_gram, p.data from account a cross join unnest($3::bigint[], $4::bytea[]) p(first_gram, data) on conflict do nothing)
        update mail.search_progress set segments = greatest(segments, $2 + 1) where account_id = $1
        """;

    /// <summary>Stores a segment: all of it, or nothing.</summary>
    public async ValueTask WriteAsync(AccountId account, int segment, IReadOnlyList<SegmentPage> pages, CancellationToken ct) => await dataSource.ExecuteAsync(
        WriteSql,
        [Value(account.Value), Value(segment), Value(pages.Select(static p => p.FirstGram).ToArray()), Value(pages.Select(static p => p.Data).ToArray())],
        ct);

    private const string FreeSql =
        """
        delete from mail.search_page where account_id = $1 and segment = any (array(
          select n from generate_series(0, (select p.segments - 1 from mail.search_progress p where p.account_id = $1)) n
          where (select m.message_id from mail.message m where m.account_id = $1 and m.message_id >= n * $2 and m.message_id < (n + 1) * $2 limit 1) is null))
        """;

    /// <summary>Forgets the segments of which no message is left.</summary>
    public async ValueTask FreeAsync(AccountId account, CancellationToken ct) =>
        await dataSource.ExecuteAsync(FreeSql, [Value(account.Value), Value((long)MessageBits.SegmentSize)], ct);
}
