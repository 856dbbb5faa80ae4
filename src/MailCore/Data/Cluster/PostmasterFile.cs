using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Webmail.MailCore.Data.Cluster;

/// <summary>
/// postmaster.pid and what /proc says of it. A number in a file proves nothing: the process may be a zombie, or another that got the same
/// number. A process is this cluster's when it isn't a zombie and its working directory is the cluster's (postmaster, back ends, log writer).
/// </summary>
internal sealed partial class PostmasterFile(ClusterPlace place)
{
    string Location => Path.Combine(place.Directory, "postmaster.pid");

    /// <summary>The socket directory of a postmaster that says it is ready; null: none, or not ready. Doesn't look at the process.</summary>
    public static string? ReadReady(string cluster)
    {
        // Line 5 is the first socket directory, line 8 the state, padded with blanks (PostgreSQL's miscadmin.h).
        return ReadLines(cluster) is { Length: >= 8 } lines && lines[7].Trim() == "ready" ? lines[4] : null;
    }

    public bool IsReady(int pid) =>
        ReadLines(place.Directory) is { Length: >= 8 } lines && lines[7].Trim() == "ready" && lines[0].Trim() == pid.ToString(CultureInfo.InvariantCulture);

    static string[]? ReadLines(string cluster)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(cluster, "postmaster.pid"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Waits until no process of the cluster is left, asking a postmaster that nobody owns to shut down, then removes the stale files. We hold
    /// the owner's lock, so a postmaster that runs here has lost its parent. PostgreSQL itself would refuse to start over a stale file whose
    /// number is in use again.
    /// </summary>
    public async Task WaitUntilGoneAsync(ILogger logger, TimeProvider time, TimeSpan patience, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        var asked = 0;
        while (Living() is { } pid)
        {
            // Signals only to the postmaster, and only once to each: a back end would be cut off without a word.
            if (PidInFile() is { } master && master != asked && IsOurs(master))
            {
                Log.StillRunning(logger, master);
                Signals.Interrupt(master);
                asked = master;
            }

            if (time.GetElapsedTime(started) > patience)
                throw new LocalPostgresException(
                    $"A PostgreSQL process ({pid}) of {place.Directory} is still running after {patience.TotalSeconds:0} s: wait for it to end, then start again.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, ct);
        }

        File.Delete(Location);
        if (System.IO.Directory.Exists(place.Sockets))
        {
            foreach (var socket in System.IO.Directory.EnumerateFiles(place.Sockets, ".s.PGSQL.*"))
                File.Delete(socket);
        }
    }

    int? PidInFile() =>
        ReadLines(place.Directory) is { Length: > 0 } lines && int.TryParse(lines[0].Trim(), CultureInfo.InvariantCulture, out var pid) ? pid : null;

    // Without a postmaster.pid nothing of the cluster can be running: it is made first and removed last.
    int? Living()
    {
        if (!File.Exists(Location))
            return null;
        foreach (var directory in System.IO.Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var pid) && IsOurs(pid))
                return pid;
        }

        return null;
    }

    bool IsOurs(int pid)
    {
        try
        {
            return string.Equals(new FileInfo($"/proc/{pid}/cwd").LinkTarget, place.Directory, StringComparison.Ordinal) && !IsZombie(pid)
                && File.ReadAllText($"/proc/{pid}/comm").StartsWith("postgres", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    static bool IsZombie(int pid) =>
        File.ReadLines($"/proc/{pid}/status").FirstOrDefault(l => l.StartsWith("State:", StringComparison.Ordinal)) is { } state
        && (state.Contains('Z', StringComparison.Ordinal) || state.Contains('X', StringComparison.Ordinal));

    static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "PostgreSQL (process {Pid}) has lost its server and is still running; waiting for its shutdown")]
        public static partial void StillRunning(ILogger logger, int pid);
    }
}

/// <summary>kill(2) with SIGINT: PostgreSQL's fast shutdown. No other signal is ever sent to it.</summary>
internal static partial class Signals
{
    const int SigInt = 2;

    public static void Interrupt(int pid) => _ = Kill(pid, SigInt);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int pid, int signal);
}
