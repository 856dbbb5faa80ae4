using Microsoft.EntityFrameworkCore;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Data;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Admin;

/// <summary>
/// The users of this server. Every change of password, rights or state raises the credential's version: sessions that began before it end, here at once
/// and on other nodes with the hint. There is always an administrator who can log in.
/// </summary>
public sealed class UserAdmin
{
    private const int MaxDisplayName = 200;

    private static MailException NegativeQuota => new(MailError.Invalid, "A quota can't be negative");

    private readonly DirectoryReader _reader;
    private readonly DirectoryWriter _writer;
    private readonly AdminRights _rights;
    private readonly IAccountProvisioning _mail;
    private readonly HashGate _gate;
    private readonly WebmailSettings _settings;
    private readonly TimeProvider _time;

    internal UserAdmin(
        DirectoryReader reader, DirectoryWriter writer, AdminRights rights, IAccountProvisioning mail, HashGate gate, WebmailSettings settings, TimeProvider time)
    {
        _reader = reader;
        _writer = writer;
        _rights = rights;
        _mail = mail;
        _gate = gate;
        _settings = settings;
        _time = time;
    }

    /// <exception cref="MailException">Invalid (address, password or name), NotFound (the domain), AlreadyExists, NoPermission</exception>
    public async Task<UserInfo> AddAsync(Principal actor, NewUser user, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        var hash = await HashAsync(user.Password, ct);
        return await _writer.WriteAsync(async db => Info(await InsertAsync(db, user, hash, ct), null), ct);
    }

    /// <summary>By address.</summary>
    public async Task<Page<UserInfo>> ListAsync(Principal actor, UserQuery query, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        var limit = Math.Clamp(query.Limit, 1, Page<UserInfo>.MaxLimit);
        var (items, next) = Page<AddressRow>.Of(await _reader.ReadAsync(db => Matching(db, query).Take(limit + 1).ToListAsync(ct), ct), limit, a => a.Key);
        var users = new List<UserInfo>(items.Count);
        foreach (var row in items)
            users.Add(Info(row.Account!, await _mail.QuotaAsync(new(row.AccountId!.Value), ct)));
        return new(users, next);
    }

    private static IQueryable<AddressRow> Matching(MailDbContext db, UserQuery query)
    {
        var rows = db.Set<AddressRow>().AsNoTracking().Include(a => a.Account).Where(a => a.AccountId != null);
        if (query.Domain is { } domain)
        {
            var name = EmailAddress.NormaliseDomain(domain);
            rows = rows.Where(a => a.Domain == name);
        }

        if (query.Search is { Length: > 0 } search)
        {
            var pattern = $"%{Like.Escape(search)}%";
            rows = rows.Where(a => EF.Functions.ILike(a.Key, pattern, Like.EscapeWith) || EF.Functions.ILike(a.Account!.DisplayName, pattern, Like.EscapeWith));
        }

        if (query.After is { } after)
            rows = rows.Where(a => a.Key.CompareTo(after) > 0);
        return rows.OrderBy(a => a.Key);
    }

    public async Task<UserInfo?> FindAsync(Principal actor, string address, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        return await _reader.ReadAsync(db => RowAsync(db, ReadAddress(address), ct), ct) is { } row
            ? Info(row, await _mail.QuotaAsync(new(row.AccountId), ct))
            : null;
    }

    /// <summary>
    /// Removes a user with all mail. In this order: no more logins and mail, the mail, the user; a failure in between leaves a disabled user whose removal
    /// can be repeated. Aliases lose the target; one left without targets goes too.
    /// </summary>
    /// <exception cref="MailException">NotFound, NoPermission; InUse: the last administrator</exception>
    public async Task RemoveAsync(Principal actor, string address, CancellationToken ct)
    {
        await ChangeAsync(actor, address, account => account.IsDisabled = true, ct);
        var user = ReadAddress(address);
        if (await _reader.ReadAsync(db => RowAsync(db, user, ct), ct) is { } doomed)
            await _mail.DeleteAsync(new(doomed.AccountId), ct);
        await _writer.WriteAsync(
            async db =>
            {
                if (await RowAsync(db, user, ct) is not { } account)
                    return false;
                await AliasTargets.ForgetAsync(db, user, ct);
                db.Remove(account);
                return true;
            },
            ct);
    }

    /// <exception cref="MailException">NotFound, Invalid, NoPermission</exception>
    public async Task SetPasswordAsync(Principal actor, string address, string password, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        var hash = await HashAsync(password, ct);
        await ChangeAsync(actor, address, account => account.PasswordHash = hash, ct);
    }

    /// <param name="change">From the limits as they are to what they shall be.</param>
    /// <exception cref="MailException">NotFound, Invalid, NoPermission</exception>
    public async Task SetQuotaAsync(Principal actor, string address, Func<QuotaLimits, QuotaLimits> change, CancellationToken ct)
    {
        var account = await ChangeAsync(
            actor,
            address,
            account =>
            {
                var limits = change(new(account.QuotaBytes, account.MessageLimit));
                if (limits.Bytes < 0 || limits.Messages < 0)
                    throw NegativeQuota;
                (account.QuotaBytes, account.MessageLimit) = limits;
            },
            ct,
            endsSessions: false);
        await _mail.SetQuotaAsync(new(account.AccountId), new(account.QuotaBytes, account.MessageLimit), ct);
    }

    /// <exception cref="MailException">NotFound, NoPermission; InUse: the last administrator</exception>
    public Task SetDisabledAsync(Principal actor, string address, bool disabled, CancellationToken ct) =>
        ChangeAsync(actor, address, account => account.IsDisabled = disabled, ct);

    /// <exception cref="MailException">NotFound, NoPermission; InUse: the last administrator</exception>
    public Task SetAdministratorAsync(Principal actor, string address, bool administrator, CancellationToken ct) =>
        ChangeAsync(actor, address, account => account.IsAdministrator = administrator, ct);

    /// <exception cref="MailException">NotFound, Invalid, NoPermission</exception>
    public Task SetDisplayNameAsync(Principal actor, string address, string name, CancellationToken ct)
    {
        var display = ReadDisplayName(name);
        return ChangeAsync(actor, address, account => account.DisplayName = display, ct, endsSessions: false);
    }

    /// <summary>All users of a domain, one by one.</summary>
    internal async Task RemoveAllAsync(Principal actor, string domain, CancellationToken ct)
    {
        var users = await _reader.ReadAsync(db => db.Set<AccountRow>().AsNoTracking().Where(a => a.Domain == domain).OrderBy(a => a.AccountId).ToListAsync(ct), ct);
        foreach (var user in users)
            await RemoveAsync(actor, $"{user.Local}@{user.Domain}", ct);
    }

    /// <summary>Adds the rows of a user and its mail; the caller commits. A commit that fails leaves mail without a user, which nobody can reach.</summary>
    internal async Task<AccountRow> InsertAsync(MailDbContext db, NewUser user, string hash, CancellationToken ct)
    {
        var address = ReadAddress(user.Address);
        var display = ReadDisplayName(user.DisplayName);
        var quota = user.QuotaBytes ?? _settings.Limits.Quota;
        if (quota < 0 || user.MessageLimit < 0)
            throw NegativeQuota;
        if (!await db.Set<DomainRow>().AnyAsync(d => d.Name == address.Domain, ct))
            throw new MailException(MailError.NotFound, $"{address.Domain} is not a domain of this server");
        if (await db.Set<AddressRow>().AnyAsync(a => a.Key == address.Key, ct))
            throw new MailException(MailError.AlreadyExists, $"{address} exists already");
        var now = _time.GetUtcNow();
        var account = new AccountRow
        {
            Local = address.Local,
            Domain = address.Domain,
            DisplayName = display,
            PasswordHash = hash,
            IsAdministrator = user.IsAdministrator,
            QuotaBytes = quota > 0 ? quota : null,
            MessageLimit = user.MessageLimit > 0 ? user.MessageLimit : null,
            CreatedAt = now,
        };
        db.Add(new AddressRow { Key = address.Key, Local = address.Local, Domain = address.Domain, Account = account, CreatedAt = now });
        await db.SaveAsync(ct);
        await _mail.ProvisionAsync(new(account.AccountId), new(account.QuotaBytes, account.MessageLimit), ct);
        return account;
    }

    /// <exception cref="MailException">Invalid</exception>
    internal async Task<string> HashAsync(string password, CancellationToken ct)
    {
        Passwords.Check(password);
        var octets = Passwords.Prepare(password)!;
        return await _gate.RunAsync(() => PasswordHash.Make(octets).ToString(), ct);
    }

    /// <summary>An address of an account or alias: no quoted local part, no address literal.</summary>
    internal static EmailAddress ReadAddress(string text)
    {
        var address = EmailAddress.Parse(text);
        return address.IsLiteral || address.ToString().StartsWith('"')
            ? throw new MailException(MailError.Invalid, $"'{text}' can't be an address of this server")
            : address;
    }

    internal static string ReadDisplayName(string name) =>
        name.Length <= MaxDisplayName && !name.Any(char.IsControl)
            ? name.Trim()
            : throw new MailException(MailError.Invalid, $"A name has at most {MaxDisplayName} characters and no control characters");

    private async Task<AccountRow> ChangeAsync(Principal actor, string address, Action<AccountRow> change, CancellationToken ct, bool endsSessions = true)
    {
        await _rights.DemandAsync(actor, ct);
        return await _writer.WriteAsync(
            async db =>
            {
                var account = await RowAsync(db, ReadAddress(address), ct) ?? throw new MailException(MailError.NotFound, $"There is no user {address}");
                var couldAdminister = account is { IsAdministrator: true, IsDisabled: false };
                change(account);
                if (endsSessions)
                    account.CredentialVersion++;
                if (couldAdminister && account is not { IsAdministrator: true, IsDisabled: false } && !await HasOtherAdministratorAsync(db, account, ct))
                    throw new MailException(MailError.InUse, $"{address} is the last administrator");
                return account;
            },
            ct);
    }

    private static Task<bool> HasOtherAdministratorAsync(MailDbContext db, AccountRow account, CancellationToken ct) =>
        db.Set<AccountRow>().AnyAsync(a => a.IsAdministrator && !a.IsDisabled && a.AccountId != account.AccountId, ct);

    private static Task<AccountRow?> RowAsync(MailDbContext db, EmailAddress address, CancellationToken ct)
    {
        var key = address.Key;
        return db.Set<AddressRow>().Where(a => a.Key == key).Select(a => a.Account).FirstOrDefaultAsync(ct);
    }

    private static UserInfo Info(AccountRow row, QuotaInfo? usage) => new(
        new(row.AccountId),
        $"{row.Local}@{row.Domain}",
        row.DisplayName,
        row.IsAdministrator,
        row.IsDisabled,
        row.QuotaBytes,
        row.MessageLimit,
        usage?.UsedBytes ?? 0,
        usage?.Messages ?? 0,
        row.CreatedAt,
        row.LastLogin);
}
