using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Webmail.MailCore.Model;
using Webmail.MailCore.Outbound;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.Protocols.Smtp.Client;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Tests.Smtp.Client;

/// <summary>The SMTP client against peers that behave as RFC 5321 allows, and worse.</summary>
public sealed class RemoteSmtpTests : IDisposable
{
    private static readonly string[] Everything = ["250-mx.test", "250-PIPELINING", "250-SIZE 1000000", "250-8BITMIME", "250-DSN", "250 SMTPUTF8"];

    private readonly WireClock _clock = new(TimeProvider.System);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _clock.Dispose();

    private RemoteSmtp Client(RemoteTimeouts? timeouts = null, IPAddress? bind = null) => new(
        new WebmailSettings { Hostname = "mail.sina.com", DataDirectory = "/nowhere", Outbound = new() { BindAddress = bind } },
        _clock, timeouts ?? new(), NullLogger<RemoteSmtp>.Instance);

    private static TransportTarget To(ScriptedPeer peer, bool lmtp = false) => new("mx.test", [IPAddress.Loopback], peer.Port, lmtp);

    private static TransportMessage Message(string text, params string[] recipients) => new(
        EmailAddress.Parse("lisi@sina.com"), [.. recipients.Select(r => new RemoteRecipient(EmailAddress.Parse(r), null, null))],
        default, new MemoryBody(Encoding.UTF8.GetBytes(text)), null, null, false, false);

    private async Task<IReadOnlyList<RecipientResult>> SendAsync(ScriptedPeer peer, TransportMessage message, bool lmtp = false)
    {
        await using var session = await Client().ConnectAsync(To(peer, lmtp), Ct);
        return await session.SendAsync(message, Ct);
    }

    private static async Task GreetAsync(PeerLine c, params string[] ehlo)
    {
        await c.SendAsync("220 mx.test");
        await c.ExpectAsync("EHLO mail.sina.com", ehlo.Length > 0 ? ehlo : Everything);
    }

    private static async Task QuitAsync(PeerLine c) => await c.ExpectAsync("QUIT", "221 bye");

    [Fact]
    public async Task AMessageGoesInOnePipelineOctetForOctet()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c);
            await c.ExpectAsync("MAIL FROM:<lisi@sina.com> SIZE=");
            await c.ExpectAsync("RCPT TO:<a@sohu.com>");
            await c.ExpectAsync("RCPT TO:<b@sohu.com>");
            await c.ExpectAsync("DATA");
            await c.SendAsync("250 2.1.0 ok", "550 5.1.1 no such user", "250 2.1.5 ok", "354 go");
            await c.ReadMessageAsync("250 2.0.0 queued as 1");
            await QuitAsync(c);
        });
        var text = "Subject: a\r\n\r\n.\r\n..two\r\nplain\r\n.dot\r\n";
        var results = await SendAsync(peer, Message(text, "a@sohu.com", "b@sohu.com") with { Front = "DKIM-Signature: x\r\n"u8.ToArray() });
        Assert.Equal("DKIM-Signature: x\r\n" + text, Encoding.Latin1.GetString(peer.Connections[0].Message));
        Assert.Equal((RecipientState.Failed, "5.1.1", "550 5.1.1 no such user", "mx.test"), (results[0].State, results[0].Status, results[0].Reply, results[0].RemoteMta));
        Assert.Equal((RecipientState.Delivered, "2.0.0"), (results[1].State, results[1].Status));
    }

    [Fact]
    public async Task WithoutPipeliningEachCommandWaitsForItsReply()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await c.SendAsync("220 old");
            await c.ExpectAsync("EHLO", "500 what?");
            await c.ExpectAsync("HELO mail.sina.com", "250 hello");
            await c.ExpectAsync("MAIL FROM:<lisi@sina.com>", "250 ok");
            Assert.Equal("MAIL FROM:<lisi@sina.com>", c.Commands[^1]);
            await c.ExpectAsync("RCPT TO:<a@sohu.com>", "452 4.2.2 full");
            await c.ExpectAsync("RCPT TO:<b@sohu.com>", "251 will forward");
            await c.ExpectAsync("DATA", "354 go");
            await c.ReadMessageAsync("250 ok");
            await QuitAsync(c);
        });
        var results = await SendAsync(peer, Message("x\r\n", "a@sohu.com", "b@sohu.com"));
        Assert.Equal([RecipientState.Deferred, RecipientState.Delivered], results.Select(r => r.State));
        Assert.Equal("4.2.2", results[0].Status);
    }

    [Fact]
    public async Task SeveralMessagesGoOverOneConnectionAndARefusedOneIsReset()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c);
            await c.ExpectAsync("MAIL");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("DATA");
            await c.SendAsync("250 ok", "550 no", "503 5.5.1 no recipients");
            await c.ExpectAsync("RSET", "250 ok");
            await c.ExpectAsync("MAIL");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("DATA");
            await c.SendAsync("250 ok", "250 ok", "354 go");
            await c.ReadMessageAsync("554 5.7.1 spam");
            await c.ExpectAsync("MAIL");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("DATA");
            await c.SendAsync("250 ok", "250 ok", "354 go");
            await c.ReadMessageAsync("250 ok");
            await QuitAsync(c);
        });
        await using (var session = await Client().ConnectAsync(To(peer), Ct))
        {
            Assert.Equal((RecipientState.Failed, "5.0.0"), Only(await session.SendAsync(Message("1\r\n", "a@sohu.com"), Ct)));
            Assert.Equal((RecipientState.Failed, "5.7.1"), Only(await session.SendAsync(Message("2\r\n", "a@sohu.com"), Ct)));
            Assert.Equal((RecipientState.Delivered, "2.0.0"), Only(await session.SendAsync(Message("3\r\n", "a@sohu.com"), Ct)));
            Assert.True(session.IsUsable);
        }

        Assert.Single(peer.Connections);
    }

    private static (RecipientState, string) Only(IReadOnlyList<RecipientResult> results) => (Assert.Single(results).State, results[0].Status);

    [Theory]
    [InlineData("451 4.3.0 later", RecipientState.Deferred)]
    [InlineData("550 5.7.1 never", RecipientState.Failed)]
    public async Task ARefusedSenderIsTheAnswerForAllRecipients(string reply, RecipientState state)
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c);
            await c.ExpectAsync("MAIL");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("DATA");
            await c.SendAsync(reply, "503 first MAIL", "503 first MAIL", "503 first MAIL");
            await c.ExpectAsync("RSET", "250 ok");
            await QuitAsync(c);
        });
        var results = await SendAsync(peer, Message("x\r\n", "a@sohu.com", "b@sohu.com"));
        Assert.All(results, r => Assert.Equal((state, reply), (r.State, r.Reply)));
    }

    [Fact]
    public async Task APeerThatTakesDataWithoutARecipientGetsAnEmptyMessage()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c);
            await c.ExpectAsync("MAIL");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("DATA");
            await c.SendAsync("250 ok", "550 no", "354 go");
            await c.ReadMessageAsync("554 no recipients");
            await c.ExpectAsync("RSET", "250 ok");
            await QuitAsync(c);
        });
        Assert.Equal(RecipientState.Failed, Assert.Single(await SendAsync(peer, Message("x\r\n", "a@sohu.com"))).State);
        Assert.Empty(peer.Connections[0].Message);
    }

    [Theory]
    [InlineData("250 fine, done")]
    [InlineData("hello there")]
    [InlineData("999 what")]
    public async Task NonsenseInsteadOf354IsNeverADelivery(string reply)
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c);
            await c.ExpectAsync("MAIL");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("DATA");
            await c.SendAsync("250 ok", "250 ok", reply);
            await Task.Delay(300, Ct);
        });
        Assert.Equal(RecipientState.Deferred, Assert.Single(await SendAsync(peer, Message("x\r\n", "a@sohu.com"))).State);
    }

    [Fact]
    public async Task AConnectionLostAfterTheLastDotIsDeferred()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c);
            await c.ExpectAsync("MAIL");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("DATA");
            await c.SendAsync("250 ok", "250 ok", "354 go");
            await c.ReadMessageAsync();
        });
        await using var session = await Client().ConnectAsync(To(peer), Ct);
        Assert.Equal((RecipientState.Deferred, "4.4.2"), Only(await session.SendAsync(Message("x\r\n", "a@sohu.com"), Ct)));
        Assert.False(session.IsUsable);
    }

    [Fact]
    public async Task FourTwentyOneEndsTheSession()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c);
            await c.ExpectAsync("MAIL");
            await c.SendAsync("421 4.3.2 closing");
        });
        await using var session = await Client().ConnectAsync(To(peer), Ct);
        Assert.Equal((RecipientState.Deferred, "4.3.2"), Only(await session.SendAsync(Message("x\r\n", "a@sohu.com"), Ct)));
        Assert.False(session.IsUsable);
    }

    [Fact]
    public async Task ASilentPeerIsLeftAfterTheTimeout()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c);
            await Task.Delay(2_500, Ct);
        });
        await using var session = await Client(new() { Command = TimeSpan.FromSeconds(1) }).ConnectAsync(To(peer), Ct);
        Assert.Equal((RecipientState.Deferred, "4.4.2"), Only(await session.SendAsync(Message("x\r\n", "a@sohu.com"), Ct)));
        Assert.False(session.IsUsable);
    }

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

    [Fact]
    public async Task StartTlsIsUsedWhenOfferedAndWhatWasSaidBeforeIsForgotten()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c, "250-mx.test", "250-SIZE 10", "250 STARTTLS");
            await c.ExpectAsync("STARTTLS", "220 go");
            await c.StartTlsAsync();
            await c.ExpectAsync("EHLO", Everything);
            await c.ExpectAsync("MAIL");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("DATA");
            await c.SendAsync("250 ok", "250 ok", "354 go");
            await c.ReadMessageAsync("250 ok");
            await QuitAsync(c);
        });
        await using var session = await Client().ConnectAsync(To(peer), Ct);
        Assert.StartsWith("TLSv1.", session.TlsDescription, StringComparison.Ordinal);
        Assert.Equal(RecipientState.Delivered, Only(await session.SendAsync(Message("longer than ten\r\n", "a@sohu.com"), Ct)).Item1);
    }

    [Fact]
    public async Task AFailedHandshakeFallsBackToPlainText()
    {
        await using var peer = new ScriptedPeer(
            async c =>
            {
                await GreetAsync(c, "250-mx.test", "250 STARTTLS");
                await c.ExpectAsync("STARTTLS", "220 go");
                await c.SendAsync("this is no TLS record");
            },
            async c =>
            {
                await GreetAsync(c, "250-mx.test", "250 STARTTLS");
                await QuitAsync(c);
            });
        await using var session = await Client().ConnectAsync(To(peer), Ct);
        Assert.Null(session.TlsDescription);
        Assert.Equal(2, peer.Connections.Count);
    }

    [Fact]
    public async Task ARefusedStartTlsGoesOnInPlainText()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c, "250-mx.test", "250 STARTTLS");
            await c.ExpectAsync("STARTTLS", "454 4.7.0 not now");
            await QuitAsync(c);
        });
        await using var session = await Client().ConnectAsync(To(peer), Ct);
        Assert.True(session.IsUsable);
    }

    [Fact]
    public async Task DsnParametersArePassedOn()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c);
            await c.ExpectAsync("MAIL");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("DATA");
            await c.SendAsync("250 ok", "250 ok", "354 go");
            await c.ReadMessageAsync("250 ok");
            await QuitAsync(c);
        });
        var message = Message("x\r\n", "a@sohu.com") with { EnvId = "QQ+3D1", Ret = "HDRS", Sender = null, Is8Bit = true };
        message = message with { Recipients = [message.Recipients[0] with { Notify = "SUCCESS,FAILURE", Orcpt = "rfc822;b+2Bc@d.e" }] };
        await using (var session = await Client().ConnectAsync(To(peer), Ct))
        {
            Assert.True(session.OffersDsn);
            await session.SendAsync(message, Ct);
        }

        Assert.Equal(
            ["MAIL FROM:<> SIZE=3 BODY=8BITMIME RET=HDRS ENVID=QQ+3D1", "RCPT TO:<a@sohu.com> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b+2Bc@d.e"],
            peer.Connections[0].Commands[1..3]);
    }

    [Fact]
    public async Task WhatThePeerCannotTakeIsNotSent()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c, "250-mx.test", "250 SIZE 100");
            await c.ExpectAsync("MAIL", "250 ok");
            await c.ExpectAsync("RCPT TO:<a@sohu.com>", "250 ok");
            await c.ExpectAsync("DATA", "354 go");
            await c.ReadMessageAsync("250 ok");
            await QuitAsync(c);
        });
        await using (var session = await Client().ConnectAsync(To(peer), Ct))
        {
            Assert.Equal((RecipientState.Failed, "5.3.4"), Only(await session.SendAsync(Message(new string('x', 200), "a@sohu.com"), Ct)));
            Assert.Equal(
                (RecipientState.Failed, "5.6.7"),
                Only(await session.SendAsync(Message("Subject: \u4f60\u597d\r\n\r\nx\r\n", "a@sohu.com") with { NeedsUtf8 = true }, Ct)));
            // SMTPUTF8 was asked for and is not needed: goes without. A recipient that needs it fails alone.
            var mixed = await session.SendAsync(Message("Subject: a\r\n\r\n\u4f60\r\n", "\u674e\u56db@sohu.com", "a@sohu.com") with { NeedsUtf8 = true }, Ct);
            Assert.Equal([RecipientState.Failed, RecipientState.Delivered], mixed.Select(r => r.State));
        }
    }

    [Fact]
    public async Task SmtpUtf8IsAskedForWhenItIsNeeded()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c);
            await c.ExpectAsync("MAIL");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("DATA");
            await c.SendAsync("250 ok", "250 ok", "354 go");
            await c.ReadMessageAsync("250 ok");
            await QuitAsync(c);
        });
        await SendAsync(peer, Message("x\r\n", "\u674e\u56db@\u4f8b\u5b50.test"));
        Assert.Equal("MAIL FROM:<lisi@sina.com> SIZE=3 SMTPUTF8", peer.Connections[0].Commands[1]);
        Assert.Equal("RCPT TO:<\u674e\u56db@xn--fsqu00a.test>", Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(peer.Connections[0].Commands[2])));
    }

    [Fact]
    public async Task LmtpAnswersForEachRecipient()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await c.SendAsync("220 lmtp");
            await c.ExpectAsync("LHLO mail.sina.com", "250-lmtp", "250 PIPELINING");
            await c.ExpectAsync("MAIL");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("DATA");
            await c.SendAsync("250 ok", "250 ok", "550 5.1.1 no", "250 ok", "354 go");
            await c.ReadMessageAsync("250 2.1.5 stored", "452 4.2.2 full");
            await QuitAsync(c);
        });
        var results = await SendAsync(peer, Message("x\r\n", "a@sohu.com", "b@sohu.com", "c@sohu.com"), lmtp: true);
        Assert.Equal([RecipientState.Delivered, RecipientState.Failed, RecipientState.Deferred], results.Select(r => r.State));
        Assert.Equal(["2.1.5", "5.1.1", "4.2.2"], results.Select(r => r.Status));
    }

    [Fact]
    public async Task ABodyThatCannotBeReadNeverEndsAsAMessage()
    {
        await using var peer = new ScriptedPeer(async c =>
        {
            await GreetAsync(c);
            await c.ExpectAsync("MAIL");
            await c.ExpectAsync("RCPT");
            await c.ExpectAsync("DATA");
            await c.SendAsync("250 ok", "250 ok", "354 go");
            await c.ReadMessageAsync("250 ok");
        });
        await using var session = await Client().ConnectAsync(To(peer), Ct);
        Assert.Equal((RecipientState.Deferred, "4.3.0"), Only(await session.SendAsync(Message("x", "a@sohu.com") with { Body = new Breaking() }, Ct)));
        Assert.False(session.IsUsable);
        Assert.Empty(peer.Connections[0].Message);
    }

    private sealed class Breaking : MessageBody
    {
        public override long Length => 200_000;

        public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
        {
            bytes = default;
            return false;
        }

        public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct)
        {
            if (offset > 0)
                throw new IOException("The database is gone");
            buffer.Span[..1000].Fill((byte)'x');
            return new(1000);
        }
    }
}
