using Webmail.MailCore.Outbound;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Outbound;

/// <summary>What an outage of the database leaves half done: leases that nobody works on, outcomes of which nobody knows whether they were written.</summary>
public sealed class QueueLeaseTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string LeasedSql = "select count(*) from queue.recipient where lease_owner is not null";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OnlyLeasesThatAreHeldAreRenewedAndTheOthersGoBack()
    {
        await using var q = await QueueWorld.StartAsync(postgres, run: false);
        await q.EnqueueAsync(QueueWorld.Mail("one@sohu.com", "two@sohu.com"));
        var queue = q.Of<Queue>();
        var items = await ClaimAllAsync(queue);
        IReadOnlyCollection<(long, int)> held = [(items[0].Message, items[0].N)];

        await q.World.CountAsync("update queue.recipient set lease_until = now() returning 1");
        await queue.RenewAsync(held, Ct);
        Assert.Equal(1, await q.World.CountAsync("select count(*) from queue.recipient where lease_until > now() + interval '4 min'"));

        Assert.Equal(1, await queue.ReleaseStraysAsync(held, Ct));
        Assert.Equal(1, await q.World.CountAsync(LeasedSql));
        Assert.Equal(items[1].N, Assert.Single(await ClaimAllAsync(queue)).N);
    }

    [Fact]
    public async Task TheBacklogKnowsWhatIsHeldUntilItIsReleased()
    {
        await using var q = await QueueWorld.StartAsync(postgres, run: false);
        await q.EnqueueAsync(QueueWorld.Mail("one@sohu.com"));
        var item = Assert.Single(await ClaimAllAsync(q.Of<Queue>()));
        var backlog = new Backlog(1);
        backlog.Add("sohu.com", 1, [new(item.Message, "sohu.com", false, [item])]);
        Assert.Equal("sohu.com", backlog.Begin());
        var batch = backlog.Take("sohu.com")!;
        Assert.Single(backlog.Held);
        Assert.Null(backlog.TakeStrays());
        backlog.Release(batch, isStray: true);
        Assert.Empty(backlog.TakeStrays()!);
        Assert.Null(backlog.TakeStrays());
    }

    [Fact]
    public async Task AnOutcomeThatWasWrittenUnheardIsNotWrittenTwice()
    {
        await using var q = await QueueWorld.StartAsync(postgres, run: false);
        await q.EnqueueAsync(QueueWorld.Mail("one@sohu.com", "two@sohu.com"));
        var items = await ClaimAllAsync(q.Of<Queue>());
        var outcomes = items.Select(i => new Outcome(i, new(i.Recipient, RecipientState.Delivered, "2.0.0", "ok", null), null, NoticeDelay: false)
        {
            Instead = [new(MailCore.Model.EmailAddress.Parse("instead@far.test"), null, null)],
        }).ToList();
        var writer = q.Of<QueueOutcomes>();
        Assert.Empty(await writer.WriteAsync(items[0].Message, [outcomes[0]], [], Ct));
        Assert.Equal([items[0].N], await writer.WriteAsync(items[0].Message, outcomes, [], Ct));
        Assert.Empty(await writer.WriteAsync(items[0].Message, [outcomes[1]], [], Ct));
        Assert.Equal(2, await q.World.CountAsync("select count(*) from queue.recipient where address = 'instead@far.test'"));
    }

    private static async Task<List<QueueItem>> ClaimAllAsync(Queue queue) => await queue.ClaimAsync(await queue.LookAsync(null, 100, Ct), Ct);
}
