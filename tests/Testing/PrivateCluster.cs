using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Webmail.Testing;

/// <summary>
/// A PostgreSQL cluster of this test process alone, in memory where there is room, else in the temporary directory. It ends with the last test
/// (<see cref="ClusterEnd"/>), and with the process, however that ends.
/// </summary>
internal static class PrivateCluster
{
    private const string Prefix = "webmail-pg-";
    private const string SharedMemory = "/dev/shm";

    // Some 8 MB a database of a running test, as much WAL as max_wal_size, and room for others.
    private const long RoomNeeded = 3L << 30;

    private static (Process Server, string Directory)? _running;

    public static async Task<string> StartAsync()
    {
        RemoveLeftovers();
        var directory = Path.Combine(Place(), Prefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        var data = Path.Combine(directory, "data");
        Directory.CreateDirectory(directory);
        if (IsRoot)
            await RunAsync("chown", "postgres:postgres", directory);
        var bin = BinDirectory();
        await RunAsync(AsPostgres([Path.Combine(bin, "initdb"), "-D", data, "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "-A", "trust", "-U", "postgres"]));
        StartServer(bin, data, directory);
        var connection = $"Host={directory};Username=postgres;Database=postgres";
        await WaitAsync(connection);
        return connection;
    }

    /// <summary>Ends the cluster at once: nobody will read what it holds.</summary>
    public static async Task StopAsync()
    {
        if (_running is not var (server, directory))
            return;
        _running = null;
        await RunAsync("kill", "-QUIT", server.Id.ToString(CultureInfo.InvariantCulture));
        await server.WaitForExitAsync();
        Remove(directory);
    }

    private static string Place() =>
        Directory.Exists(SharedMemory) && new DriveInfo(SharedMemory).AvailableFreeSpace > RoomNeeded ? SharedMemory : Path.GetTempPath();

    private static bool IsRoot => Environment.UserName == "root";

    // PR_SET_PDEATHSIG belongs to the thread that forks: the child starts from a thread that lives as long as this process. setsid keeps Ctrl-C from it.
    private static void StartServer(string bin, string data, string directory)
    {
        string[] command =
        [
            Path.Combine(bin, "postgres"), "-D", data, "-k", directory, "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700",
            "-c", "max_connections=400", "-c", "shared_buffers=128MB", "-c", "max_wal_size=512MB", "-c", "jit=off", "-c", "random_page_cost=1.1",
        ];
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                var process = Start(AsPostgres(command), log: Path.Combine(directory, "log"));
                started.SetResult(process);
                process.WaitForExit();
            }
            catch (Exception e)
            {
                started.TrySetException(e);
            }
        })
        {
            IsBackground = true,
            Name = "postgres",
        };
        thread.Start();
        _running = (started.Task.GetAwaiter().GetResult(), directory);
    }

    private static void RemoveLeftovers()
    {
        string[] places = Directory.Exists(SharedMemory) ? [SharedMemory, Path.GetTempPath()] : [Path.GetTempPath()];
        foreach (var directory in places.SelectMany(p => Directory.EnumerateDirectories(p, Prefix + "*")))
        {
            if (!Directory.Exists($"/proc/{Path.GetFileName(directory)[Prefix.Length..]}"))
                Remove(directory);
        }
    }

    private static void Remove(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another run is removing it, or it belongs to another user.
        }
    }

    // postgres refuses to run as root.
    private static string[] AsPostgres(string[] command) => IsRoot
        ? ["setsid", "setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig", "INT", .. command]
        : ["setsid", "setpriv", "--pdeathsig", "INT", .. command];

    private static string BinDirectory() =>
        Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin"))
            .Where(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres")))
            .OrderByDescending(d => int.Parse(Path.GetFileName(Path.GetDirectoryName(d)!), CultureInfo.InvariantCulture))
            .FirstOrDefault() ?? throw new InvalidOperationException("PostgreSQL's server binaries are missing: apt-get install postgresql");

    private static async Task WaitAsync(string connectionString)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (tries < 400)
            {
                await Task.Delay(25);
            }
        }
    }

    private static async Task RunAsync(params string[] command)
    {
        using var process = Start(command, log: null);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{command[0]} … {command[^1]} ended with {process.ExitCode}");
    }

    private static Process Start(string[] command, string? log)
    {
        string[] arguments = ["-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", log ?? "/dev/null", .. command];
        return Process.Start(new ProcessStartInfo("/bin/sh", arguments) { WorkingDirectory = "/" })
            ?? throw new InvalidOperationException($"{command[0]} did not start");
    }
}
