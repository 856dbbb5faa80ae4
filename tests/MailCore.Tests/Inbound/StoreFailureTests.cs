using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Inbound;

/// <summary>The database takes nothing for the queue (its disk is full): nobody may hear that a message was taken which nobody has.</summary>
public sealed class StoreFailureTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Text = "From: stranger@far.test\r\nSubject: hello\r\n\r\nHello.\r\n";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("far@sohu.com")]
    [InlineData("far@sohu.com", "lisi@example.test")]
    public async Task AMessageThatCannotBeQueuedIsPutOffForEverybody(params string[] recipients)
    {
        await using var world = await StartAsync();
        var outcomes = await AcceptAsync(world, Ingress.Smtp, recipients);
        Assert.All(outcomes, o => Assert.Equal(RefusalKind.Temporary, o.Refusal?.Kind));
        Assert.Empty(await world.MessagesAsync("lisi", "INBOX"));
    }

    [Fact]
    public async Task ACopyThatCannotBeLeftToTheQueueIsAskedForAgain()
    {
        await using var world = await StartAsync();
        var outcomes = await AcceptAsync(world, Ingress.Smtp, "lisi@example.test", "full@example.test");
        // Lisi gets it twice then; the other would have got it never.
        Assert.All(outcomes, o => Assert.Equal(RefusalKind.Temporary, o.Refusal?.Kind));
    }

    [Fact]
    public async Task LmtpAsksAgainOnlyForThoseWhoseCopiesAreUnfinished()
    {
        await using var world = await StartAsync();
        await world.AddAliasAsync("both", "lisi", "full");
        var outcomes = await AcceptAsync(world, Ingress.Lmtp, "lisi@example.test", "both@example.test");
        Assert.Equal([null, RefusalKind.Temporary], outcomes.Select(o => o.Refusal?.Kind));
    }

    private async Task<MailWorld> StartAsync()
    {
        var world = await MailWorld.StartAsync(postgres);
        await world.AddAccountAsync("lisi");
        await world.AddAccountAsync("full", quota: 10);
        await world.CountAsync(
            """
            create function queue.no_room() returns trigger language plpgsql as $$ begin raise exception 'no room' using errcode = '53100'; end $$;
            create trigger no_room before insert on queue.message execute function queue.no_room();
            select 0
            """);
        return world;
    }

    private static async Task<IReadOnlyList<RecipientOutcome>> AcceptAsync(MailWorld world, Ingress ingress, params string[] recipients)
    {
        var inbound = world.Services.GetRequiredService<IInbound>();
        await using var spool = inbound.Begin();
        await spool.WriteAsync(Encoding.ASCII.GetBytes(Text), Ct);
        var client = new InboundClient(ingress, null, null, "far.test", "ESMTP", false, null, true, null);
        var outcome = await inbound.AcceptAsync(
            new(client, EmailAddress.Parse("stranger@far.test"), [.. recipients.Select(r => new InboundRecipient(EmailAddress.Parse(r), null, null))], spool, null, null, false, false), Ct);
        return outcome.Outcomes;
    }
}
