using System.Diagnostics;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Store;
using Webmail.MailCore.Tests.Admin;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Directory;

/// <summary>Two nodes on one database: what one changes, the other acts on.</summary>
public sealed class TwoNodesTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly Principal Console = Principal.LocalConsole;

    [Fact]
    public async Task ANewUserWorksAtOnceAlsoWithoutHints()
    {
        await using var one = await DirectoryWorld.WithAsync(postgres, "root");
        await using var other = one.SecondNode();
        Assert.Equal("UnknownUser", await other.ResolveAsync("ann@example.test"));
        Assert.Null(await other.Authenticator.LoginAsync("ann@example.test", "pass-word", DirectoryWorld.Client, DirectoryWorld.Ct));
        await one.AddAsync("ann");
        Assert.Equal("ann", await other.ResolveAsync("ann@example.test"));
        await other.LoginAsync("ann");
        Assert.Equal("NotLocal", await other.ResolveAsync("x@new.test"));
        await one.Domains.AddAsync(Console, "new.test", DirectoryWorld.Ct);
        Assert.Equal("UnknownUser", await other.ResolveAsync("x@new.test"));
    }

    [Fact]
    public async Task ADisabledUsersSessionsEndOnTheOtherNodeToo()
    {
        await using var one = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        await using var other = one.SecondNode();
        await other.ListenAsync();
        var ann = await other.LoginAsync("ann");
        var rung = new TaskCompletionSource();
        using var session = other.Get<IMailStore>().For(ann).Changes.WatchAccount(ann, () => rung.TrySetResult());

        var start = Stopwatch.GetTimestamp();
        await one.Users.SetDisabledAsync(Console, "ann@example.test", true, DirectoryWorld.Ct);
        await rung.Task.WaitAsync(TimeSpan.FromSeconds(4), DirectoryWorld.Ct);
        Assert.False(await other.Authenticator.IsCurrentAsync(ann, DirectoryWorld.Ct));
        Assert.Null(await other.Authenticator.LoginAsync("ann@example.test", "pass-word", DirectoryWorld.Client, DirectoryWorld.Ct));
        Assert.Equal("Disabled", await other.ResolveAsync("ann@example.test"));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 4);
    }

    [Fact]
    public async Task AChangedPasswordIsDeadOnTheOtherNodeToo()
    {
        await using var one = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        await using var other = one.SecondNode();
        await other.ListenAsync();
        await other.LoginAsync("ann");
        await one.Users.SetPasswordAsync(Console, "ann@example.test", "other-word", DirectoryWorld.Ct);
        await Task.Delay(500, DirectoryWorld.Ct);
        Assert.Null(await other.Authenticator.LoginAsync("ann@example.test", "pass-word", DirectoryWorld.Client, DirectoryWorld.Ct));
        await other.LoginAsync("ann", "other-word");
    }

    [Fact]
    public async Task WithoutHintsAChangeIsSeenWithinFiveSeconds()
    {
        await using var one = await DirectoryWorld.WithAsync(postgres, "root", "ann");
        await using var other = one.SecondNode();
        var ann = await other.LoginAsync("ann");
        Assert.True(await other.Authenticator.IsCurrentAsync(ann, DirectoryWorld.Ct));
        await one.Users.SetDisabledAsync(Console, "ann@example.test", true, DirectoryWorld.Ct);
        await Task.Delay(TimeSpan.FromSeconds(5.2), DirectoryWorld.Ct);
        Assert.False(await other.Authenticator.IsCurrentAsync(ann, DirectoryWorld.Ct));
        Assert.Null(await other.Authenticator.LoginAsync("ann@example.test", "pass-word", DirectoryWorld.Client, DirectoryWorld.Ct));
    }
}
