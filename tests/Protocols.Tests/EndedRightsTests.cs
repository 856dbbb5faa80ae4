using Microsoft.Extensions.DependencyInjection;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.Testing;

namespace Webmail.Protocols.Tests;

/// <summary>Whoever is disabled, removed, or got another password is out: the next command of an open session is the last.</summary>
public sealed class EndedRightsTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task AnImapSessionEndsWithTheNextCommand()
    {
        await using var world = await StartAsync();
        await using var client = new LineClient(world, "imap");
        Assert.StartsWith("* OK", await client.LineAsync(), StringComparison.Ordinal);
        await client.SendAsync("a LOGIN ann@example.test pass-word");
        Assert.StartsWith("a OK", await client.LineAsync(), StringComparison.Ordinal);
        await DisableAsync(world);
        await client.SendAsync("b LIST \"\" *");
        Assert.StartsWith("* BYE", await client.LineAsync(), StringComparison.Ordinal);
        Assert.Null(await client.LineAsync());
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task AnIdlingImapSessionEndsAtOnce()
    {
        await using var world = await StartAsync();
        await using var client = new LineClient(world, "imap");
        Assert.StartsWith("* OK", await client.LineAsync(), StringComparison.Ordinal);
        await client.SendAsync("a LOGIN ann@example.test pass-word");
        Assert.StartsWith("a OK", await client.LineAsync(), StringComparison.Ordinal);
        await client.SendAsync("b IDLE");
        Assert.StartsWith("+ ", await client.LineAsync(), StringComparison.Ordinal);
        await DisableAsync(world);
        Assert.StartsWith("* BYE", await client.LineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("b NO [NOPERM]", await client.LineAsync(), StringComparison.Ordinal);
        Assert.Null(await client.LineAsync());
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task AListeningImapSessionEndsAtOnce()
    {
        await using var world = await StartAsync();
        await using var client = new LineClient(world, "imap");
        Assert.StartsWith("* OK", await client.LineAsync(), StringComparison.Ordinal);
        await client.SendAsync("a LOGIN ann@example.test pass-word");
        Assert.StartsWith("a OK", await client.LineAsync(), StringComparison.Ordinal);
        await client.SendAsync("b NOTIFY SET (personal (MailboxName))");
        Assert.StartsWith("b OK", await client.LineAsync(), StringComparison.Ordinal);
        await DisableAsync(world);
        Assert.StartsWith("* BYE", await client.LineAsync(), StringComparison.Ordinal);
        Assert.Null(await client.LineAsync());
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task ASubmissionSessionSendsNothingMore()
    {
        await using var world = await StartAsync();
        await using var client = new LineClient(world, "submission");
        Assert.StartsWith("220", await client.LineAsync(), StringComparison.Ordinal);
        await client.SendAsync("HELO client.example\r\nAUTH PLAIN " + Convert.ToBase64String("\0ann@example.test\0pass-word"u8));
        Assert.StartsWith("250", await client.LineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("235", await client.LineAsync(), StringComparison.Ordinal);
        await DisableAsync(world);
        await client.SendAsync("MAIL FROM:<ann@example.test>");
        Assert.StartsWith("5", await client.LineAsync(), StringComparison.Ordinal);
        Assert.Empty(world.Errors.All);
    }

    private async Task<MailWorld> StartAsync()
    {
        var world = await MailWorld.StartAsync(postgres);
        await world.AddAccountAsync("root", administrator: true);
        await world.AddAccountAsync("ann");
        return world;
    }

    private static Task DisableAsync(MailWorld world) =>
        world.Services.GetRequiredService<UserAdmin>().SetDisabledAsync(Principal.LocalConsole, "ann@example.test", true, CancellationToken.None);
}
