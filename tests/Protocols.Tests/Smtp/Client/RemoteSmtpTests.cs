using System.Text;
using Webmail.MailCore.Outbound;
using Webmail.MailCore.Store;
using Webmail.Protocols.Smtp.Client;

namespace Webmail.Protocols.Tests.Smtp.Client;

/// <summary>The SMTP client against peers that behave as RFC 5321 allows, and worse: messages and their replies.</summary>
public sealed class RemoteSmtpTests : RemoteSmtpDialogue
{
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
