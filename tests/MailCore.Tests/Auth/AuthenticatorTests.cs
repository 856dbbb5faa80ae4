using System.Diagnostics;
using System.Net;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Tests.Admin;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Auth;

public sealed class AuthenticatorTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly Principal Console = Principal.LocalConsole;

    [Fact]
    public async Task LetsIn()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        await world.Aliases.AddAsync(Console, "alias@example.test", ["ann@example.test"], DirectoryWorld.Ct);
        (string Name, string Password, bool Expected)[] cases =
        [
            ("ann@example.test", "pass-word", true),
            ("ANN@EXAMPLE.TEST", "pass-word", true),
            ("ann@example.test", "Pass-word", false),
            ("ann@example.test", "", false),
            ("ann@example.test", "pass-word\0", false),
            ("ann", "pass-word", false),
            ("", "pass-word", false),
            ("ann+tag@example.test", "pass-word", false),
            ("alias@example.test", "pass-word", false),
            ("nobody@example.test", "pass-word", false),
            ("ann@elsewhere.test", "pass-word", false),
        ];
        foreach (var (name, password, expected) in cases)
            Assert.Equal((name, expected), (name, await world.Authenticator.LoginAsync(name, password, DirectoryWorld.Client, DirectoryWorld.Ct) is not null));
    }

    [Fact]
    public async Task FiftyLoginsAreHashedOnce()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        await world.LoginAsync("ann");
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 50; i++)
            await world.LoginAsync("ann");

        // Fifty hashes take two seconds and more of a core.
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 0, 1000);
    }

    [Fact]
    public async Task LoginsAtTheSameMomentShareAHash()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        var logins = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => world.LoginAsync("ann")));
        Assert.Equal(100, logins.Length);
        Assert.Null(await world.Authenticator.LoginAsync("ann@example.test", "wrong-word", DirectoryWorld.Client, DirectoryWorld.Ct));
    }

    [Fact]
    public async Task AChangedPasswordIsDeadAtOnceAlsoInTheCache()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        var before = await world.LoginAsync("ann");
        Assert.True(await world.Authenticator.IsCurrentAsync(before, DirectoryWorld.Ct));
        await world.Users.SetPasswordAsync(Console, "ann@example.test", "other-word", DirectoryWorld.Ct);
        Assert.False(await world.Authenticator.IsCurrentAsync(before, DirectoryWorld.Ct));
        Assert.Null(await world.Authenticator.LoginAsync("ann@example.test", "pass-word", DirectoryWorld.Client, DirectoryWorld.Ct));
        Assert.True(await world.Authenticator.IsCurrentAsync(await world.LoginAsync("ann", "other-word"), DirectoryWorld.Ct));
    }

    [Fact]
    public async Task ADisabledUserIsOutAtOnce()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        var ann = await world.LoginAsync("ann");
        await world.Users.SetDisabledAsync(Console, "ann@example.test", true, DirectoryWorld.Ct);
        Assert.False(await world.Authenticator.IsCurrentAsync(ann, DirectoryWorld.Ct));
        Assert.Null(await world.Authenticator.LoginAsync("ann@example.test", "pass-word", DirectoryWorld.Client, DirectoryWorld.Ct));
        await world.Users.SetDisabledAsync(Console, "ann@example.test", false, DirectoryWorld.Ct);
        Assert.False(await world.Authenticator.IsCurrentAsync(ann, DirectoryWorld.Ct));
        await world.LoginAsync("ann");
    }

    [Fact]
    public async Task TooManyFailuresAreRefusedUnheard()
    {
        await using var world = await DirectoryWorld.EmptyAsync(postgres, s => s with { Limits = s.Limits with { LoginFailures = 2 } });
        var client = new ClientFacts(IPAddress.Parse("192.0.2.1"), "imap", IsEncrypted: true);
        for (var i = 0; i < 2; i++)
            Assert.Null(await world.Authenticator.LoginAsync("ann@example.test", $"wrong-word{i}", client, DirectoryWorld.Ct));
        var e = await Assert.ThrowsAsync<MailException>(async () => await world.Authenticator.LoginAsync("ann@example.test", "wrong-word3", client, DirectoryWorld.Ct));
        Assert.Equal(MailError.Throttled, e.Error);
    }

    [Fact]
    public async Task ABurstOfGuessesIsNotHeardToItsEnd()
    {
        await using var world = await DirectoryWorld.EmptyAsync(postgres, s => s with { Limits = s.Limits with { LoginFailures = 3 } });
        var client = new ClientFacts(IPAddress.Parse("192.0.2.1"), "imap", IsEncrypted: true);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            try
            {
                return await world.Authenticator.LoginAsync("ann@example.test", $"guess-word{i}", client, DirectoryWorld.Ct) is null;
            }
            catch (MailException e) when (e.Error == MailError.Throttled)
            {
                return false;
            }
        }));
        Assert.InRange(outcomes.Count(heard => heard), 3, 3 + Environment.ProcessorCount);
    }

    [Fact]
    public async Task AnUnknownNameTakesAsLongAsAWrongPassword()
    {
        await using var world = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        await MedianAsync(world, "warm@example.test");
        var wrong = await MedianAsync(world, "ann@example.test");
        var unknown = await MedianAsync(world, "nobody@example.test");
        Assert.InRange(unknown / wrong, 0.4, 2.5);
    }

    private static async Task<double> MedianAsync(DirectoryWorld world, string name)
    {
        var times = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await world.Authenticator.LoginAsync(name, $"wrong-word{i}", new(IPAddress.Loopback, "imap", IsEncrypted: true), DirectoryWorld.Ct);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times.Order().ElementAt(3);
    }
}
