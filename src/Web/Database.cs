using Webmail.MailCore.Data;
using Webmail.MailCore.Data.Cluster;
using Webmail.MailCore.Settings;

namespace Webmail.Web;

/// <summary>
/// The data directory and the database, held as long as the process needs them: our own cluster where no connection string is set, else only the
/// directory's lock (servers alone: a command beside one needs none).
/// </summary>
internal sealed class Database : IAsyncDisposable
{
    readonly DataDirectoryLock? hold;

    Database(WebmailSettings settings, LocalPostgres? local, DataDirectoryLock? hold)
    {
        Settings = settings;
        Local = local;
        this.hold = hold;
    }

    /// <summary>With the connection string filled in.</summary>
    public WebmailSettings Settings { get; }

    /// <summary>Null: the database is somebody else's.</summary>
    public LocalPostgres? Local { get; }

    /// <summary>Nobody else has brought the schema up to date.</summary>
    public bool MayMigrate => Local is null or { IsOwner: true };

    /// <exception cref="LocalPostgresException">Another server runs here, or PostgreSQL can't be had.</exception>
    public static async Task<Database> OpenAsync(WebmailSettings settings, ClusterUse use, ILoggerFactory log, CancellationToken ct)
    {
        if (settings.ConnectionString is null)
        {
            var local = await LocalPostgres.OpenAsync(
                settings.DataDirectory, use, settings.ShutdownGrace, log.CreateLogger<LocalPostgres>(), TimeProvider.System, ct);
            return new(settings with { ConnectionString = local.ConnectionString }, local, null);
        }

        DataDirectoryLock.Prepare(settings.DataDirectory);
        if (use == ClusterUse.Command)
            return new(settings, null, null);
        return DataDirectoryLock.TryOwn(settings.DataDirectory, use) is { } owned
            ? new(settings, null, owned)
            : throw new LocalPostgresException(
                $"Another server runs on {settings.DataDirectory}: stop it first, or set Webmail__DataDirectory to another directory.");
    }

    public async ValueTask DisposeAsync()
    {
        if (Local is not null)
            await Local.DisposeAsync();
        hold?.Dispose();
    }
}
