using System.Net;
using System.Text;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Tests.Admin;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Auth;

/// <summary>App passwords and tokens on a real directory: who they let in, where, and until when.</summary>
public sealed class CredentialTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Ann = "ann@example.test";
    private static readonly Principal Console = Principal.LocalConsole;
    private static readonly ClientFacts Imap = new(IPAddress.Loopback, "imap", IsEncrypted: true);

    [Fact]
    public async Task EveryAppPasswordOfAnAccountLogsInBothWays()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        var admin = world.Get<CredentialAdmin>();
        var phone = await admin.AddAppPasswordAsync(Console, Ann, "phone", DirectoryWorld.Ct);
        var laptop = await admin.AddAppPasswordAsync(Console, Ann, "laptop", DirectoryWorld.Ct);
        Assert.Matches("^([a-hjkmnp-z2-9]{4}-){5}[a-hjkmnp-z2-9]{4}$", phone.Secret);
        Assert.NotEqual(phone.Secret, laptop.Secret);
        foreach (var made in new[] { phone, laptop })
        {
            Assert.Equal(made.Info.Id, (await world.Authenticator.LoginAsync(Ann, made.Secret, Imap, DirectoryWorld.Ct))!.Credential);
            Assert.Equal(made.Info.Id, (await ScramAsync(world, Ann, made.Secret))!.Credential);
        }

        Assert.Null(await ScramAsync(world, Ann, "pass-word"));
        Assert.Null(await ScramAsync(world, "root@example.test", phone.Secret));
        Assert.Null(await world.Authenticator.LoginAsync("root@example.test", phone.Secret, Imap, DirectoryWorld.Ct));
        Assert.Null((await world.Authenticator.LoginAsync(Ann, "pass-word", Imap, DirectoryWorld.Ct))!.Credential);
        Assert.All(await admin.ListAsync(Console, Ann, DirectoryWorld.Ct), c => Assert.NotNull(c.LastUsed));
    }

    [Fact]
    public async Task AnAppPasswordIsForMailProgramsOnly()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        var made = await world.Get<CredentialAdmin>().AddAppPasswordAsync(Console, Ann, "phone", DirectoryWorld.Ct);
        foreach (var (protocol, expected) in new[] { ("imap", true), ("pop3", true), ("smtp", true), ("web", false), ("other", false) })
            Assert.Equal((protocol, expected), (protocol, await world.Authenticator.LoginAsync(Ann, made.Secret, Imap with { Protocol = protocol }, DirectoryWorld.Ct) is not null));
    }

    [Fact]
    public async Task WhatIsRemovedIsDeadAtOnceHereAndOnOtherNodes()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        await using var other = world.SecondNode();
        await other.ListenAsync();
        var admin = world.Get<CredentialAdmin>();
        var (phone, laptop) = (await admin.AddAppPasswordAsync(Console, Ann, "phone", DirectoryWorld.Ct), await admin.AddAppPasswordAsync(Console, Ann, "laptop", DirectoryWorld.Ct));
        var (here, there) = (await world.Authenticator.LoginAsync(Ann, phone.Secret, Imap, DirectoryWorld.Ct), await ScramAsync(other, Ann, phone.Secret));
        var stays = await world.Authenticator.LoginAsync(Ann, laptop.Secret, Imap, DirectoryWorld.Ct);
        Assert.True(await world.Authenticator.IsCurrentAsync(here!, DirectoryWorld.Ct));
        Assert.True(await other.Authenticator.IsCurrentAsync(there!, DirectoryWorld.Ct));

        await admin.RemoveAsync(Console, Ann, CredentialKind.AppPassword, phone.Info.Id, DirectoryWorld.Ct);
        Assert.False(await world.Authenticator.IsCurrentAsync(here!, DirectoryWorld.Ct));
        Assert.True(await world.Authenticator.IsCurrentAsync(stays!, DirectoryWorld.Ct));
        Assert.Null(await world.Authenticator.LoginAsync(Ann, phone.Secret, Imap, DirectoryWorld.Ct));
        Assert.Null(await ScramAsync(world, Ann, phone.Secret));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(DirectoryWorld.Ct);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        while (await other.Authenticator.IsCurrentAsync(there!, patience.Token))
            await Task.Delay(20, patience.Token);
        await Assert.ThrowsAsync<MailException>(() => admin.RemoveAsync(Console, Ann, CredentialKind.AppPassword, phone.Info.Id, DirectoryWorld.Ct));
    }

    [Fact]
    public async Task ADisabledUserIsOut()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        var admin = world.Get<CredentialAdmin>();
        var password = await admin.AddAppPasswordAsync(Console, Ann, "phone", DirectoryWorld.Ct);
        var token = await admin.AddTokenAsync(Console, Ann, "laptop", AccessScopes.Mail, null, DirectoryWorld.Ct);
        var session = await world.Authenticator.LoginAsync(Ann, password.Secret, Imap, DirectoryWorld.Ct);
        await world.Users.SetDisabledAsync(Console, Ann, true, DirectoryWorld.Ct);
        Assert.False(await world.Authenticator.IsCurrentAsync(session!, DirectoryWorld.Ct));
        Assert.Null(await world.Authenticator.LoginAsync(Ann, password.Secret, Imap, DirectoryWorld.Ct));
        Assert.Null(await ScramAsync(world, Ann, password.Secret));
        Assert.Null((await world.Authenticator.TokenAsync(token.Secret, null, Imap, DirectoryWorld.Ct)).Principal);
    }

    [Fact]
    public async Task NamesThatDontExistLookLikeThoseThatDo()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann", "bob");
        await using var other = world.SecondNode();
        var before = await world.Authenticator.ScramAsync(Ann, Imap, DirectoryWorld.Ct);
        await world.Get<CredentialAdmin>().AddAppPasswordAsync(Console, Ann, "phone", DirectoryWorld.Ct);
        foreach (var name in new[] { Ann, "bob@example.test", "nobody@example.test", "no address" })
        {
            var (one, two) = (await world.Authenticator.ScramAsync(name, Imap, DirectoryWorld.Ct), await other.Authenticator.ScramAsync(name, Imap, DirectoryWorld.Ct));
            Assert.Equal((Convert.ToHexString(one.Salt.Span), one.Iterations), (Convert.ToHexString(two.Salt.Span), two.Iterations));
            Assert.Equal((16, 4096), (one.Salt.Length, one.Iterations));
        }

        Assert.Equal(before.Salt.ToArray(), (await world.Authenticator.ScramAsync("ANN@Example.TEST", Imap, DirectoryWorld.Ct)).Salt.ToArray());
        Assert.NotEqual(before.Salt.ToArray(), (await world.Authenticator.ScramAsync("bob@example.test", Imap, DirectoryWorld.Ct)).Salt.ToArray());
    }

    [Fact]
    public async Task FailuresOfAllKindsCountInOneThrottle()
    {
        await using var world = await DirectoryWorld.EmptyAsync(postgres, s => s with { Limits = s.Limits with { LoginFailures = 3 } });
        var client = new ClientFacts(IPAddress.Parse("192.0.2.1"), "imap", IsEncrypted: true);
        Assert.Null(await ScramAsync(world, Ann, "wrong-word", client));
        Assert.Null((await world.Authenticator.TokenAsync("wmt_wrong", Ann, client, DirectoryWorld.Ct)).Principal);
        Assert.Null(await world.Authenticator.CertificateAsync(Ann, client, DirectoryWorld.Ct));
        Func<Task>[] all =
        [
            async () => await world.Authenticator.ScramAsync(Ann, client, DirectoryWorld.Ct),
            async () => await world.Authenticator.TokenAsync("wmt_wrong", Ann, client, DirectoryWorld.Ct),
            async () => await world.Authenticator.CertificateAsync(Ann, client, DirectoryWorld.Ct),
            async () => await world.Authenticator.LoginAsync(Ann, "pass-word", client, DirectoryWorld.Ct),
        ];
        foreach (var one in all)
            Assert.Equal(MailError.Throttled, (await Assert.ThrowsAsync<MailException>(one)).Error);
    }

    [Fact]
    public async Task ATokenOpensWhatItSaysUntilItRunsOut()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        var admin = world.Get<CredentialAdmin>();
        var token = await admin.AddTokenAsync(Console, Ann, "laptop", AccessScopes.Imap | AccessScopes.Api, TimeSpan.FromHours(1), DirectoryWorld.Ct);
        var expired = await admin.AddTokenAsync(Console, Ann, "old", AccessScopes.Imap, TimeSpan.FromMilliseconds(1), DirectoryWorld.Ct);
        Assert.StartsWith("wmt_", token.Secret, StringComparison.Ordinal);
        (string Token, string? Name, string Protocol, bool Expected, bool LacksScope)[] cases =
        [
            (token.Secret, null, "imap", true, false),
            (token.Secret, Ann, "imap", true, false),
            (token.Secret, "ANN@example.test", "web", true, false),
            (token.Secret, Ann, "smtp", false, true),
            (token.Secret, "root@example.test", "imap", false, false),
            (token.Secret, "nonsense", "imap", false, false),
            (token.Secret + "x", Ann, "imap", false, false),
            (expired.Secret, Ann, "imap", false, false),
        ];
        foreach (var (secret, name, protocol, expected, lacksScope) in cases)
        {
            var login = await world.Authenticator.TokenAsync(secret, name, Imap with { Protocol = protocol }, DirectoryWorld.Ct);
            Assert.Equal((name, protocol, expected, lacksScope), (name, protocol, login.Principal is not null, login.LacksScope));
        }
    }

    [Fact]
    public async Task OwnersAndAdministratorsMayAndOthersMayNot()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann", "bob");
        var admin = world.Get<CredentialAdmin>();
        var (root, ann, bob) = (await world.LoginAsync("root"), await world.LoginAsync("ann"), await world.LoginAsync("bob"));
        var made = await admin.AddAppPasswordAsync(ann, Ann, " phone ", DirectoryWorld.Ct);
        Assert.Equal("phone", made.Info.Label);
        Assert.Single(await admin.ListAsync(root, Ann, DirectoryWorld.Ct));
        await RefusedAsync(MailError.NoPermission, () => admin.ListAsync(bob, Ann, DirectoryWorld.Ct));
        await RefusedAsync(MailError.NoPermission, () => admin.AddTokenAsync(bob, Ann, "x", AccessScopes.Imap, null, DirectoryWorld.Ct));
        await RefusedAsync(MailError.NotFound, () => admin.RemoveAsync(bob, "bob@example.test", CredentialKind.AppPassword, made.Info.Id, DirectoryWorld.Ct));
        await RefusedAsync(MailError.NotFound, () => admin.AddAppPasswordAsync(root, "nobody@example.test", "x", DirectoryWorld.Ct));
        await RefusedAsync(MailError.Invalid, () => admin.AddAppPasswordAsync(ann, Ann, "", DirectoryWorld.Ct));
        await RefusedAsync(MailError.Invalid, () => admin.AddAppPasswordAsync(ann, Ann, "a\nb", DirectoryWorld.Ct));
        await RefusedAsync(MailError.Invalid, () => admin.AddTokenAsync(ann, Ann, "x", AccessScopes.None, null, DirectoryWorld.Ct));
        await RefusedAsync(MailError.Invalid, () => admin.AddCertificateAsync(ann, Ann, "x", "nonsense", DirectoryWorld.Ct));
        await world.Users.SetPasswordAsync(Console, Ann, "other-word", DirectoryWorld.Ct);
        await RefusedAsync(MailError.AuthenticationFailed, () => admin.ListAsync(ann, Ann, DirectoryWorld.Ct));
    }

    [Fact]
    public async Task AnAccountHasAtMostFiftyOfAKind()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        var admin = world.Get<CredentialAdmin>();
        for (var i = 0; i < CredentialAdmin.MaxOfAKind; i++)
            await admin.AddTokenAsync(Console, Ann, $"t{i}", AccessScopes.Imap, null, DirectoryWorld.Ct);
        await RefusedAsync(MailError.LimitReached, () => admin.AddTokenAsync(Console, Ann, "one more", AccessScopes.Imap, null, DirectoryWorld.Ct));
        await admin.AddAppPasswordAsync(Console, Ann, "another kind", DirectoryWorld.Ct);
    }

    [Fact]
    public async Task NothingStoredCanBeShownAgain()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        var admin = world.Get<CredentialAdmin>();
        var (password, token) = (await admin.AddAppPasswordAsync(Console, Ann, "a", DirectoryWorld.Ct), await admin.AddTokenAsync(Console, Ann, "b", AccessScopes.Imap, null, DirectoryWorld.Ct));
        Assert.DoesNotContain(password.Secret, password.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(token.Secret, string.Join(' ', await admin.ListAsync(Console, Ann, DirectoryWorld.Ct)), StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(MailError error, Func<Task> call) => Assert.Equal(error, (await Assert.ThrowsAsync<MailException>(call)).Error);

    private static async Task<Principal?> ScramAsync(DirectoryWorld world, string name, string password, ClientFacts? client = null)
    {
        var login = await world.Authenticator.ScramAsync(name, client ?? Imap, DirectoryWorld.Ct);
        const string first = "n,,n=x,r=client";
        var challenge = $"r=clientserver,s={Convert.ToBase64String(login.Salt.Span)},i={login.Iterations}";
        var (final, signature) = ScramClient.Answer(first, challenge, password);
        var at = final.IndexOf(",p=", StringComparison.Ordinal);
        var success = await login.ProveAsync(Encoding.UTF8.GetBytes($"{first[3..]},{challenge},{final[..at]}"), Convert.FromBase64String(final[(at + 3)..]), DirectoryWorld.Ct);
        if (success is not null)
            Assert.Equal(signature, Convert.ToBase64String(success.ServerSignature.Span));
        return success?.Principal;
    }
}
