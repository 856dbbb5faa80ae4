using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Admin;

public sealed class UserAdminTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly Principal Console = Principal.LocalConsole;

    [Fact]
    public async Task ANewUserCanLogInAndHasMailboxes()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root");
        var user = await world.Users.AddAsync(Console, new("Ann@Example.test", "pass-word") { DisplayName = " Ann Example ", QuotaBytes = 1000, MessageLimit = 20 }, DirectoryWorld.Ct);
        Assert.Equal(("Ann@example.test", "Ann Example", 1000L), (user.Address, user.DisplayName, user.QuotaBytes));
        var principal = await world.LoginAsync("ANN");
        Assert.Equal((user.Id, "Ann@example.test", false, "Ann Example"), (principal.Account, principal.Address.ToString(), principal.IsAdministrator, principal.DisplayName));
        var mailboxes = await world.Get<IMailStore>().For(principal).Mailboxes.ListAsync(DirectoryWorld.Ct);
        Assert.Equal(6, mailboxes.Count);
        Assert.Equal(new QuotaInfo(0, 1000, 0, 20), await world.Get<IAccountProvisioning>().QuotaAsync(user.Id, DirectoryWorld.Ct));
        Assert.NotNull((await world.Users.FindAsync(Console, "ann@example.test", DirectoryWorld.Ct))!.LastLogin);
    }

    [Fact]
    public async Task Refuses()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root");
        await world.Aliases.AddAsync(Console, "sales@example.test", ["root@example.test"], DirectoryWorld.Ct);
        (string Address, string Password, MailError Error)[] cases =
        [
            ("root@example.test", "pass-word", MailError.AlreadyExists),
            ("ROOT@example.test", "pass-word", MailError.AlreadyExists),
            ("ann@example.test", "short", MailError.Invalid),
            ("ann@elsewhere.test", "pass-word", MailError.NotFound),
            ("ann", "pass-word", MailError.Invalid),
            ("ann@[127.0.0.1]", "pass-word", MailError.Invalid),
            ("\"an n\"@example.test", "pass-word", MailError.Invalid),
            ("sales@example.test", "pass-word", MailError.AlreadyExists),
        ];
        foreach (var (address, password, error) in cases)
            await Expect(error, () => world.Users.AddAsync(Console, new(address, password), DirectoryWorld.Ct));
    }

    [Fact]
    public async Task OnlyAnAdministratorMay()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        var ann = await world.LoginAsync("ann");
        var root = await world.LoginAsync("root");
        await Expect(MailError.NoPermission, () => world.Users.ListAsync(ann, new(), DirectoryWorld.Ct));
        await Expect(MailError.NoPermission, () => world.Users.ListAsync(ann with { IsAdministrator = true }, new(), DirectoryWorld.Ct));
        await Expect(MailError.NoPermission, () => world.Users.ListAsync(Console with { DisplayName = "me" }, new(), DirectoryWorld.Ct));
        await Expect(MailError.NoPermission, () => world.Domains.AddAsync(ann, "new.test", DirectoryWorld.Ct));
        await Expect(MailError.NoPermission, () => world.Aliases.AddAsync(ann, "x@example.test", ["ann@example.test"], DirectoryWorld.Ct));
        Assert.Equal(2, (await world.Users.ListAsync(root, new(), DirectoryWorld.Ct)).Items.Count);

        // A promoted user logs in again: the rights belong to the credential's version.
        await world.Users.SetAdministratorAsync(root, "ann@example.test", true, DirectoryWorld.Ct);
        await Expect(MailError.NoPermission, () => world.Users.ListAsync(ann, new(), DirectoryWorld.Ct));
        Assert.Equal(2, (await world.Users.ListAsync(await world.LoginAsync("ann"), new(), DirectoryWorld.Ct)).Items.Count);
    }

    [Fact]
    public async Task ThereIsAlwaysAnAdministrator()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        await Expect(MailError.InUse, () => world.Users.SetAdministratorAsync(Console, "root@example.test", false, DirectoryWorld.Ct));
        await Expect(MailError.InUse, () => world.Users.SetDisabledAsync(Console, "root@example.test", true, DirectoryWorld.Ct));
        await Expect(MailError.InUse, () => world.Users.RemoveAsync(Console, "root@example.test", DirectoryWorld.Ct));
        await world.Users.SetAdministratorAsync(Console, "ann@example.test", true, DirectoryWorld.Ct);
        var outcomes = await Task.WhenAll(
            Outcome(() => world.Users.SetAdministratorAsync(Console, "root@example.test", false, DirectoryWorld.Ct)),
            Outcome(() => world.Users.SetAdministratorAsync(Console, "ann@example.test", false, DirectoryWorld.Ct)));
        Assert.Single(outcomes, MailError.InUse);
    }

    [Fact]
    public async Task RemovingTakesMailAndAliasTargetsAlong()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann", "bob");
        await world.Aliases.AddAsync(Console, "team@example.test", ["ann@example.test", "bob@example.test"], DirectoryWorld.Ct);
        await world.Aliases.AddAsync(Console, "just@example.test", ["ann+just@example.test"], DirectoryWorld.Ct);
        var ann = await world.LoginAsync("ann");
        await world.Users.RemoveAsync(Console, "ann@example.test", DirectoryWorld.Ct);
        Assert.False(await world.Authenticator.IsCurrentAsync(ann, DirectoryWorld.Ct));
        Assert.Null(await world.Authenticator.LoginAsync("ann@example.test", "pass-word", DirectoryWorld.Client, DirectoryWorld.Ct));
        Assert.Null(await world.Get<IAccountProvisioning>().QuotaAsync(ann.Account, DirectoryWorld.Ct));
        Assert.Equal("UnknownUser", await world.ResolveAsync("ann@example.test"));
        Assert.Equal("bob", await world.ResolveAsync("team@example.test"));
        Assert.Equal("UnknownUser", await world.ResolveAsync("just@example.test"));

        // The same address again is another account.
        Assert.NotEqual(ann.Account, (await world.AddAsync("ann")).Id);
    }

    [Fact]
    public async Task ListsPageByPage()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann", "bob", "b_b");
        var first = await world.Users.ListAsync(Console, new() { Limit = 3 }, DirectoryWorld.Ct);
        Assert.Equal(["ann@example.test", "b_b@example.test", "bob@example.test"], first.Items.Select(u => u.Address));
        var second = await world.Users.ListAsync(Console, new() { Limit = 3, After = first.Next }, DirectoryWorld.Ct);
        Assert.Equal(["root@example.test"], second.Items.Select(u => u.Address));
        Assert.Null(second.Next);
        Assert.Equal(["b_b@example.test"], (await world.Users.ListAsync(Console, new() { Search = "B_b" }, DirectoryWorld.Ct)).Items.Select(u => u.Address));
        Assert.Empty((await world.Users.ListAsync(Console, new() { Domain = "other.test" }, DirectoryWorld.Ct)).Items);
    }

    [Fact]
    public async Task TheQuotaReachesTheStore()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root");
        await world.Users.SetQuotaAsync(Console, "root@example.test", _ => new(5000, 70), DirectoryWorld.Ct);
        var root = await world.LoginAsync("root");
        Assert.Equal(new QuotaInfo(0, 5000, 0, 70), await world.Get<IMailStore>().For(root).Mailboxes.QuotaAsync(DirectoryWorld.Ct));
        await world.Users.SetQuotaAsync(Console, "root@example.test", before => before with { Bytes = null }, DirectoryWorld.Ct);
        Assert.Equal(new QuotaInfo(0, null, 0, 70), await world.Get<IMailStore>().For(root).Mailboxes.QuotaAsync(DirectoryWorld.Ct));
        await Expect(MailError.Invalid, () => world.Users.SetQuotaAsync(Console, "root@example.test", _ => new(-1, null), DirectoryWorld.Ct));
        await Expect(MailError.Invalid, () => world.Users.AddAsync(Console, new("bob@example.test", "pass-word") { MessageLimit = -1 }, DirectoryWorld.Ct));
    }

    [Fact]
    public async Task AUserChangesTheOwnPassword()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        var ann = await world.LoginAsync("ann");
        var own = world.Get<OwnAccount>();
        await Expect(MailError.AuthenticationFailed, () => own.ChangePasswordAsync(ann, "wrong-word", "other-word", DirectoryWorld.Ct));
        await Expect(MailError.Invalid, () => own.ChangePasswordAsync(ann, "pass-word", "short", DirectoryWorld.Ct));
        var after = await own.ChangePasswordAsync(ann, "pass-word", "other-word", DirectoryWorld.Ct);
        Assert.False(await world.Authenticator.IsCurrentAsync(ann, DirectoryWorld.Ct));
        Assert.True(await world.Authenticator.IsCurrentAsync(after, DirectoryWorld.Ct));
        Assert.Null(await world.Authenticator.LoginAsync("ann@example.test", "pass-word", DirectoryWorld.Client, DirectoryWorld.Ct));
        await world.LoginAsync("ann", "other-word");
        Assert.Equal("Ann", (await own.SetDisplayNameAsync(after, "Ann", DirectoryWorld.Ct)).DisplayName);
    }

    internal static async Task Expect(MailError error, Func<Task> refused) =>
        Assert.Equal(error, (await Assert.ThrowsAsync<MailException>(refused)).Error);

    private static async Task<MailError?> Outcome(Func<Task> change)
    {
        try
        {
            await change();
            return null;
        }
        catch (MailException e)
        {
            return e.Error;
        }
    }
}
