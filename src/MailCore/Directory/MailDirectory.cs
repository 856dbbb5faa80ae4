using Microsoft.EntityFrameworkCore;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Directory;

/// <summary>
/// The directory in PostgreSQL. An address is one row (<see cref="AddressRow"/>): an account's own or an alias. Answers are remembered for five seconds
/// (<see cref="DirectoryCache"/>), only positive ones. No locks; reads see what was committed.
/// </summary>
internal sealed class MailDirectory(
    DirectoryReader directory, AccountLookup accounts, DirectoryCache cache, WebmailSettings settings) : IDirectory
{
    private readonly string? _hostname = EmailAddress.NormaliseDomain(settings.Hostname);

    public async ValueTask<Resolution> ResolveAsync(EmailAddress recipient, CancellationToken ct)
    {
        var key = recipient.Key;
        if (cache.Resolutions.Find(key) is { } known)
            return known;
        var generation = cache.Resolutions.Generation;
        var resolution = await ResolveUncachedAsync(recipient, ct);
        if (resolution.Kind is ResolutionKind.Found or ResolutionKind.Disabled)
            cache.Resolutions.Add(key, resolution, generation);
        return resolution;
    }

    public async ValueTask<bool> IsLocalDomainAsync(string domain, CancellationToken ct) =>
        EmailAddress.NormaliseDomain(domain) is { } name && await FindDomainAsync(name, ct) is not null;

    public async ValueTask<bool> OwnsAsync(Principal principal, EmailAddress address, CancellationToken ct)
    {
        // Whoever runs the command line on the database could write any message into it anyway.
        if (ReferenceEquals(principal, Principal.LocalConsole) || principal.Address.Equals(address))
            return true;
        if (await FindDomainAsync(address.Domain, ct) is null)
            return false;
        if (principal.IsAdministrator && AddressKeys.IsRole(address))
            return true;
        var keys = AddressKeys.Of(address);
        var rows = await directory.ReadAsync(db => db.Set<AddressRow>().AsNoTracking().Where(a => keys.Contains(a.Key)).ToListAsync(ct), ct);
        var row = rows.MaxBy(a => a.Key.Length);
        return row is not null && (row.AccountId == principal.Account.Value || row.Targets?.Contains(principal.Address.Key, StringComparer.Ordinal) == true);
    }

    public async ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(Principal principal, CancellationToken ct)
    {
        var key = principal.Address.Key;
        var aliases = await directory.ReadAsync(
            db => db.Set<AddressRow>().AsNoTracking().Where(a => a.Targets!.Contains(key)).OrderBy(a => a.Key).ToListAsync(ct), ct);
        List<EmailAddress> all = [principal.Address, .. aliases.Select(AddressKeys.AddressOf).OfType<EmailAddress>()];
        if (principal.IsAdministrator)
            all.AddRange([EmailAddress.Parse($"postmaster@{principal.Address.Domain}"), EmailAddress.Parse($"abuse@{principal.Address.Domain}")]);
        return [.. all.Distinct()];
    }

    public async ValueTask<Principal?> PrincipalAsync(EmailAddress login, CancellationToken ct) =>
        await accounts.FindAsync(login, ct) is { IsDisabled: false } account ? account.ToPrincipal() : null;

    public async ValueTask<DkimKey?> DkimKeyAsync(string domain, CancellationToken ct) =>
        EmailAddress.NormaliseDomain(domain) is { } name && await FindDomainAsync(name, ct) is { } row
            ? new(row.AsciiName, row.DkimSelector, row.DkimPrivateKey)
            : null;

    private async Task<Resolution> ResolveUncachedAsync(EmailAddress recipient, CancellationToken ct)
    {
        if (await FindDomainAsync(recipient.Domain, ct) is not null)
        {
            return await directory.ReadAsync(
                db => new AddressWalk(db, async (domain, token) => await FindDomainAsync(domain, token) is not null).RunAsync(recipient, ct), ct);
        }

        if (settings.RelayDomains.Contains(recipient.Domain, StringComparer.OrdinalIgnoreCase) || settings.RelayDomains.Contains(AsciiOf(recipient), StringComparer.OrdinalIgnoreCase))
            return Resolution.None(ResolutionKind.RelayDomain);
        return AddressKeys.IsRole(recipient) && string.Equals(recipient.Domain, _hostname, StringComparison.Ordinal)
            ? await AtHostnameAsync(ct)
            : Resolution.None(ResolutionKind.NotLocal);
    }

    // RFC 5321 section 4.5.1: postmaster is reachable at every server, also where its own name is no domain of ours.
    private async Task<Resolution> AtHostnameAsync(CancellationToken ct) =>
        await directory.ReadAsync(db => AddressWalk.FirstAdministratorAsync(db, ct), ct) is { Account: { } account }
            ? new(ResolutionKind.Found, [new(new(account.AccountId), EmailAddress.Parse($"{account.Local}@{account.Domain}"), AlwaysTake: true)], [])
            : Resolution.None(ResolutionKind.NotLocal);

    private async ValueTask<DomainRow?> FindDomainAsync(string name, CancellationToken ct)
    {
        if (cache.Domains.Find(name) is { } known)
            return known;
        var generation = cache.Domains.Generation;
        var row = await directory.ReadAsync(db => db.Set<DomainRow>().AsNoTracking().FirstOrDefaultAsync(d => d.Name == name, ct), ct);
        if (row is not null)
            cache.Domains.Add(name, row, generation);
        return row;
    }

    private static string AsciiOf(EmailAddress address) => address.IsLiteral ? address.Domain : address.AsciiDomain;
}
