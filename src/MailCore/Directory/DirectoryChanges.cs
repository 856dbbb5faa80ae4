using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Webmail.MailCore.Data;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Directory;

/// <summary>
/// Tells this node and the others that the directory changed, after the commit. A hint that gets lost delays the others by the cache's five seconds.
/// </summary>
internal sealed class DirectoryChanges(IDbContextFactory<MailDbContext> contexts, DirectoryCache cache)
{
    public const string Channel = "webmail_directory";

    // NOTIFY carries at most 8,000 bytes; an empty payload means any account.
    private const int MaxNamed = 200;

    /// <param name="accounts">Whose rights or state changed: their sessions look whether they may go on.</param>
    public async Task PublishAsync(IReadOnlyCollection<AccountId> accounts, CancellationToken ct)
    {
        var payload = accounts.Count <= MaxNamed ? string.Join(',', accounts) : "";
        Heard(payload);
        await using var db = await contexts.CreateDbContextAsync(ct);
        await db.Database.ExecuteSqlAsync($"select pg_notify({Channel}, {payload})", ct);
    }

    /// <summary>A hint came, from here or from another node.</summary>
    public void Heard(string payload) => cache.Clear();

    /// <summary>The accounts that a hint names; none: it may be any.</summary>
    internal static IReadOnlyList<AccountId> Read(string payload) =>
    [
        .. payload.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? new AccountId(id) : default)
            .Where(id => id != default),
    ];
}
