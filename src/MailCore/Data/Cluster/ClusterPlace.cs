using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Webmail.MailCore.Data.Cluster;

/// <summary>Where a data directory's cluster, its socket and its binaries are, and whose they are.</summary>
/// <param name="Directory">PGDATA, its real path: PostgreSQL's processes stand in it.</param>
/// <param name="Sockets">The socket's directory: short (a socket's path ends at 107 bytes), mode 0700, named by a hash of the data directory.</param>
/// <param name="Binaries">Where initdb and postgres are.</param>
/// <param name="RunAs">"postgres" where we are root, which PostgreSQL refuses; else null.</param>
/// <param name="IsElsewhere">The cluster isn't inside the data directory.</param>
internal sealed record ClusterPlace(string Directory, string Sockets, string Binaries, int Version, string? RunAs, bool IsElsewhere)
{
    const string Account = "postgres";
    const string Fallback = "/var/lib/webmail";

    /// <summary>Remembers a cluster that stands elsewhere, so that moving the data directory doesn't lose it: cluster, then the data directory's path.</summary>
    const string PointerName = "postgres.location";

    public string ConnectionString(string database) => ConnectionString(Sockets, database);

    // A connection is a process of some 3 MB: more than the cores can use only makes a burst larger. Jobs and the listener hold a few for long.
    static readonly int PoolSize = Math.Clamp(8 + 8 * Environment.ProcessorCount, 24, 80);

    static string ConnectionString(string sockets, string database) => string.Create(
        CultureInfo.InvariantCulture,
        $"Host={sockets};Username=webmail;Database={database};Maximum Pool Size={PoolSize};Connection Idle Lifetime=60;No Reset On Close=true;Application Name=webmail");

    public static async Task<ClusterPlace> FindAsync(string dataDirectory, CancellationToken ct)
    {
        var real = RealPath(dataDirectory);
        var runAs = Environment.IsPrivilegedProcess ? Account : null;
        if (runAs is not null && !(await Tool.RunAsync("id", ["-u", Account], ct)).Ok)
            throw new LocalPostgresException(
                "PostgreSQL isn't installed: run ./run once as root (it installs it), or `apt-get install postgresql`, or set ConnectionStrings__Webmail.");
        var cluster = await ChooseAsync(real, runAs, ct);
        var (binaries, version) = PostgresBinaries.Find(cluster);
        return new(cluster, SocketsOf(real), binaries, version, runAs, !cluster.StartsWith(real + "/", StringComparison.Ordinal));
    }

    /// <summary>The place as its running postmaster says it; null when there is none.</summary>
    public static Task<ClusterPlace?> FindRunningAsync(string dataDirectory, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var real = RealPath(dataDirectory);
        foreach (var cluster in new[] { Path.Combine(real, "postgres"), Pointed(real) })
        {
            if (cluster is null || PostmasterFile.ReadReady(cluster) is not { } sockets)
                continue;
            return Task.FromResult<ClusterPlace?>(new(cluster, sockets, "", 0, null, !cluster.StartsWith(real + "/", StringComparison.Ordinal)));
        }

        return Task.FromResult<ClusterPlace?>(null);
    }

    static async Task<string> ChooseAsync(string real, string? runAs, CancellationToken ct)
    {
        var inside = Path.Combine(real, "postgres");
        if (runAs is null)
            return inside;
        var pointed = Pointed(real);
        if (!File.Exists(Path.Combine(inside, "PG_VERSION")) && pointed is not null && File.Exists(Path.Combine(pointed, "PG_VERSION")))
            return pointed;
        if ((await Tool.RunAsync("setpriv", ["--reuid=" + runAs, "--regid=" + runAs, "--init-groups", "test", "-x", real], ct)).Ok)
            return inside;
        if (File.Exists(Path.Combine(inside, "PG_VERSION")))
            throw new LocalPostgresException(
                $"The database in {inside} can't be reached by the user {runAs}: give others the right to pass (chmod o+x) on every directory above it.");

        var elsewhere = Path.Combine(Fallback, Hash(real), "postgres");
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(elsewhere)!, Modes.Passable);
        await File.WriteAllTextAsync(Path.Combine(real, PointerName), $"{elsewhere}\n{real}\n", ct);
        return elsewhere;
    }

    // A copied data directory must not share its original's cluster; a moved one must keep it.
    static string? Pointed(string real)
    {
        var pointer = Path.Combine(real, PointerName);
        if (!File.Exists(pointer))
            return null;
        var lines = File.ReadAllLines(pointer);
        if (lines.Length < 2 || (!string.Equals(lines[1], real, StringComparison.Ordinal) && System.IO.Directory.Exists(lines[1])))
            return null;
        return lines[0];
    }

    static string SocketsOf(string real) =>
        Environment.IsPrivilegedProcess && System.IO.Directory.Exists("/run") ? $"/run/webmail-{Hash(real)}" : $"/tmp/webmail-{Hash(real)}";

    static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16];

    /// <summary>Symbolic links resolved in every component, as /proc shows paths.</summary>
    internal static string RealPath(string path)
    {
        var todo = new Stack<string>(Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var done = "";
        for (var steps = 0; todo.TryPop(out var name); steps++)
        {
            if (name == "..")
            {
                done = done.Length == 0 ? "" : done[..done.LastIndexOf('/')];
                continue;
            }

            var next = done + "/" + name;
            if (name == "." || steps > 400 || new DirectoryInfo(next).LinkTarget is not { } target)
            {
                done = name == "." ? done : next;
                continue;
            }

            if (target.StartsWith('/'))
                done = "";
            foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                todo.Push(part);
        }

        return done.Length == 0 ? "/" : done;
    }
}

/// <summary>Finds PostgreSQL's server binaries: of the cluster's own major version where there is a cluster, else the newest.</summary>
internal static class PostgresBinaries
{
    const string Debian = "/usr/lib/postgresql";
    const int Oldest = 13;

    public static (string Directory, int Version) Find(string cluster)
    {
        var versionFile = Path.Combine(cluster, "PG_VERSION");
        int? wanted = File.Exists(versionFile) ? int.Parse(File.ReadAllText(versionFile).Trim(), CultureInfo.InvariantCulture) : null;
        var found = All().Where(f => wanted is null || f.Version == wanted).OrderByDescending(f => f.Version).FirstOrDefault();
        if (found.Directory is not null)
            return found;
        throw new LocalPostgresException(wanted is null
            ? "PostgreSQL isn't installed: ./run installs it when it may (as root or by sudo), or `apt-get install postgresql`, or set ConnectionStrings__Webmail."
            : $"The database in {cluster} needs PostgreSQL {wanted}, which isn't installed: `apt-get install postgresql-{wanted}`.");
    }

    static IEnumerable<(string Directory, int Version)> All()
    {
        if (!System.IO.Directory.Exists(Debian))
            yield break;
        foreach (var directory in System.IO.Directory.EnumerateDirectories(Debian))
        {
            var bin = Path.Combine(directory, "bin");
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var version) && version >= Oldest
                && File.Exists(Path.Combine(bin, "postgres")) && File.Exists(Path.Combine(bin, "initdb")))
                yield return (bin, version);
        }
    }
}
