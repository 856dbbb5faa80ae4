using Microsoft.Extensions.Logging;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Jobs;

/// <summary>Stores the texts for SEARCH, off the delivery path. It may lag or stand still without any answer being wrong.</summary>
internal sealed partial class IndexSearchText(SearchIndex index, ILogger<IndexSearchText> log) : IJob
{
    private const int PageSize = 50;

    Task IJob.RunAsync(CancellationToken ct) => RunAsync(ct);

    /// <summary>Indexes everything that is there now, and says how many messages that were.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
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

    [LoggerMessage(LogLevel.Error, "Message {Message} of account {Account} can't be indexed for search")]
    private partial void Unreadable(long account, long message, Exception e);
}
