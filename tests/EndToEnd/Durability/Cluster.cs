using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Webmail.EndToEnd.Durability;

/// <summary>Whom kill -9 hits.</summary>
public enum Victim
{
    /// <summary>The mail server. PostgreSQL loses its parent, and ends by itself.</summary>
    Server,

    /// <summary>PostgreSQL's first process; its other processes notice, and end.</summary>
    Postmaster,

    /// <summary>One of PostgreSQL's processes that serve a connection; PostgreSQL throws out all others and recovers.</summary>
    Backend,

    /// <summary>The mail server and every process of PostgreSQL at once: as near to a power cut as a test comes.</summary>
    Everything,
}

/// <summary>The private PostgreSQL of a server under test, seen from outside.</summary>
internal sealed class Cluster(ServerProcess server)
{
    private string Directory => Path.Combine(server.DataDirectory, "postgres");

    /// <summary>Of its Unix socket, as the postmaster wrote it down.</summary>
    public string ConnectionString =>
        $"Host={File.ReadAllLines(Path.Combine(Directory, "postmaster.pid"))[4]};Username=webmail;Database=webmail;Pooling=false";


    /// <summary>SIGKILL. Says whether there was anybody to kill: between two of its lives PostgreSQL has no processes.</summary>
    public async Task<bool> KillAsync(Victim victim)
    {
        var processes = Processes();
        var chosen = victim switch
        {
            Victim.Postmaster => processes.Where(p => p.IsPostmaster).Take(1),
            Victim.Backend => processes.Where(p => p.IsBackend).OrderBy(_ => Random.Shared.Next()).Take(1),
            Victim.Everything => processes,
            _ => [],
        };
        var found = chosen.ToList();
        if (victim is Victim.Server or Victim.Everything)
            await server.KillAsync();
        foreach (var (pid, _, _) in found)
            Signal(pid);
        return found.Count > 0 || victim == Victim.Server;
    }

    /// <summary>The rows of mail.broken: the invariants that don't hold.</summary>
    public async Task<IReadOnlyList<string>> BrokenAsync()
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select rule || ': account ' || account_id || ', mailbox ' || mailbox_id from mail.broken", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }

    private static void Signal(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It ended by itself meanwhile.
        }
    }

    // PostgreSQL's processes stand in their cluster's directory and say in their command line what they are.
    private List<(int Pid, bool IsPostmaster, bool IsBackend)> Processes()
    {
        var found = new List<(int, bool, bool)>();
        foreach (var directory in System.IO.Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var pid))
                continue;
            try
            {
                if (!string.Equals(new FileInfo(Path.Combine(directory, "cwd")).LinkTarget, Directory, StringComparison.Ordinal))
                    continue;
                var line = File.ReadAllText(Path.Combine(directory, "cmdline")).Replace('\0', ' ');
                found.Add((pid, !line.StartsWith("postgres:", StringComparison.Ordinal), line.StartsWith("postgres: webmail webmail", StringComparison.Ordinal)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has just ended, or it is somebody else's.
            }
        }

        return found;
    }
}
