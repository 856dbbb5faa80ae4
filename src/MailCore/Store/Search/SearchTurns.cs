using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Search;

/// <summary>
/// Whose turn it is to read much. Searches, sorts and threads are done in pieces of some milliseconds; of all accounts together only a few pieces run at once,
/// and of one account one: the others wait in the order in which they came. So neither many searches nor one person's take the database's connections from
/// deliveries, and a short search waits for pieces, not for searches. A piece must not take a turn inside.
/// </summary>
internal sealed class SearchTurns : IDisposable
{
    private readonly SemaphoreSlim _places = new(Math.Max(2, Environment.ProcessorCount));
    private readonly Lock _gate = new();
    private readonly Dictionary<AccountId, Queue> _accounts = [];

    public async ValueTask<T> RunAsync<T>(AccountId account, Func<ValueTask<T>> piece, CancellationToken ct)
    {
        var queue = Join(account);
        try
        {
            await queue.WaitAsync(ct);
            try
            {
                await _places.WaitAsync(ct);
                try
                {
                    return await piece();
                }
                finally
                {
                    _places.Release();
                }
            }
            finally
            {
                queue.Release();
            }
        }
        finally
        {
            Leave(account, queue);
        }
    }

    public void Dispose() => _places.Dispose();

    private Queue Join(AccountId account)
    {
        lock (_gate)
        {
            if (!_accounts.TryGetValue(account, out var queue))
                _accounts[account] = queue = new();
            queue.Members++;
            return queue;
        }
    }

    private void Leave(AccountId account, Queue queue)
    {
        lock (_gate)
        {
            if (--queue.Members == 0)
                _accounts.Remove(account);
        }
    }

    /// <summary>One account's pieces: how many run or wait, so that the last takes the entry with it.</summary>
    private sealed class Queue() : SemaphoreSlim(1, 1)
    {
        public int Members;
    }
}
