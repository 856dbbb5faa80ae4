using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Webmail.MailCore.Data.Cluster;

/// <summary>
/// The running PostgreSQL of an owner, and the thread that it depends on: PDEATHSIG belongs to the thread that forks, so one thread starts the
/// child and lives as long as we do. When the child dies unasked, it is started again, at once at first and then less and less often.
/// </summary>
internal sealed partial class Postmaster(ClusterPlace place, PostmasterFile file, ILogger logger, TimeProvider time)
{
    static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>Who lived so long had started.</summary>
    static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    readonly Lock guard = new();
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Process? child;
    bool wasReady;

    public int? ProcessId
    {
        get
        {
            lock (guard)
                return child?.Id;
        }
    }

    string StartLog => Path.Combine(Path.GetDirectoryName(place.Directory)!, "postgres-start.log");

    /// <summary>Returns when PostgreSQL takes connections.</summary>
    /// <exception cref="LocalPostgresException">It ended instead, or is not ready in time (a long recovery may need more).</exception>
    public async Task StartAsync(TimeSpan patience, CancellationToken ct)
    {
        var thread = new Thread(Live) { IsBackground = true, Name = "PostgreSQL" };
        thread.Start();
        var begun = time.GetTimestamp();
        while (!(ProcessId is { } pid && file.IsReady(pid)))
        {
            if (ended.Task.IsCompleted)
                throw new LocalPostgresException($"PostgreSQL didn't start: {Complaint()}");
            // Recovery after a crash may take minutes; as long as the process lives, it works.
            if (time.GetElapsedTime(begun) > patience)
            {
                Log.StillStarting(logger, place.Directory);
                begun = time.GetTimestamp();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), time, ct);
        }

        wasReady = true;
    }

    /// <summary>Fast shutdown: open transactions are rolled back, everything is written, the process ends by itself. It is never killed.</summary>
    public async Task StopAsync()
    {
        lock (guard)
        {
            stopping.TrySetResult();
            if (child is not null)
                Signals.Interrupt(child.Id);
        }

        while (!ended.Task.IsCompleted)
        {
            var finished = await Task.WhenAny(ended.Task, Task.Delay(TimeSpan.FromSeconds(10)));
            if (finished != ended.Task)
                Log.StillStopping(logger, place.Directory);
        }

        RemoveSockets();
    }

    void Live()
    {
        try
        {
            var pause = ShortestPause;
            while (StartChild() is { } process)
            {
                var started = time.GetTimestamp();
                process.WaitForExit();
                int code;
                lock (guard)
                {
                    code = process.ExitCode;
                    child = null;
                }

                process.Dispose();
                if (stopping.Task.IsCompleted || !wasReady)
                    return;
                var hadStarted = time.GetElapsedTime(started) > Settled;
                pause = hadStarted ? ShortestPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
                Log.Died(logger, code, hadStarted ? "it had been running" : Complaint());
                Recover(pause);
            }
        }
        catch (Exception e)
        {
            Log.Lost(logger, e);
        }
        finally
        {
            ended.TrySetResult();
        }
    }

    Process? StartChild()
    {
        List<string> arguments = ["setpriv"];
        if (place.RunAs is { } user)
            arguments.AddRange(["--reuid=" + user, "--regid=" + user, "--init-groups"]);
        arguments.AddRange(["--pdeathsig", "INT", Path.Combine(place.Binaries, "postgres"), "-D", place.Directory]);
        arguments.AddRange(["-k", place.Sockets, "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "port=5432"]);

        // setsid: Ctrl-C in a terminal goes to the whole process group, and PostgreSQL must hear of it from us, after the listeners have closed.
        // sh only redirects what is said before the log collector runs; exec keeps the process the same, so the pid and PDEATHSIG are PostgreSQL's.
        var info = new ProcessStartInfo("setsid", ["sh", "-c", "exec \"$@\" >\"$START_LOG\" 2>&1 </dev/null", "sh", .. arguments]) { WorkingDirectory = "/" };
        info.Environment["START_LOG"] = StartLog;
        info.Environment["LC_ALL"] = "C.UTF-8";
        info.Environment["TZ"] = "UTC";
        lock (guard)
        {
            if (stopping.Task.IsCompleted)
                return null;
            child = Process.Start(info);
            return child;
        }
    }

    // On the thread that must not end; waits for the old back ends, whose shared memory would stop a new postmaster from starting.
    void Recover(TimeSpan pause)
    {
        var waiting = file.WaitUntilGoneAsync(logger, time, TimeSpan.FromSeconds(60), CancellationToken.None);
        waiting.ContinueWith(static _ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
        if (waiting.IsFaulted)
            Log.Lost(logger, waiting.Exception);
        stopping.Task.Wait(pause);
    }

    void RemoveSockets()
    {
        try
        {
            System.IO.Directory.Delete(place.Sockets);
        }
        catch (IOException)
        {
            // Not empty: PostgreSQL didn't end cleanly. The next start clears it.
        }
    }

    string Complaint()
    {
        try
        {
            return ClusterMaker.OneLine(File.ReadAllText(StartLog)) is { Length: > 0 } text ? text : "it said nothing";
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "PostgreSQL ended by itself (exit code {Code}: {Why}); starting it again")]
        public static partial void Died(ILogger logger, int code, string why);

        [LoggerMessage(Level = LogLevel.Critical, Message = "PostgreSQL can't be started again")]
        public static partial void Lost(ILogger logger, Exception? exception);

        [LoggerMessage(Level = LogLevel.Warning, Message = "PostgreSQL in {Directory} is still recovering")]
        public static partial void StillStarting(ILogger logger, string directory);

        [LoggerMessage(Level = LogLevel.Warning, Message = "PostgreSQL in {Directory} is still shutting down")]
        public static partial void StillStopping(ILogger logger, string directory);
    }
}
