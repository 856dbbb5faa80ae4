using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;
using Webmail.MailCore.Store.Search;

namespace Webmail.MailCore.Jobs;

/// <summary>
/// Makes the index of SEARCH from the stored texts, a segment at a time: only accounts with thousands of messages have any. May lag or stand still
/// without any answer being wrong, and be cut off: a segment is stored whole.
/// </summary>
internal sealed class IndexSearchPages(SearchIndex texts, SearchPages pages) : IJob
{
    private const int PageSize = 128;

    Task IJob.RunAsync(CancellationToken ct) => RunAsync(ct);

    /// <summary>Indexes everything that is there now, and says how many segments that were.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        for (var count = 0; ;)
        {
            var due = await pages.DueAsync(ct);
            foreach (var (account, segment) in due)
            {
                await IndexAsync(account, segment, ct);
                count++;
            }

            if (due.Count == 0)
                return count;
        }
    }

    private async ValueTask IndexAsync(AccountId account, int segment, CancellationToken ct)
    {
        var first = (long)segment * MessageBits.SegmentSize;
        var index = new SegmentPages();
        for (var from = first; from < first + MessageBits.SegmentSize;)
        {
            var page = await texts.TextsAsync(account, from, first + MessageBits.SegmentSize, PageSize, ct);
            foreach (var (message, text) in page)
                index.Add(MessageBits.PlaceOf(message), text);
            from = page.Count < PageSize ? long.MaxValue : page[^1].Message + 1;
        }

        // Of a segment that is gone altogether only its number is kept.
        await pages.WriteAsync(account, segment, index.IsEmpty ? [] : [.. index.Pages()], ct);
    }
}
