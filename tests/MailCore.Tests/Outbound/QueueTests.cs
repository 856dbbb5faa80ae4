using System.Text;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Outbound;

/// <summary>The queue on a real PostgreSQL, its mail over real sockets.</summary>
public sealed class QueueTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AMessageLeavesAtOnceAsItIsStored()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        await q.EnqueueAsync(QueueWorld.Mail("wangwu@sohu.com", "zhaoliu@sohu.com") with { Front = "DKIM-Signature: x\r\n"u8.ToArray() });
        var message = Assert.Single(await q.Sink.ExpectAsync(1, seconds: 3));
        Assert.Equal("MAIL FROM:<lisi@example.test>", message.Mail);
        Assert.Equal(["RCPT TO:<wangwu@sohu.com>", "RCPT TO:<zhaoliu@sohu.com>"], message.Recipients);
        Assert.Equal("DKIM-Signature: x\r\n" + QueueWorld.Text, message.Text);
        await q.DrainAsync();
    }

    [Fact]
    public async Task AReturnPathThatWasMadeForLocalCopiesStaysHere()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        await q.EnqueueAsync(QueueWorld.Mail("wangwu@sohu.com"), "Return-Path: <lisi@example.test>\r\n" + QueueWorld.Text);
        await q.EnqueueAsync(QueueWorld.Mail("wangwu@sohu.com"), "Return-Path: <lisi@example.test>\r\n" + QueueWorld.Text + new string('x', 600_000) + "\r\n");
        Assert.All(await q.Sink.ExpectAsync(2), m => Assert.StartsWith("Subject: hello", m.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ALargeMessageLeavesWhole()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        var text = new StringBuilder(QueueWorld.Text);
        for (var i = 0; i < 60_000; i++)
            text.Append("line ").Append(i).Append(i % 100 == 0 ? "\r\n.\r\n" : " of a large message\r\n");
        await q.EnqueueAsync(QueueWorld.Mail("wangwu@sohu.com"), text.ToString());
        Assert.Equal(text.ToString(), (await q.Sink.ExpectAsync(1))[0].Text);
    }

    [Fact]
    public async Task OneConnectionCarriesWhatWaitsForAHost()
    {
        await using var q = await QueueWorld.StartAsync(postgres, run: false);
        for (var i = 0; i < 12; i++)
            await q.EnqueueAsync(QueueWorld.Mail($"user{i}@sohu.com"));
        await q.World.StartBackgroundAsync();
        await q.Sink.ExpectAsync(12);
        await q.DrainAsync();
        Assert.InRange(q.Sink.Connections, 1, 3);
    }

    [Fact]
    public async Task ManyRecipientsGoInBitesOfAHundred()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        await q.EnqueueAsync(QueueWorld.Mail([.. Enumerable.Range(0, 250).Select(i => $"user{i}@sohu.com")]));
        await q.DrainAsync();
        Assert.Equal(250, q.Sink.Messages.SelectMany(m => m.Recipients).Distinct().Count());
        Assert.All(q.Sink.Messages, m => Assert.InRange(m.Recipients.Count, 1, 100));
    }

    [Fact]
    public async Task WhatIsPutOffIsTriedAgainForThatRecipientOnly()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        var tries = 0;
        q.Sink.OnRcpt = r => r.StartsWith("slow@", StringComparison.Ordinal) && Interlocked.Increment(ref tries) < 3 ? "451 4.7.1 greylisted" : "250 ok";
        await q.EnqueueAsync(QueueWorld.Mail("slow@sohu.com", "quick@sohu.com"));
        var messages = await q.Sink.ExpectAsync(2);
        Assert.Equal(["RCPT TO:<quick@sohu.com>"], messages[0].Recipients);
        Assert.Equal(["RCPT TO:<slow@sohu.com>"], messages[1].Recipients);
        await q.DrainAsync();
        Assert.Equal(2, q.Sink.Messages.Count);
        Assert.Equal(3, tries);
    }

    [Fact]
    public async Task WithTheHostDownItWaitsAndArrivesAfterwards()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        var port = q.Sink.Port;
        await q.Sink.DisposeAsync();
        await q.EnqueueAsync(QueueWorld.Mail("wangwu@sohu.com"));
        await Task.Delay(1_000, Ct);
        Assert.Equal(1, await q.World.CountAsync("select count(*) from queue.recipient where attempts > 0 and last_reply like '%Connection refused%'"));
        await using var again = new SmtpSink(port);
        Assert.Single(await again.ExpectAsync(1));
        await q.DrainAsync();
    }

    [Fact]
    public async Task ALeaseThatRanOutIsTakenOverAndALivingOneIsNot()
    {
        await using var q = await QueueWorld.StartAsync(postgres, run: false);
        await q.EnqueueAsync(QueueWorld.Mail("dead@sohu.com"));
        await q.EnqueueAsync(QueueWorld.Mail("alive@sohu.com"));
        await q.World.CountAsync(
            """
            with u as (update queue.recipient set lease_owner = gen_random_uuid(), lease_until = now() + x.t, next_attempt = now() + x.t
              from (values ('dead@sohu.com', interval '-1 second'), ('alive@sohu.com', interval '5 minutes')) x(a, t) where address = x.a returning 1)
            select count(*) from u
            """);
        await q.World.StartBackgroundAsync();
        Assert.Equal(["RCPT TO:<dead@sohu.com>"], (await q.Sink.ExpectAsync(1))[0].Recipients);
        await Task.Delay(500, Ct);
        Assert.Single(q.Sink.Messages);
    }

    [Fact]
    public async Task WhatThisServerHadUnderWayWhenItWasKilledGoesOnAtItsStart()
    {
        await using var q = await QueueWorld.StartAsync(postgres, run: false);
        await q.EnqueueAsync(QueueWorld.Mail("wangwu@sohu.com"));
        var before = Guid.NewGuid();
        await File.WriteAllTextAsync(Path.Combine(q.World.Settings.DataDirectory, "queue.owner"), before.ToString(), Ct);
        await q.World.CountAsync(
            $"with u as (update queue.recipient set lease_owner = '{before}', lease_until = now() + interval '5 minutes', next_attempt = now() + interval '5 minutes' returning 1) select count(*) from u");
        await q.World.StartBackgroundAsync();
        await q.Sink.ExpectAsync(1, seconds: 5);
    }

    [Fact]
    public async Task TwoNodesShareTheWorkAndDeliverEachMessageOnce()
    {
        await using var q = await QueueWorld.StartAsync(postgres, run: false);
        const int Messages = 300;
        for (var i = 0; i < Messages; i++)
            await q.EnqueueAsync(QueueWorld.Mail($"user{i}@d{i % 7}.test"));
        await Task.WhenAll(q.World.StartBackgroundAsync(), q.AddNodeAsync());
        for (var i = 0; i < 50; i++)
            await q.EnqueueAsync(QueueWorld.Mail($"late{i}@d{i % 7}.test"));
        await q.DrainAsync(60);
        var recipients = q.Sink.Messages.SelectMany(m => m.Recipients).ToList();
        Assert.Equal(Messages + 50, recipients.Count);
        Assert.Equal(Messages + 50, recipients.Distinct().Count());
    }

    [Fact]
    public async Task AHeldMessageWaitsForItsTime()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        await q.EnqueueAsync(QueueWorld.Mail("wangwu@sohu.com") with { HoldUntil = TimeProvider.System.GetUtcNow().AddSeconds(1.5) });
        await Task.Delay(800, Ct);
        Assert.Empty(q.Sink.Messages);
        await q.Sink.ExpectAsync(1, seconds: 5);
    }

    [Fact]
    public async Task CopiesLeftToTheWorkerArriveOnceEach()
    {
        await using var q = await QueueWorld.StartAsync(postgres, run: false);
        var copies = new List<LocalDelivery>();
        for (var i = 0; i < 25; i++)
            copies.Add(new((await q.World.AddAccountAsync($"user{i}")).Account, SpecialUse.None, FlagSet.None, false));
        await q.EnqueueAsync(QueueWorld.Mail(), local: copies);
        await q.World.StartBackgroundAsync();
        await q.DrainAsync();
        for (var i = 0; i < 25; i++)
            Assert.Single(await q.World.MessagesAsync($"user{i}", "INBOX"));
    }

    [Fact]
    public async Task ALocalAddressInTheQueueIsDeliveredHereAndItsAliasesLeave()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        await q.World.AddAccountAsync("root");
        await q.World.AddAliasAsync("bin", "root", "far@sohu.com");
        await q.EnqueueAsync(QueueWorld.Mail("bin@example.test", "root@example.test"));
        Assert.Equal(["RCPT TO:<far@sohu.com>"], Assert.Single(await q.Sink.ExpectAsync(1)).Recipients);
        await q.DrainAsync();
        var message = Assert.Single(await q.World.MessagesAsync("root", "INBOX"));
        Assert.Equal("Return-Path: <lisi@example.test>\r\n" + QueueWorld.Text, Encoding.UTF8.GetString(message));
    }

    [Fact]
    public async Task AFullMailboxIsTriedAgainAndThenGivenUp()
    {
        await using var q = await QueueWorld.StartAsync(postgres, change: o => o with { Expiry = TimeSpan.FromSeconds(2) });
        await q.World.AddAccountAsync("full", quota: 10);
        await q.EnqueueAsync(QueueWorld.Mail("full@example.test"));
        await q.DrainAsync();
        var notice = Assert.Single(await q.InboxAsync("lisi", 1));
        Assert.Contains("The mailbox is full", notice.ToString(), StringComparison.Ordinal);
        Assert.Empty(await q.World.MessagesAsync("full", "INBOX"));
    }
}
