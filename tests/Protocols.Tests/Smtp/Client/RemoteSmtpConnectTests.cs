using System.Net;
using Webmail.MailCore.Outbound;
using Webmail.Protocols.Smtp.Client;

namespace Webmail.Protocols.Tests.Smtp.Client;

/// <summary>The SMTP client before the first message: addresses, greetings, time.</summary>
public sealed class RemoteSmtpConnectTests : RemoteSmtpDialogue
{
    [Theory]
    [InlineData("554 5.7.1 you are on a list", RecipientState.Deferred)]
    [InlineData("421 4.3.2 busy", RecipientState.Deferred)]
    [InlineData("521 5.3.2 takes no mail", RecipientState.Failed)]
    [InlineData("garbage", RecipientState.Deferred)]
    public async Task AGreetingThatRefusesIsNoSession(string greeting, RecipientState state)
    {
        await using var peer = new ScriptedPeer(c => c.SendAsync(greeting));
        var e = await Assert.ThrowsAsync<MailTransportException>(async () => await Client().ConnectAsync(To(peer), Ct));
        Assert.Equal(state, e.State);
    }

    [Fact]
    public async Task EndlessRepliesAreCutOff()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await c.SendAsync("220 mx.test");
            await c.ExpectAsync("EHLO");
            for (var i = 0; i < 100_000; i++)
                await c.SendAsync("250-AND-ANOTHER-ONE");
        });
        var e = await Assert.ThrowsAsync<MailTransportException>(async () => await Client().ConnectAsync(To(peer), Ct));
        Assert.Equal("4.4.2", e.Status);
    }

    [Fact]
    public async Task TheNextAddressIsTriedWhenOneDoesNotAnswer()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c);
            await QuitAsync(c);
        });
        var target = new TransportTarget("mx.test", [IPAddress.Parse("127.0.0.77"), IPAddress.IPv6Loopback, IPAddress.Loopback], peer.Port, false);
        await using var session = await Client(bind: IPAddress.Parse("127.0.0.9")).ConnectAsync(target, Ct);
        Assert.True(session.IsUsable);
    }

    [Fact]
    public async Task NobodyAnswersAnywhere()
    {
        var target = new TransportTarget("mx.test", [IPAddress.Parse("127.0.0.77")], 1, false);
        var e = await Assert.ThrowsAsync<MailTransportException>(async () => await Client().ConnectAsync(target, Ct));
        Assert.Equal((RecipientState.Deferred, "4.4.1"), (e.State, e.Status));
        Assert.Contains("127.0.0.77", e.Reply, StringComparison.Ordinal);
    }
}
