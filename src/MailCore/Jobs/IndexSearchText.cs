using Microsoft.Extensions.Logging;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Jobs;

/// <summary>
/// Stores the texts for SEARCH, off the delivery path: a batch is two statements, however many accounts it is for. May lag or stand still without any answer being
/// wrong, so it waits while mail pours in, but not for long: what isn't stored yet costs a search more.
/// </summary>
internal sealed partial class IndexSearchText(SearchIndex index, TimeProvider time, ILogger<IndexSearchText> log) : IJob
{
    /// <summary>Messages of one batch.</summary>
    private const int BatchSize = 64;

    /// <summary>So many new messages since the last look are worth waiting for their end.</summary>
    private const int Pouring = 200;

    /// <summary>The most that may wait, messages of all accounts, and how long.</summary>
    private const long MostWaiting = 20_000;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>The look at all accounts may take this part of the time.</summary>
    private const int LookingPart = 100;

    private long _looked;
    private TimeSpan _lookTook;
    private long _waiting;
    private long? _waitingSince;

    async Task IJob.RunAsync(CancellationToken ct)
    {
        if (time.GetElapsedTime(_looked) < _lookTook * LookingPart)
            return;
        _looked = time.GetTimestamp();
        var due = await index.DueAsync(ct);
        _lookTook = time.GetElapsedTime(_looked);
        if (!IsPouring(due.Sum(static run => run.Last - run.After)))
            await IndexAsync(due, ct);
    }

    /// <summary>Indexes everything that is there now, and says how many messages that were.</summary>
    public async Task<int> RunAsync(CancellationToken ct) => await IndexAsync(await index.DueAsync(ct), ct);

    private bool IsPouring(long waiting)
    {
        var isMore = waiting - _waiting >= Pouring && waiting < MostWaiting;
        if (!isMore || (_waitingSince is { } since && time.GetElapsedTime(since) > LongestWait))
        {
            (_waiting, _waitingSince) = (0, null);
            return false;
        }

        _waiting = waiting;
        _waitingSince ??= time.GetTimestamp();
        return true;
    }

    private async Task<int> IndexAsync(List<UnindexedRun> due, CancellationToken ct)
    {
        var count = 0;
        var batch = new List<UnindexedRun>();
        var room = (long)BatchSize;
        foreach (var account in due)
        {
            for (var after = account.After; after < account.Last;)
            {
                var run = new UnindexedRun(account.Account, after, Math.Min(account.Last, after + room));
                batch.Add(run);
                room -= run.Last - after;
                after = run.Last;
                if (room > 0)
                    continue;
                count += await StoreAsync(batch, ct);
                batch.Clear();
                room = BatchSize;
            }
        }

        return batch.Count == 0 ? count : count + await StoreAsync(batch, ct);
    }

    private async ValueTask<int> StoreAsync(List<UnindexedRun> batch, CancellationToken ct)
    {
        var texts = new List<(UnindexedMessage, SearchableText)>(BatchSize);
        foreach (var message in await index.PageAsync(batch, ct))
        {
            if (await ReadAsync(message, ct) is { } text)
                texts.Add((message, text));
        }

        await index.StoreAsync(batch, texts, ct);
        return texts.Count;
    }

    /// <summary>Null: it can't be read; SEARCH will try by itself.</summary>
    private async ValueTask<SearchableText?> ReadAsync(UnindexedMessage message, CancellationToken ct)
    {
        try
        {
            return await SearchableText.ReadAsync(message.Body, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException and not MailException)
        {
            Unreadable(message.Account.Value, message.Message, e);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Error, "Message {Message} of account {Account} can't be indexed for search")]
    private partial void Unreadable(long account, long message, Exception e);
}
