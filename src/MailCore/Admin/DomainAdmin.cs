using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Data;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Admin;

/// <param name="Name">With U-labels.</param>
/// <param name="AsciiName">With A-labels.</param>
public sealed record DomainInfo(string Name, string AsciiName, string DkimSelector, int Users, int Aliases, DateTimeOffset CreatedAt);

/// <summary>The domains of this server. A domain brings its DKIM key; postmaster@ and abuse@ exist in it at once.</summary>
public sealed class DomainAdmin
{
    private readonly DirectoryReader _reader;
    private readonly DirectoryWriter _writer;
    private readonly AdminRights _rights;
    private readonly UserAdmin _users;
    private readonly TimeProvider _time;

    internal DomainAdmin(DirectoryReader reader, DirectoryWriter writer, AdminRights rights, UserAdmin users, TimeProvider time)
    {
        _reader = reader;
        _writer = writer;
        _rights = rights;
        _users = users;
        _time = time;
    }

    /// <exception cref="MailException">Invalid, AlreadyExists, NoPermission</exception>
    public async Task<DomainInfo> AddAsync(Principal actor, string name, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        var domain = NewDomain(name, _time.GetUtcNow());
        await _writer.WriteAsync(
            async db =>
            {
                if (await db.Set<DomainRow>().AnyAsync(d => d.Name == domain.Name, ct))
                    throw new MailException(MailError.AlreadyExists, $"{domain.Name} is a domain of this server already");
                return db.Add(domain);
            },
            ct);
        return new(domain.Name, domain.AsciiName, domain.DkimSelector, 0, 0, domain.CreatedAt);
    }

    /// <summary>All domains by name.</summary>
    public async Task<IReadOnlyList<DomainInfo>> ListAsync(Principal actor, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        return await _reader.ReadAsync(db => Infos(db, db.Set<DomainRow>()).ToListAsync(ct), ct);
    }

    public async Task<DomainInfo?> FindAsync(Principal actor, string name, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        var domain = EmailAddress.NormaliseDomain(name);
        return await _reader.ReadAsync(db => Infos(db, db.Set<DomainRow>().Where(d => d.Name == domain)).FirstOrDefaultAsync(ct), ct);
    }

    /// <param name="withUsers">Remove its users with all their mail, and its aliases, too. Each user goes by itself: after a failure the same call goes on.</param>
    /// <exception cref="MailException">NotFound, NoPermission; InUse: it has users or aliases and <paramref name="withUsers"/> is false; or the last administrator</exception>
    public async Task RemoveAsync(Principal actor, string name, bool withUsers, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        if (await FindAsync(actor, name, ct) is not { } domain)
            throw new MailException(MailError.NotFound, $"{name} is not a domain of this server");
        if (!withUsers && domain.Users + domain.Aliases > 0)
            throw new MailException(MailError.InUse, $"{domain.Name} still has {domain.Users} users and {domain.Aliases} aliases");
        if (withUsers)
            await _users.RemoveAllAsync(actor, domain.Name, ct);

        await _writer.WriteAsync(
            async db =>
            {
                if (await db.Set<AccountRow>().AnyAsync(a => a.Domain == domain.Name, ct))
                    throw new MailException(MailError.InUse, $"A user was added to {domain.Name} meanwhile");
                if (!withUsers && await db.Set<AddressRow>().AnyAsync(a => a.Domain == domain.Name, ct))
                    throw new MailException(MailError.InUse, $"An alias was added to {domain.Name} meanwhile");
                await AliasTargets.ForgetDomainAsync(db, domain.Name, ct);
                await db.Set<AddressRow>().Where(a => a.Domain == domain.Name).ExecuteDeleteAsync(ct);
                return await db.Set<DomainRow>().Where(d => d.Name == domain.Name).ExecuteDeleteAsync(ct);
            },
            ct);
    }

    /// <exception cref="MailException">Invalid</exception>
    internal static DomainRow NewDomain(string name, DateTimeOffset now)
    {
        if (EmailAddress.NormaliseDomain(name) is not { } domain || domain.StartsWith('[') || EmailAddress.TryParse($"a@{domain}") is not { } probe)
            throw new MailException(MailError.Invalid, $"'{name}' is not a domain name");
        using var key = RSA.Create(2048);
        return new()
        {
            Name = domain,
            AsciiName = probe.AsciiDomain,

            // The day in the selector: a later key stands beside this one in DNS (RFC 6376 section 3.1).
            DkimSelector = $"s{now:yyyyMMdd}",
            DkimPrivateKey = key.ExportPkcs8PrivateKeyPem(),
            CreatedAt = now,
        };
    }

    private static IQueryable<DomainInfo> Infos(MailDbContext db, IQueryable<DomainRow> domains) => domains.AsNoTracking().OrderBy(d => d.Name).Select(d => new DomainInfo(
        d.Name,
        d.AsciiName,
        d.DkimSelector,
        db.Set<AccountRow>().Count(a => a.Domain == d.Name),
        db.Set<AddressRow>().Count(a => a.Domain == d.Name && a.AccountId == null),
        d.CreatedAt));
}
