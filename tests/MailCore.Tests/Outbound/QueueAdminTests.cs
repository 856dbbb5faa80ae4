using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Outbound;

public sealed class QueueAdminTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheQueueIsListedInPagesAndSearched()
    {
        await using var q = await QueueWorld.StartAsync(postgres, run: false);
        var admin = q.Of<QueueAdmin>();
        for (var i = 0; i < 5; i++)
            await q.EnqueueAsync(QueueWorld.Mail($"user{i}@sohu.com", "all@sina.com"));
        var first = await admin.ListAsync(Principal.LocalConsole, new() { Limit = 3 }, Ct);
        var second = await admin.ListAsync(Principal.LocalConsole, new() { Limit = 3, After = first.Next }, Ct);
        Assert.Equal((3, 2, null), (first.Items.Count, second.Items.Count, second.Next));
        Assert.Equal(["user0@sohu.com", "all@sina.com"], first.Items[0].Recipients.Select(r => r.Address));
        Assert.Equal(("lisi@example.test", (long)QueueWorld.Text.Length, false), (first.Items[0].Sender, first.Items[0].Size, first.Items[0].Recipients[0].IsUnderWay));
        Assert.Single((await admin.ListAsync(Principal.LocalConsole, new() { Search = "user3" }, Ct)).Items);
        Assert.Equal(5, (await admin.ListAsync(Principal.LocalConsole, new() { Domain = "sina.com" }, Ct)).Items.Count);
        Assert.Empty((await admin.ListAsync(Principal.LocalConsole, new() { Search = "100%" }, Ct)).Items);
    }

    [Fact]
    public async Task HoldRetryAndRemove()
    {
        await using var q = await QueueWorld.StartAsync(postgres, change: o => o with { RetryFirst = TimeSpan.FromHours(1) });
        var admin = q.Of<QueueAdmin>();
        q.Sink.OnRcpt = _ => "451 4.0.0 later";
        await q.EnqueueAsync(QueueWorld.Mail("a@sohu.com"));
        var entry = await TriedAsync(admin, 1);
        Assert.Equal(("4.0.0", "451 4.0.0 later", "127.0.0.1"), (entry.Recipients[0].LastStatus, entry.Recipients[0].LastReply, entry.Recipients[0].LastMta));

        await admin.HoldAsync(Principal.LocalConsole, entry.Id, null, Ct);
        Assert.Equal(0, await admin.RetryAllAsync(Principal.LocalConsole, Ct));
        Assert.Equal(DateTimeOffset.MaxValue, (await admin.ListAsync(Principal.LocalConsole, new(), Ct)).Items[0].HeldUntil);
        await admin.RetryAsync(Principal.LocalConsole, entry.Id, Ct);
        await TriedAsync(admin, 2);

        await admin.RemoveAsync(Principal.LocalConsole, entry.Id, Ct);
        await q.DrainAsync(1);
        var gone = await Assert.ThrowsAsync<MailException>(() => admin.RemoveAsync(Principal.LocalConsole, entry.Id, Ct));
        Assert.Equal(MailError.NotFound, gone.Error);
        await Assert.ThrowsAsync<MailException>(() => admin.RetryAsync(Principal.LocalConsole, "x", Ct));
    }

    [Fact]
    public async Task OnlyAnAdministratorMay()
    {
        await using var q = await QueueWorld.StartAsync(postgres, run: false);
        var lisi = await q.World.PrincipalAsync("lisi");
        var e = await Assert.ThrowsAsync<MailException>(() => q.Of<QueueAdmin>().ListAsync(lisi, new(), Ct));
        Assert.Equal(MailError.NoPermission, e.Error);
    }

    private static async Task<QueueEntry> TriedAsync(QueueAdmin admin, int attempts)
    {
        for (var i = 0; i < 200; i++)
        {
            if ((await admin.ListAsync(Principal.LocalConsole, new(), Ct)).Items is [var entry] && entry.Recipients[0].Attempts == attempts)
                return entry;
            await Task.Delay(25, Ct);
        }

        throw new TimeoutException("It was not tried");
    }
}
