using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap.Search;

/// <summary>
/// What a search or a sort found, in the order of its answer, as runs of messages with consecutive UIDs: between two of them no other message stands, so
/// their numbers are consecutive too.
/// </summary>
internal sealed class SearchHits
{
    private readonly MailboxView _view;
    private readonly IReadOnlyList<UidRange> _runs;
    private readonly bool _isUid;
    private readonly IReadOnlyDictionary<Uid, int>? _relevancy;

    private SearchHits(MailboxView view, IReadOnlyList<UidRange> runs, bool isUid, IReadOnlyDictionary<Uid, int>? relevancy)
    {
        _relevancy = relevancy;
        _view = view;
        _runs = runs;
        _isUid = isUid;
        Count = runs.Sum(static run => Length(run));
    }

    public int Count { get; }

    /// <summary>Of a search: in the mailbox's order.</summary>
    /// <param name="relevancy">From 1 to 100 for each of them; null: not asked for.</param>
    public static SearchHits Of(MailboxView view, UidSet uids, bool isUid, IReadOnlyDictionary<Uid, int>? relevancy = null) =>
        new(view, [.. uids.Ranges], isUid, relevancy);

    /// <summary>Of a sort.</summary>
    /// <param name="relevancy">From 1 to 100 for each of them; null: not asked for.</param>
    public static SearchHits Of(MailboxView view, IReadOnlyList<Uid> uids, bool isUid, IReadOnlyDictionary<Uid, int>? relevancy = null) =>
        new(view, [.. uids.Select(static uid => new UidRange(uid.Value, uid.Value))], isUid, relevancy);

    /// <summary>The numbers to answer with: of messages, or UIDs.</summary>
    public IEnumerable<uint> Numbers
    {
        get
        {
            foreach (var run in _runs)
            {
                var first = NumberOf(run.First);
                for (uint i = 0; i < Length(run); i++)
                    yield return first + i;
            }
        }
    }

    public uint First => NumberOf(_runs[0].First);

    public uint Last => NumberOf(_runs[^1].Last);

    public UidSet Uids => UidSet.FromRanges(_runs);

    /// <summary>How well each fits (RFC 6203 section 4).</summary>
    public IEnumerable<int> Scores
    {
        get
        {
            foreach (var run in _runs)
            {
                for (var uid = run.First; uid <= run.Last; uid++)
                    yield return _relevancy!.GetValueOrDefault(new(uid), 1);
            }
        }
    }

    /// <summary>The hits from one place to before another.</summary>
    public SearchHits Slice(int from, int to)
    {
        var part = new List<UidRange>();
        var at = 0;
        foreach (var run in _runs)
        {
            int first = Math.Max(from - at, 0), end = Math.Min(to - at, Length(run));
            if (first < end)
                part.Add(new(run.First + (uint)first, run.First + (uint)end - 1));
            at += Length(run);
        }

        return new(_view, part, _isUid, _relevancy);
    }

    /// <summary>As a sequence-set that keeps the order: 5,3:4,1.</summary>
    public void WriteSet(ImapWriter writer)
    {
        for (var i = 0; i < _runs.Count;)
        {
            var first = NumberOf(_runs[i].First);
            var last = first + (uint)Length(_runs[i]) - 1;
            for (i++; i < _runs.Count && NumberOf(_runs[i].First) == last + 1; i++)
                last += (uint)Length(_runs[i]);
            writer.Range(first, last);
            if (i < _runs.Count)
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

    private static int Length(UidRange run) => (int)(run.Last - run.First + 1);

    private uint NumberOf(uint uid) => _isUid ? uid : (uint)_view.PositionOf(new(uid)) + 1;
}
