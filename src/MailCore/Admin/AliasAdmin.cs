using Microsoft.EntityFrameworkCore;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Data;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Admin;

/// <param name="Address">"@domain" for a catch-all.</param>
public sealed record AliasInfo(string Address, IReadOnlyList<string> Targets, DateTimeOffset CreatedAt);

public sealed record AliasQuery
{
    public string? Domain { get; init; }

    /// <summary>Part of the alias or of one of its targets.</summary>
    public string? Search { get; init; }

    public string? After { get; init; }

    public int Limit { get; init; } = 100;
}

/// <summary>
/// Aliases: one address to local users, to several, to outside addresses; "@domain" takes what nothing else takes. An alias named postmaster or abuse says
/// who gets that domain's.
/// </summary>
public sealed class AliasAdmin
{
    private readonly DirectoryReader _reader;
    private readonly DirectoryWriter _writer;
    private readonly AdminRights _rights;
    private readonly TimeProvider _time;

    internal AliasAdmin(DirectoryReader reader, DirectoryWriter writer, AdminRights rights, TimeProvider time)
    {
        _reader = reader;
        _writer = writer;
        _rights = rights;
        _time = time;
    }

    /// <exception cref="MailException">
    /// Invalid (not an address, or it would lead back to itself), NotFound (the domain, or a local target), AlreadyExists, LimitReached, NoPermission
    /// </exception>
    public async Task<AliasInfo> AddAsync(Principal actor, string address, IReadOnlyList<string> targets, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        var (key, local, domain) = ReadAlias(address);
        return await _writer.WriteAsync(
            async db =>
            {
                if (!await db.Set<DomainRow>().AnyAsync(d => d.Name == domain, ct))
                    throw new MailException(MailError.NotFound, $"{domain} is not a domain of this server");
                if (await db.Set<AddressRow>().AnyAsync(a => a.Key == key, ct))
                    throw new MailException(MailError.AlreadyExists, $"{address} exists already");
                var row = new AddressRow { Key = key, Local = local, Domain = domain, Targets = await AliasTargets.ReadAsync(db, targets, ct), CreatedAt = _time.GetUtcNow() };
                db.Add(row);
                await db.SaveAsync(ct);
                await AliasTargets.RefuseLoopAsync(db, row, ct);
                return Info(row);
            },
            ct);
    }

    /// <summary>Gives an alias other targets.</summary>
    /// <exception cref="MailException">Invalid, NotFound, LimitReached, NoPermission</exception>
    public async Task<AliasInfo> SetAsync(Principal actor, string address, IReadOnlyList<string> targets, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        return await _writer.WriteAsync(
            async db =>
            {
                var row = await GetAsync(db, address, ct);
                row.Targets = await AliasTargets.ReadAsync(db, targets, ct);
                await db.SaveAsync(ct);
                await AliasTargets.RefuseLoopAsync(db, row, ct);
                return Info(row);
            },
            ct);
    }

    /// <summary>By address.</summary>
    public async Task<Page<AliasInfo>> ListAsync(Principal actor, AliasQuery query, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        var limit = Math.Clamp(query.Limit, 1, Page<AliasInfo>.MaxLimit);
        var (items, next) = Page<AddressRow>.Of(await _reader.ReadAsync(db => Matching(db, query).Take(limit + 1).ToListAsync(ct), ct), limit, a => a.Key);
        return new([.. items.Select(Info)], next);
    }

    private static IQueryable<AddressRow> Matching(MailDbContext db, AliasQuery query)
    {
        var rows = db.Set<AddressRow>().AsNoTracking().Where(a => a.AccountId == null);
        if (query.Domain is { } domain)
        {
            var name = EmailAddress.NormaliseDomain(domain);
            rows = rows.Where(a => a.Domain == name);
        }

        if (query.Search is { Length: > 0 } search)
        {
            var pattern = $"%{Like.Escape(search)}%";
            rows = rows.Where(a => EF.Functions.ILike(a.Key, pattern, Like.EscapeWith) || a.Targets!.Any(t => EF.Functions.ILike(t, pattern, Like.EscapeWith)));
        }

        if (query.After is { } after)
            rows = rows.Where(a => a.Key.CompareTo(after) > 0);
        return rows.OrderBy(a => a.Key);
    }

    public async Task<AliasInfo?> FindAsync(Principal actor, string address, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        var key = ReadAlias(address).Key;
        return await _reader.ReadAsync(db => db.Set<AddressRow>().AsNoTracking().FirstOrDefaultAsync(a => a.Key == key && a.AccountId == null, ct), ct) is { } row
            ? Info(row)
            : null;
    }

    /// <summary>Other aliases that led to it lose that target; one left without targets goes too.</summary>
    /// <exception cref="MailException">NotFound, NoPermission</exception>
    public async Task RemoveAsync(Principal actor, string address, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        await _writer.WriteAsync(
            async db =>
            {
                var row = await GetAsync(db, address, ct);
                db.Remove(row);
                if (AddressKeys.AddressOf(row) is { } removed)
                    await AliasTargets.ForgetAsync(db, removed, ct);
                return true;
            },
            ct);
    }

    private static async Task<AddressRow> GetAsync(MailDbContext db, string address, CancellationToken ct)
    {
        var key = ReadAlias(address).Key;
        return await db.Set<AddressRow>().FirstOrDefaultAsync(a => a.Key == key && a.AccountId == null, ct)
            ?? throw new MailException(MailError.NotFound, $"There is no alias {address}");
    }

    private static (string Key, string Local, string Domain) ReadAlias(string text)
    {
        if (text.StartsWith('@'))
        {
            var domain = EmailAddress.NormaliseDomain(text[1..]) ?? throw new MailException(MailError.Invalid, $"'{text[1..]}' is not a domain name");
            return (AddressKeys.CatchAll(domain), "", domain);
        }

        var address = UserAdmin.ReadAddress(text);
        return (address.Key, address.Local, address.Domain);
    }

    private static AliasInfo Info(AddressRow row) => new(row.Local.Length == 0 ? row.Key : $"{row.Local}@{row.Domain}", row.Targets!, row.CreatedAt);
}
