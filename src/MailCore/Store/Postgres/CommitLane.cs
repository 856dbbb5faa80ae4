using Microsoft.Extensions.Logging;
using Npgsql;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>One append or delivery on its way to disk: rows by account, and queue rows. All of it is one transaction, which it may share with others.</summary>
/// <param name="Rows">By account; an account appears once.</param>
internal sealed record Commit(SortedDictionary<long, List<AppendRow>> Rows, QueueRows? Queue)
{
    private readonly TaskCompletionSource<IReadOnlyDictionary<long, AppendedRow[]>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What became of the rows, by account; faulted: nothing of it was stored, or nobody knows.</summary>
    public Task<IReadOnlyDictionary<long, AppendedRow[]>> Done => _done.Task;

    public long Octets { get; } = Rows.Values.Sum(rows => rows.Sum(r => (long)(r.Message.Packed?.Length ?? 0) + 1_000)) + (Queue?.Octets ?? 0);

    public int Messages { get; } = Rows.Values.Sum(rows => rows.Count) + (Queue is null ? 0 : 1);

    public void Succeed(IReadOnlyDictionary<long, AppendedRow[]> rows) => _done.TrySetResult(rows);

    public void Fail(Exception e) => _done.TrySetException(e);
}

/// <summary>
/// Group commit. PostgreSQL commits transactions of several accounts together by itself, but not those of one account: the account's lock is held over
/// the disk's flush. So what waits for an account while a transaction is in flight goes together in the next one, and deliveries of many sessions
/// share transactions: a few at once, each one round trip. Locks: each transaction takes its accounts in ascending order; no account is in two of this node's
/// transactions at a time.
/// </summary>
internal sealed partial class CommitLane(NpgsqlDataSource dataSource, Committed committed, ILogger<CommitLane> log)
{
    private const int MaxTransactions = 3;

    // One transaction of ten messages costs half of ten transactions: a further one at the same time must be worth it.
    private const int EnoughForAnother = 16;
    private const int MaxMessages = 64;
    private const long MaxOctets = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<Commit> _waiting = [];
    private readonly HashSet<long> _busy = [];
    private int _running;

    /// <summary>Stores, together with whatever else waits. Ends when it is on disk.</summary>
    /// <exception cref="NpgsqlException">It failed; after a PostgresException nothing of it was stored.</exception>
    public Task<IReadOnlyDictionary<long, AppendedRow[]>> StoreAsync(Commit commit)
    {
        lock (_gate)
        {
            _waiting.AddLast(commit);
            StartAnother();
        }

        return commit.Done;
    }

    private void StartAnother()
    {
        if (_running > 0 && (_running >= MaxTransactions || _waiting.Count < EnoughForAnother))
            return;
        _running++;
        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        List<Commit> batch = [];
        while (true)
        {
            lock (_gate)
            {
                foreach (var commit in batch)
                    _busy.ExceptWith(commit.Rows.Keys);
                batch = Take();
                if (batch.Count == 0)
                {
                    _running--;
                    return;
                }

                StartAnother();
            }

            await StoreAsync(batch);
        }
    }

    // In the order of arrival; a commit that touches an account in flight waits, and so do later ones for the same account.
    private List<Commit> Take()
    {
        var batch = new List<Commit>();
        var mine = new HashSet<long>();
        var passed = new HashSet<long>();
        int messages = 0;
        long octets = 0;
        for (var node = _waiting.First; node is not null && messages < MaxMessages && octets < MaxOctets;)
        {
            var next = node.Next;
            var commit = node.Value;
            if (commit.Rows.Keys.Any(a => (_busy.Contains(a) && !mine.Contains(a)) || passed.Contains(a)))
            {
                passed.UnionWith(commit.Rows.Keys);
            }
            else
            {
                mine.UnionWith(commit.Rows.Keys);
                _busy.UnionWith(commit.Rows.Keys);
                batch.Add(commit);
                messages += commit.Messages;
                octets += commit.Octets;
                _waiting.Remove(node);
            }

            node = next;
        }

        return batch;
    }

    private async Task StoreAsync(List<Commit> batch)
    {
        try
        {
            await RunTransactionAsync(batch);
        }
        catch (PostgresException e) when (batch.Count > 1 && !StoreErrors.IsOutage(e))
        {
            // One of them can't be stored as it is: the transaction is undone, and the others must not suffer for it.
            Alone(batch.Count, e);
            foreach (var commit in batch)
                await StoreAsync([commit]);
        }
        catch (Exception e)
        {
            foreach (var commit in batch)
                commit.Fail(e);
        }
    }

    private async Task RunTransactionAsync(List<Commit> commits)
    {
        var accounts = Merge(commits);
        var stored = new Dictionary<long, AppendedRow[]>();
        await using (var lease = await HotConnections.OpenAsync(dataSource, CancellationToken.None))
        {
            await using var batch = new NpgsqlBatch(lease.Connection);
            var one = AppendOne.TryCommand(accounts);
            if (accounts.Count > 0)
                batch.BatchCommands.Add(one ?? AppendBatch.Command(accounts));
            foreach (var commit in commits.Where(c => c.Queue is not null))
                batch.BatchCommands.Add(commit.Queue!.Command());
            await using var reader = await batch.ExecuteReaderAsync();
            if (accounts.Count > 0)
                stored = await (one is null ? AppendBatch.ReadAsync(reader, accounts, CancellationToken.None) : AppendOne.ReadAsync(reader, accounts, CancellationToken.None));

            // The commit comes after the last result: only when the server is ready again is it on disk.
            while (await reader.NextResultAsync())
            {
            }
        }

        // Once for all that went together: they are one step of their mailboxes.
        foreach (var (account, rows) in accounts)
            await committed.AppendedAsync(new(account), rows, stored[account]);
        Share(commits, stored);
    }

    // Units are numbered anew, so that those of two commits don't run together.
    private static SortedDictionary<long, List<AppendRow>> Merge(List<Commit> commits)
    {
        if (commits.Count == 1)
            return commits[0].Rows;
        var accounts = new SortedDictionary<long, List<AppendRow>>();
        for (var i = 0; i < commits.Count; i++)
        {
            foreach (var (account, rows) in commits[i].Rows)
            {
                if (!accounts.TryGetValue(account, out var all))
                    accounts[account] = all = [];
                var last = all.Count == 0 ? 0 : all[^1].Unit;
                foreach (var row in rows)
                    all.Add(row with { Unit = last + 1 + row.Unit });
            }
        }

        return accounts;
    }

    private static void Share(List<Commit> commits, Dictionary<long, AppendedRow[]> stored)
    {
        var taken = new Dictionary<long, int>();
        foreach (var commit in commits)
        {
            var mine = new Dictionary<long, AppendedRow[]>();
            foreach (var (account, rows) in commit.Rows)
            {
                taken.TryGetValue(account, out var at);
                mine[account] = stored[account][at..(at + rows.Count)];
                taken[account] = at + rows.Count;
            }

            commit.Succeed(mine);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A transaction of {Count} appends failed and is tried one by one")]
    private partial void Alone(int count, Exception e);
}
