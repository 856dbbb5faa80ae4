using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Store.Search;

/// <summary>
/// The job that stores the texts for SEARCH, off the delivery path: it looks every two seconds for accounts with new messages. It may lag or stand
/// still without any answer being wrong.
/// </summary>
internal sealed partial class SearchIndexer(SearchIndex index, TimeProvider time, ILogger<SearchIndexer> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private const int PageSize = 50;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not in the way of the start.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                Failed(e);
            }

            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Indexes everything that is there now, and says how many messages that were.</summary>
    public async ValueTask<int> RunAsync(CancellationToken ct)
    {
        var count = 0;
        foreach (var account in await index.DueAsync(ct))
            count += await IndexAsync(account, ct);
        return count;
    }

    private async ValueTask<int> IndexAsync(AccountId account, CancellationToken ct)
    {
        if (await index.ClaimAsync(account, ct) is not var (upTo, last))
            return 0;
        try
        {
            var count = 0;
            while (true)
            {
                var page = await index.PageAsync(account, upTo, last, PageSize, ct);
                var texts = new List<(long, SearchableText)>(page.Count);
                foreach (var message in page)
                {
                    if (await ReadAsync(account, message, ct) is { } text)
                        texts.Add((message.Message, text));
                }

                upTo = page.Count < PageSize ? last : page[^1].Message;
                await index.StoreAsync(account, upTo, texts, ct);
                count += texts.Count;
                if (upTo == last)
                    return count;
            }
        }
        finally
        {
            await index.ReleaseAsync(account);
        }
    }

    /// <summary>Null: it can't be read; SEARCH will try by itself.</summary>
    private async ValueTask<SearchableText?> ReadAsync(AccountId account, UnindexedMessage message, CancellationToken ct)
    {
        try
        {
            return await SearchableText.ReadAsync(message.Body, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException and not MailException)
        {
            Unreadable(account.Value, message.Message, e);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Indexing for search failed; it goes on in two seconds")]
    private partial void Failed(Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Message} of account {Account} can't be indexed for search")]
    private partial void Unreadable(long account, long message, Exception e);
}
