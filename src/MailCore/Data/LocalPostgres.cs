using Microsoft.Extensions.Logging;
using Webmail.MailCore.Data.Cluster;

namespace Webmail.MailCore.Data;

/// <summary>Who asks for the cluster: a server keeps it for its life, a command borrows it.</summary>
public enum ClusterUse
{
    Server,
    Command,
}

/// <summary>The private cluster can't be had. The message is one line for the person at the terminal and says what to do.</summary>
public sealed class LocalPostgresException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The PostgreSQL cluster that is ours, used where no connection string is set. It stands in the data directory (or in /var/lib/webmail where the
/// postgres user can't reach that) and listens on a Unix socket only that user and we can open.
/// <para>Invariants. One process owns the cluster at a time: the holder of <c>webmail.lock</c>. The owner starts PostgreSQL, starts it again when
/// it dies, and stops it by a fast shutdown; PostgreSQL is never killed. Everyone else (a command beside a server) holds <c>webmail.users</c>
/// shared while it is connected, and the owner waits for them before it stops. When the owner is killed, PostgreSQL gets SIGINT from the kernel
/// (PDEATHSIG) and shuts down by itself; the next owner waits for that.</para>
/// </summary>
public sealed partial class LocalPostgres : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(25);

    readonly DataDirectoryLock hold;
    readonly Postmaster? postmaster;
    readonly TimeSpan grace;

    LocalPostgres(DataDirectoryLock hold, Postmaster? postmaster, ClusterPlace place, TimeSpan grace)
    {
        this.hold = hold;
        this.postmaster = postmaster;
        this.grace = grace;
        Place = place;
        ConnectionString = place.ConnectionString("webmail");
    }

    internal ClusterPlace Place { get; }

    /// <summary>For Npgsql; holds no secret, the socket's directory is what guards the door.</summary>
    public string ConnectionString { get; }

    /// <summary>False: another process started this cluster and will stop it.</summary>
    public bool IsOwner => postmaster is not null;

    /// <summary>Where the cluster stands.</summary>
    public string ClusterDirectory => Place.Directory;

    /// <summary>The cluster isn't in the data directory, because the user postgres may not enter that.</summary>
    public bool IsElsewhere => Place.IsElsewhere;

    /// <summary>The process id of PostgreSQL now; null when we aren't the owner or it is being started again.</summary>
    public int? ProcessId => postmaster?.ProcessId;

    /// <summary>
    /// Starts the cluster (made first where there is none) or joins the one that a running server has started. Returns when it answers.
    /// </summary>
    /// <param name="dataDirectory">Absolute; made when missing.</param>
    /// <param name="grace">How long the owner waits at its end for commands that still use the cluster.</param>
    /// <exception cref="LocalPostgresException">Another server owns the directory, binaries are missing, or PostgreSQL doesn't start.</exception>
    public static async Task<LocalPostgres> OpenAsync(
        string dataDirectory, ClusterUse use, TimeSpan grace, ILogger logger, TimeProvider time, CancellationToken ct)
    {
        DataDirectoryLock.Prepare(dataDirectory);
        var started = time.GetTimestamp();
        var waits = false;
        while (true)
        {
            if (DataDirectoryLock.TryOwn(dataDirectory, use) is { } owned)
                return await OwnAsync(owned, dataDirectory, grace, logger, time, ct);

            var holder = DataDirectoryLock.Holder(dataDirectory);
            if (use == ClusterUse.Server)
            {
                if (holder is { Use: ClusterUse.Server })
                    throw new LocalPostgresException(
                        $"Another server (process {holder.ProcessId}) runs on {dataDirectory}: stop it first, or set Webmail__DataDirectory to another directory.");
                if (!waits)
                    Log.WaitingForCommand(logger, holder?.ProcessId ?? 0);
                waits = true;
            }
            else if (await TryJoinAsync(dataDirectory, time, ct) is { } joined)
            {
                return joined;
            }

            // A command that imports a large mailbox may own the cluster for long; a server that starts or stops doesn't.
            if (use == ClusterUse.Command && time.GetElapsedTime(started) > Patience)
                throw new LocalPostgresException(
                    $"The database of {dataDirectory} is being started or stopped by process {holder?.ProcessId} and doesn't answer: try again, or look at that process.");
            await Task.Delay(Step, time, ct);
        }
    }

    static async Task<LocalPostgres> OwnAsync(
        DataDirectoryLock owned, string dataDirectory, TimeSpan grace, ILogger logger, TimeProvider time, CancellationToken ct)
    {
        Postmaster? started = null;
        try
        {
            var place = await ClusterPlace.FindAsync(dataDirectory, ct);
            if (place.IsElsewhere)
                Log.Elsewhere(logger, dataDirectory, place.Directory);
            await ClusterMaker.MakeAsync(place, logger, ct);
            var file = new PostmasterFile(place);
            await file.WaitUntilGoneAsync(logger, time, Patience, ct);
            started = new Postmaster(place, file, logger, time);
            await started.StartAsync(Patience, ct);
            await ClusterMaker.MakeDatabaseAsync(place, ct);
            return new(owned, started, place, grace);
        }
        catch
        {
            if (started is not null)
                await started.StopAsync();
            owned.Dispose();
            throw;
        }
    }

    static async Task<LocalPostgres?> TryJoinAsync(string dataDirectory, TimeProvider time, CancellationToken ct)
    {
        if (DataDirectoryLock.TryJoin(dataDirectory) is not { } joined)
            return null;
        if (await ClusterPlace.FindRunningAsync(dataDirectory, ct) is { } place && await ClusterMaker.AnswersAsync(place, ct))
            return new(joined, null, place, TimeSpan.Zero);
        joined.Dispose();
        return null;
    }

    /// <summary>The owner waits for the commands beside it, then stops PostgreSQL by a fast shutdown; everyone else just lets go.</summary>
    public async ValueTask DisposeAsync()
    {
        if (postmaster is not null)
        {
            await hold.WaitForUsersAsync(grace);
            await postmaster.StopAsync();
        }

        hold.Dispose();
    }

    static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "A command (process {Pid}) uses the data directory; waiting for it to end")]
        public static partial void WaitingForCommand(ILogger logger, int pid);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The user postgres can't enter {DataDirectory}; the database stands in {Cluster} instead")]
        public static partial void Elsewhere(ILogger logger, string dataDirectory, string cluster);
    }
}
