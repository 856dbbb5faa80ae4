using System.Globalization;

namespace Webmail.MailCore.Data.Cluster;

/// <summary>Who holds the data directory, for messages only: the lock itself is the truth.</summary>
internal sealed record DataDirectoryHolder(int ProcessId, ClusterUse Use);

/// <summary>
/// The two locks of a data directory (flock, by .NET's file sharing; the kernel drops them with the process, kill -9 included).
/// <c>webmail.lock</c>: exclusive, its holder owns the cluster. <c>webmail.users</c>: shared by those who use an owner's cluster;
/// taken exclusively by the owner for good before it stops PostgreSQL, so that nobody joins a cluster that goes away.
/// </summary>
public sealed class DataDirectoryLock : IDisposable
{
    readonly string directory;
    readonly FileStream file;
    FileStream? closed;

    DataDirectoryLock(string directory, FileStream file)
    {
        this.directory = directory;
        this.file = file;
    }

    static string OwnerPath(string directory) => Path.Combine(directory, "webmail.lock");

    static string HolderPath(string directory) => Path.Combine(directory, "webmail.pid");

    static string UsersPath(string directory) => Path.Combine(directory, "webmail.users");

    /// <summary>Makes the directory: closed to others, but for root, where the user postgres must pass through it.</summary>
    /// <exception cref="LocalPostgresException">It can't be made or written.</exception>
    public static void Prepare(string directory)
    {
        try
        {
            if (!System.IO.Directory.Exists(directory))
                System.IO.Directory.CreateDirectory(directory, Environment.IsPrivilegedProcess ? Modes.Passable : Modes.Private);
            using var probe = new FileStream(UsersPath(directory), FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read | FileShare.Write);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException && !IsTaken(e))
        {
            throw new LocalPostgresException(
                $"The data directory {directory} can't be used ({e.Message.TrimEnd('.')}): run as the user that owns it, or set Webmail__DataDirectory to another directory.", e);
        }
    }

    /// <summary>Null: somebody else owns it.</summary>
    public static DataDirectoryLock? TryOwn(string directory, ClusterUse use)
    {
        if (TryOpen(OwnerPath(directory), FileAccess.ReadWrite, FileShare.None) is not { } owned)
            return null;
        File.WriteAllText(HolderPath(directory), string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {use}\n"));
        return new(directory, owned);
    }

    /// <summary>Null: the owner is about to stop, or there was never one.</summary>
    public static DataDirectoryLock? TryJoin(string directory) =>
        TryOpen(UsersPath(directory), FileAccess.Read, FileShare.Read) is { } shared ? new(directory, shared) : null;

    internal static DataDirectoryHolder? Holder(string directory)
    {
        try
        {
            var words = File.ReadAllText(HolderPath(directory)).Split(' ', StringSplitOptions.TrimEntries);
            return words.Length == 2 && int.TryParse(words[0], CultureInfo.InvariantCulture, out var pid) && Enum.TryParse<ClusterUse>(words[1], out var use)
                ? new(pid, use)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>True when somebody (us included) owns the directory now.</summary>
    public static bool IsOwned(string directory)
    {
        if (!File.Exists(OwnerPath(directory)))
            return false;
        using var free = TryOpen(OwnerPath(directory), FileAccess.ReadWrite, FileShare.None);
        return free is null;
    }

    /// <summary>Closes the door to new users and waits for those inside, at most so long.</summary>
    internal async Task WaitForUsersAsync(TimeSpan grace)
    {
        var until = Environment.TickCount64 + (long)grace.TotalMilliseconds;
        while ((closed = TryOpen(UsersPath(directory), FileAccess.ReadWrite, FileShare.None)) is null && Environment.TickCount64 < until)
            await Task.Delay(20);
    }

    public void Dispose()
    {
        closed?.Dispose();
        file.Dispose();
    }

    static FileStream? TryOpen(string path, FileAccess access, FileShare share)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, access, share, bufferSize: 0);
        }
        catch (IOException e) when (IsTaken(e))
        {
            return null;
        }
    }

    // EWOULDBLOCK of flock, as .NET reports it: a plain IOException with the errno in HResult.
    static bool IsTaken(Exception e) => e is IOException { HResult: 11 } and not FileNotFoundException and not DirectoryNotFoundException;
}

/// <summary>File modes of what we make.</summary>
internal static class Modes
{
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>0711: others may pass through and see nothing.</summary>
    public const UnixFileMode Passable = Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
