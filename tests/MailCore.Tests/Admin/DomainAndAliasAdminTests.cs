using System.Security.Cryptography;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.Testing;
using static Webmail.MailCore.Tests.Admin.UserAdminTests;

namespace Webmail.MailCore.Tests.Admin;

public sealed class DomainAndAliasAdminTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly Principal Console = Principal.LocalConsole;

    [Fact]
    public async Task ADomainBringsItsDkimKey()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root");
        var key = (await world.Directory.DkimKeyAsync("EXAMPLE.test", DirectoryWorld.Ct))!;
        using var rsa = RSA.Create();
        rsa.ImportFromPem(key.PrivateKeyPem);
        Assert.Equal(2048, rsa.KeySize);
        Assert.Matches("^s[0-9]{8}$", key.Selector);
        Assert.DoesNotContain("PRIVATE", key.ToString(), StringComparison.Ordinal);
        Assert.Null(await world.Directory.DkimKeyAsync("other.test", DirectoryWorld.Ct));
    }

    [Fact]
    public async Task RefusesADomain()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root");
        (string Name, MailError Error)[] cases =
        [
            ("EXAMPLE.TEST", MailError.AlreadyExists),
            ("", MailError.Invalid),
            ("exa mple.test", MailError.Invalid),
            ("[127.0.0.1]", MailError.Invalid),
            ("-x.test", MailError.Invalid),
            ("a..test", MailError.Invalid),
        ];
        foreach (var (name, error) in cases)
            await Expect(error, () => world.Domains.AddAsync(Console, name, DirectoryWorld.Ct));
    }

    [Fact]
    public async Task ADomainWithUsersGoesOnlyWhenAsked()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root");
        await world.Domains.AddAsync(Console, "other.test", DirectoryWorld.Ct);
        await world.Users.AddAsync(Console, new("ann@other.test", "pass-word"), DirectoryWorld.Ct);
        await world.Aliases.AddAsync(Console, "info@other.test", ["root@example.test"], DirectoryWorld.Ct);
        await world.Aliases.AddAsync(Console, "both@example.test", ["ann@other.test", "info@other.test", "root@example.test"], DirectoryWorld.Ct);
        var info = (await world.Domains.ListAsync(Console, DirectoryWorld.Ct)).Single(d => d.Name == "other.test");
        Assert.Equal((1, 1), (info.Users, info.Aliases));
        await Expect(MailError.InUse, () => world.Domains.RemoveAsync(Console, "other.test", withUsers: false, DirectoryWorld.Ct));
        await world.Domains.RemoveAsync(Console, "other.test", withUsers: true, DirectoryWorld.Ct);
        Assert.Equal("NotLocal", await world.ResolveAsync("ann@other.test"));
        Assert.Equal("root", await world.ResolveAsync("both@example.test"));
        Assert.Equal(["root@example.test"], (await world.Aliases.FindAsync(Console, "both@example.test", DirectoryWorld.Ct))!.Targets);
        await Expect(MailError.NotFound, () => world.Domains.RemoveAsync(Console, "other.test", withUsers: true, DirectoryWorld.Ct));
        await Expect(MailError.InUse, () => world.Domains.RemoveAsync(Console, "example.test", withUsers: true, DirectoryWorld.Ct));
    }

    [Fact]
    public async Task RefusesLoops()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root");
        await Add(world, "a", "root@example.test");
        await Add(world, "b", "a@example.test");
        await Add(world, "c", "b@example.test", "root@example.test");
        await Expect(MailError.Invalid, () => world.Aliases.SetAsync(Console, "a@example.test", ["c@example.test"], DirectoryWorld.Ct));
        await Expect(MailError.Invalid, () => world.Aliases.SetAsync(Console, "a@example.test", ["a+tag@example.test"], DirectoryWorld.Ct));
        Assert.Equal(["root@example.test"], (await world.Aliases.FindAsync(Console, "A@example.test", DirectoryWorld.Ct))!.Targets);

        // By way of the catch-all: x leads to y, which nothing but the catch-all takes, which leads to x.
        await Add(world, "@", "root@example.test");
        await Add(world, "x", "y@example.test");
        await Expect(MailError.Invalid, () => world.Aliases.SetAsync(Console, "@example.test", ["x@example.test"], DirectoryWorld.Ct));
    }

    [Fact]
    public async Task RefusesMoreThanTenLevels()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root");
        await Add(world, "a1", "root@example.test");
        for (var i = 2; i <= 10; i++)
            await Add(world, $"a{i}", $"a{i - 1}@example.test");
        Assert.Equal("root", await world.ResolveAsync("a10@example.test"));
        await Expect(MailError.Invalid, () => Add(world, "a11", "a10@example.test"));
    }

    [Fact]
    public async Task RefusesAnAlias()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        (string Address, string Target, MailError Error)[] cases =
        [
            ("root@example.test", "ann@example.test", MailError.AlreadyExists),
            ("x@elsewhere.test", "ann@example.test", MailError.NotFound),
            ("x@example.test", "nobody@example.test", MailError.NotFound),
            ("x@example.test", "no address", MailError.Invalid),
            ("@", "ann@example.test", MailError.Invalid),
            ("x y@example.test", "ann@example.test", MailError.Invalid),
        ];
        foreach (var (address, target, error) in cases)
            await Expect(error, () => world.Aliases.AddAsync(Console, address, [target], DirectoryWorld.Ct));
        await Expect(MailError.Invalid, () => world.Aliases.AddAsync(Console, "none@example.test", [], DirectoryWorld.Ct));
    }

    [Fact]
    public async Task ListsAndRemovesAliases()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root");
        await Add(world, "b", "root@example.test", "ROOT@example.test", "Out@Elsewhere.test");
        await Add(world, "a", "b@example.test");
        await Add(world, "@", "root@example.test");
        var all = await world.Aliases.ListAsync(Console, new() { Domain = "example.test" }, DirectoryWorld.Ct);
        Assert.Equal(["@example.test", "a@example.test", "b@example.test"], all.Items.Select(a => a.Address));
        Assert.Equal(["root@example.test", "Out@elsewhere.test"], all.Items[2].Targets);
        Assert.Equal(["b@example.test"], (await world.Aliases.ListAsync(Console, new() { Search = "ELSE" }, DirectoryWorld.Ct)).Items.Select(a => a.Address));
        Assert.Equal("@example.test", (await world.Aliases.ListAsync(Console, new() { Limit = 1 }, DirectoryWorld.Ct)).Next);
        await world.Aliases.RemoveAsync(Console, "B@example.test", DirectoryWorld.Ct);
        await world.Aliases.RemoveAsync(Console, "@example.test", DirectoryWorld.Ct);
        Assert.Empty((await world.Aliases.ListAsync(Console, new(), DirectoryWorld.Ct)).Items);
        await Expect(MailError.NotFound, () => world.Aliases.RemoveAsync(Console, "b@example.test", DirectoryWorld.Ct));
        await Expect(MailError.NotFound, () => world.Aliases.RemoveAsync(Console, "root@example.test", DirectoryWorld.Ct));
    }

    [Fact]
    public async Task TheFirstStartMakesADomainAndThreeUsersOnce()
    {
        await using var world = await DirectoryWorld.EmptyAsync(postgres);
        var seeded = await world.Get<FirstStart>().SeedAsync(DirectoryWorld.Ct);
        Assert.Equal([("admin@example.test", true), ("lisi@example.test", false), ("wangwu@example.test", false)], seeded.Select(u => (u.Address, u.IsAdministrator)));
        foreach (var user in seeded)
            Assert.NotNull(await world.Authenticator.LoginAsync(user.Address, user.Password, DirectoryWorld.Client, DirectoryWorld.Ct));
        Assert.Equal("admin!", await world.ResolveAsync("postmaster@example.test"));
        Assert.Empty(await world.Get<FirstStart>().SeedAsync(DirectoryWorld.Ct));
        Assert.DoesNotContain(seeded[0].Password, seeded[0].ToString(), StringComparison.Ordinal);
    }

    private static Task<AliasInfo> Add(DirectoryWorld world, string local, params string[] targets) =>
        world.Aliases.AddAsync(Console, local == "@" ? "@example.test" : $"{local}@example.test", targets, DirectoryWorld.Ct);
}
