using Microsoft.EntityFrameworkCore;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Data;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

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

    private readonly DirectoryReader _reader;
    private readonly DirectoryWriter _writer;
    private readonly UserAdmin _users;
    private readonly TimeProvider _time;

    internal FirstStart(DirectoryReader reader, DirectoryWriter writer, UserAdmin users, TimeProvider time)
    {
        _reader = reader;
        _writer = writer;
        _users = users;
        _time = time;
    }

    /// <summary>The users that were made, for their passwords to be printed; none when there is a domain already.</summary>
    /// <exception cref="MailException"><see cref="MailError.Unavailable"/></exception>
    public async Task<IReadOnlyList<SeededUser>> SeedAsync(CancellationToken ct) =>
        await _reader.IsEmptyAsync(ct) ? await _writer.WriteAsync(db => SeedAsync(db, ct), ct) : [];

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
