using Microsoft.EntityFrameworkCore;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Directory;

/// <summary>
/// Follows one recipient to its ends, a level of aliases a step. Every row is visited once, so a loop (refused when written, but two writers may have
/// made one together) ends by itself; so does the tenth level.
/// </summary>
internal sealed class AddressWalk(DbContext db, Func<string, CancellationToken, ValueTask<bool>> isOurs)
{
    internal const int MaxLevels = 10;
    private const int MaxTargets = 10_000;

    private readonly Dictionary<long, LocalTarget> _local = [];
    private readonly Dictionary<string, EmailAddress> _outside = new(StringComparer.Ordinal);
    private readonly HashSet<string> _visited = new(StringComparer.Ordinal);
    private bool _sawDisabled;

    /// <param name="recipient">An address in one of our domains.</param>
    public async Task<Resolution> RunAsync(EmailAddress recipient, CancellationToken ct)
    {
        var alwaysTake = AddressKeys.IsRole(recipient);
        List<EmailAddress> level = [recipient];
        for (var depth = 0; depth <= MaxLevels && level.Count > 0; depth++)
            level = await StepAsync(level, alwaysTake, ct);
        if (_local.Count == 0 && _outside.Count == 0)
            return Resolution.None(_sawDisabled ? ResolutionKind.Disabled : ResolutionKind.UnknownUser);
        return new(ResolutionKind.Found, [.. _local.Values], [.. _outside.Values]);
    }

    private async Task<List<EmailAddress>> StepAsync(List<EmailAddress> level, bool alwaysTake, CancellationToken ct)
    {
        var ours = new List<EmailAddress>();
        foreach (var address in level)
        {
            if (await isOurs(address.Domain, ct))
                ours.Add(address);
            else
                _outside[address.Key] = address;
        }

        var rows = await FindAsync(ours, ct);
        var next = new List<EmailAddress>();
        foreach (var address in ours)
        {
            if (await RowForAsync(address, rows, ct) is not { } row || !_visited.Add(row.Key))
                continue;
            if (row.Account is { } account)
                Arrive(account, alwaysTake);
            else
                next.AddRange(row.Targets!.Select(EmailAddress.TryParse).OfType<EmailAddress>().Take(MaxTargets - _local.Count - next.Count));
        }

        return next;
    }

    /// <summary>The row that an address of ours leads to first: null when there is none.</summary>
    public async Task<AddressRow?> RowForAsync(EmailAddress address, CancellationToken ct) => await RowForAsync(address, await FindAsync([address], ct), ct);

    private async Task<Dictionary<string, AddressRow>> FindAsync(List<EmailAddress> addresses, CancellationToken ct)
    {
        if (addresses.Count == 0)
            return [];
        var keys = addresses.SelectMany(AddressKeys.Of).Concat(addresses.Select(a => AddressKeys.CatchAll(a.Domain))).Distinct(StringComparer.Ordinal).ToArray();
        return await db.Set<AddressRow>().AsNoTracking().Include(a => a.Account).Where(a => keys.Contains(a.Key)).ToDictionaryAsync(a => a.Key, StringComparer.Ordinal, ct);
    }

    private async Task<AddressRow?> RowForAsync(EmailAddress address, Dictionary<string, AddressRow> rows, CancellationToken ct)
    {
        foreach (var key in AddressKeys.Of(address))
        {
            if (rows.TryGetValue(key, out var row))
                return row;
        }

        return AddressKeys.IsRole(address) && await FirstAdministratorAsync(db, ct) is { } administrator
            ? administrator
            : rows.GetValueOrDefault(AddressKeys.CatchAll(address.Domain));
    }

    /// <summary>Who gets postmaster's and abuse's mail unless an address of that name says otherwise.</summary>
    public static Task<AddressRow?> FirstAdministratorAsync(DbContext db, CancellationToken ct) =>
        db.Set<AddressRow>().AsNoTracking().Include(a => a.Account)
            .Where(a => a.Account!.IsAdministrator && !a.Account.IsDisabled)
            .OrderBy(a => a.AccountId)
            .FirstOrDefaultAsync(ct);

    private void Arrive(AccountRow account, bool alwaysTake)
    {
        if (account.IsDisabled)
            _sawDisabled = true;
        else
            _local[account.AccountId] = new(new(account.AccountId), EmailAddress.Parse($"{account.Local}@{account.Domain}"), alwaysTake);
    }
}
