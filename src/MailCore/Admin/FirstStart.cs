using Microsoft.EntityFrameworkCore;
using Npgsql;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Data;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Admin;

/// <param name="Password">Shown once; it is stored nowhere.</param>
public sealed record SeededUser(string Address, string Password, bool IsAdministrator)
{
    public override string ToString() => $"SeededUser {{ {Address} }}";
}

/// <summary>Gives an empty installation a domain and three users to try it with, all in one transaction.</summary>
public sealed class FirstStart
{
    private const string Domain = "example.test";

    private readonly NpgsqlDataSource _dataSource;
    private readonly DirectoryWriter _writer;
    private readonly UserAdmin _users;
    private readonly TimeProvider _time;

    internal FirstStart(NpgsqlDataSource dataSource, DirectoryWriter writer, UserAdmin users, TimeProvider time)
    {
        _dataSource = dataSource;
        _writer = writer;
        _users = users;
        _time = time;
    }

    private const string IsEmptySql = "select not exists (select from directory.domain)";

    /// <summary>The users that were made, for their passwords to be printed; none when there is a domain already.</summary>
    /// <exception cref="MailException"><see cref="MailError.Unavailable"/></exception>
    public async Task<IReadOnlyList<SeededUser>> SeedAsync(CancellationToken ct) =>
        // Every start but the first ends here, without waiting for EF Core to build its model.
        (await _dataSource.QueryAsync(IsEmptySql, [], r => r.GetBoolean(0), ct))[0] ? await _writer.WriteAsync(db => SeedAsync(db, ct), ct) : [];

    private async Task<IReadOnlyList<SeededUser>> SeedAsync(MailDbContext db, CancellationToken ct)
    {
        if (await db.Set<DomainRow>().AnyAsync(ct))
            return [];
        db.Add(DomainAdmin.NewDomain(Domain, _time.GetUtcNow()));
        await db.SaveChangesAsync(ct);
        var seeded = new List<SeededUser>();
        foreach (var local in (string[])["admin", "lisi", "wangwu"])
        {
            var user = new NewUser($"{local}@{Domain}", Passwords.Generate()) { IsAdministrator = local == "admin", QuotaBytes = null };
            await _users.InsertAsync(db, user, await _users.HashAsync(user.Password, ct), ct);
            seeded.Add(new(user.Address, user.Password, user.IsAdministrator));
        }

        return seeded;
    }
}
