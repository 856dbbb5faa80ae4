using System.Collections.Concurrent;
using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// The connections that were used last, the last one first. Npgsql's pool hands out the one that has rested longest, so that one client's statements go round all
/// of PostgreSQL's processes, each with its own plans to make and its caches gone cold. Here the warm one goes out again; after a second without
/// use it goes back to the pool, which closes what it doesn't need.
/// </summary>
internal sealed class HotConnections : IDisposable
{
    private static readonly ConditionalWeakTable<NpgsqlDataSource, HotConnections> All = [];
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    /// <summary>No more than can be at work at once here are kept from the pool.</summary>
    private static readonly int Most = Environment.ProcessorCount + 1;

    private readonly NpgsqlDataSource _dataSource;
    private readonly ConcurrentStack<NpgsqlConnection> _idle = new();
    private readonly Timer _timer;
    private int _used;

    private HotConnections(NpgsqlDataSource dataSource)
    {
        _dataSource = dataSource;
        // The clock must not keep alive what nobody uses any more.
        _timer = new(static hot => Look((WeakReference<HotConnections>)hot!), new WeakReference<HotConnections>(this), Rest, Rest);
    }

    /// <summary>A connection for one statement, or a batch; no state may stay on it. Dispose the lease after the reader.</summary>
    public static ValueTask<Lease> OpenAsync(NpgsqlDataSource dataSource, CancellationToken ct) =>
        All.GetValue(dataSource, static d => new HotConnections(d)).OpenAsync(ct);

    public void Dispose()
    {
        _timer.Dispose();
        LetGo();
    }

    internal readonly struct Lease(HotConnections hot, NpgsqlConnection connection) : IAsyncDisposable
    {
        public NpgsqlConnection Connection => connection;

        public ValueTask DisposeAsync() => hot.TakeBackAsync(connection);
    }

    private async ValueTask<Lease> OpenAsync(CancellationToken ct)
    {
        _used = 1;
        return new(this, _idle.TryPop(out var connection) ? connection : await _dataSource.OpenConnectionAsync(ct));
    }

    private ValueTask TakeBackAsync(NpgsqlConnection connection)
    {
        if (connection.FullState == ConnectionState.Open && _idle.Count < Most)
        {
            _idle.Push(connection);
            return ValueTask.CompletedTask;
        }

        // One that broke says that the others may have broken too: the pool asks anew.
        if (connection.FullState != ConnectionState.Open)
            LetGo();
        return connection.DisposeAsync();
    }

    private static void Look(WeakReference<HotConnections> reference)
    {
        if (reference.TryGetTarget(out var hot) && Interlocked.Exchange(ref hot._used, 0) == 0)
            hot.LetGo();
    }

    private void LetGo()
    {
        while (_idle.TryPop(out var connection))
            connection.Dispose();
    }
}
