using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Directory;

/// <summary>
/// Tells this node and the others, after the commit, that the directory changed: what is remembered goes, and the sessions of the accounts that are named
/// look whether they may go on. A hint that gets lost delays another node by the cache's five seconds.
/// </summary>
internal sealed partial class DirectoryChanges(DirectoryCache cache, ChangeFeed feed, Notifications notifications, ILogger<DirectoryChanges> log) : IHostedService
{
    // NOTIFY carries at most 8,000 bytes.
    private const int MaxNamed = 200;

    private IDisposable? _listening;

    /// <summary>From here on other nodes are heard. A process that starts no services (the command line) reads again after five seconds.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listening = notifications.Listen(Notifications.Directory, Heard, Gap);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _listening?.Dispose();
        return Task.CompletedTask;
    }

    /// <param name="accounts">Whose rights, state or password changed.</param>
    public async Task PublishAsync(IReadOnlyCollection<AccountId> accounts)
    {
        if (accounts.Count == 0)
            await SendAsync([]);
        foreach (var some in accounts.Chunk(MaxNamed))
            await SendAsync(some);
    }

    private async Task SendAsync(AccountId[] accounts)
    {
        var payload = string.Join(',', accounts);
        Heard(payload);
        try
        {
            await notifications.NotifyAsync(Notifications.Directory, payload, CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or MailException)
        {
            // The change itself is on disk.
            LogLost(e);
        }
    }

    private void Heard(string payload)
    {
        cache.Clear();
        foreach (var text in payload.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var account))
                feed.AccountChanged(new(account));
        }
    }

    // What was missed is unknown: sessions find out with their next command, when the cache has been read anew.
    private void Gap() => cache.Clear();

    [LoggerMessage(Level = LogLevel.Warning, Message = "A change of the directory was not announced; other nodes will notice within five seconds")]
    private partial void LogLost(Exception e);
}
