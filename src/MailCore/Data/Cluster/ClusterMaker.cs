using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Webmail.MailCore.Data.Cluster;

/// <summary>
/// Makes what is missing: the cluster (initdb into a neighbour directory, renamed when whole, so that a crash leaves no half cluster), its
/// settings, the socket's directory and the database.
/// </summary>
internal static partial class ClusterMaker
{
    const string OurSettings = "webmail.conf";

    public static async Task MakeAsync(ClusterPlace place, ILogger logger, CancellationToken ct)
    {
        await OwnDirectoryAsync(place, place.Sockets, ct);
        if (!File.Exists(Path.Combine(place.Directory, "PG_VERSION")))
            await InitAsync(place, logger, ct);
        await WriteSettingsAsync(place, ct);
    }

    static async Task InitAsync(ClusterPlace place, ILogger logger, CancellationToken ct)
    {
        if (System.IO.Directory.Exists(place.Directory) && System.IO.Directory.EnumerateFileSystemEntries(place.Directory).Any())
            throw new LocalPostgresException($"{place.Directory} isn't empty and holds no PostgreSQL cluster: move it away.");
        var fresh = place.Directory + ".new";
        if (System.IO.Directory.Exists(fresh))
            System.IO.Directory.Delete(fresh, recursive: true);
        await OwnDirectoryAsync(place, fresh, ct);

        Log.Making(logger, place.Directory, place.Version);
        List<string> arguments = [
            "-D", fresh, "-U", "webmail", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--auth-local=trust", "--auth-host=reject",
        ];
        var made = await Tool.RunAsync(AsUser(place, Path.Combine(place.Binaries, "initdb"), arguments, out var all), all, ct);
        if (!made.Ok)
            throw new LocalPostgresException($"initdb failed: {OneLine(made.Output)}");
        await File.AppendAllTextAsync(
            Path.Combine(fresh, "postgresql.conf"),
            $"\n# webmail.conf is written anew at each start; what you want otherwise goes into local.conf, which has the last word.\ninclude_if_exists = '{OurSettings}'\ninclude_if_exists = 'local.conf'\n", ct);
        if (System.IO.Directory.Exists(place.Directory))
            System.IO.Directory.Delete(place.Directory);
        System.IO.Directory.Move(fresh, place.Directory);
    }

    // Written aside and renamed: the directory belongs to another user, whose symbolic link we must not follow.
    static async Task WriteSettingsAsync(ClusterPlace place, CancellationToken ct)
    {
        var text = Settings(place.Version);
        var path = Path.Combine(place.Directory, OurSettings);
        if (File.Exists(path) && string.Equals(await File.ReadAllTextAsync(path, ct), text, StringComparison.Ordinal))
            return;
        var aside = Path.Combine(place.Directory, "." + OurSettings + "." + Guid.NewGuid().ToString("N"));
        await using (var stream = new FileStream(aside, FileMode.CreateNew))
        await using (var writer = new StreamWriter(stream))
            await writer.WriteAsync(text.AsMemory(), ct);
        File.SetUnixFileMode(aside, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.Move(aside, path, overwrite: true);
    }

    static string Settings(int version)
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20;
        var buffers = Math.Clamp(memory / 8, 64, 256);
        return string.Create(CultureInfo.InvariantCulture, $"""
            # Written by webmail at each start: put your own settings into local.conf.
            # What was acknowledged is on disk: these three are never off.
            fsync = on
            full_page_writes = on
            synchronous_commit = on
            shared_buffers = {buffers}MB
            max_connections = 200
            max_wal_size = 2GB
            wal_compression = {(version >= 15 ? "lz4" : "on")}
            checkpoint_timeout = 15min
            jit = off
            random_page_cost = 1.1
            autovacuum_naptime = 20s
            idle_in_transaction_session_timeout = 5min
            # One file a weekday, overwritten a week later.
            logging_collector = on
            log_directory = 'log'
            log_filename = 'postgresql-%a.log'
            log_rotation_age = 1d
            log_rotation_size = 0
            log_truncate_on_rotation = on
            log_line_prefix = '%m [%p] '
            log_checkpoints = off
            log_timezone = 'UTC'
            timezone = 'UTC'

            """);
    }

    /// <summary>The database, made when it isn't there. A crash after initdb leaves a cluster without one.</summary>
    public static async Task MakeDatabaseAsync(ClusterPlace place, CancellationToken ct)
    {
        if (await AnswersAsync(place, ct))
            return;
        await using var connection = new NpgsqlConnection(place.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand("create database webmail", connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>True when the database answers; false when it isn't there, or PostgreSQL starts, stops or is away.</summary>
    public static async Task<bool> AnswersAsync(ClusterPlace place, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(place.ConnectionString("webmail") + ";Pooling=false");
        try
        {
            await connection.OpenAsync(ct);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.CannotConnectNow)
        {
            return false;
        }
        catch (NpgsqlException e) when (e is not PostgresException)
        {
            return false;
        }
    }

    // /tmp and /run are shared: a directory of that name that is somebody else's is not ours to use.
    static async Task OwnDirectoryAsync(ClusterPlace place, string directory, CancellationToken ct)
    {
        if (new DirectoryInfo(directory).LinkTarget is not null)
            throw new LocalPostgresException($"{directory} is a symbolic link and not ours: remove it.");
        List<string> arguments = place.RunAs is { } user ? ["-d", "-m", "0700", "-o", user, "-g", user, directory] : ["-d", "-m", "0700", directory];
        var made = await Tool.RunAsync("install", arguments, ct);
        if (!made.Ok)
            throw new LocalPostgresException($"The directory {directory} can't be made ours: {OneLine(made.Output)}");
    }

    /// <summary>The program to run and its arguments, as the cluster's user where we are root.</summary>
    static string AsUser(ClusterPlace place, string program, List<string> arguments, out List<string> all)
    {
        if (place.RunAs is not { } user)
        {
            all = arguments;
            return program;
        }

        all = ["--reuid=" + user, "--regid=" + user, "--init-groups", program, .. arguments];
        return "setpriv";
    }

    internal static string OneLine(string text) => string.Join(" / ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(4));

    static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Making a new database in {Directory} (PostgreSQL {Version})")]
        public static partial void Making(ILogger logger, string directory, int version);
    }
}
