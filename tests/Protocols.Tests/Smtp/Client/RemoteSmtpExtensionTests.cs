using System.Text;
using Webmail.MailCore.Outbound;
using Webmail.Protocols.Smtp.Client;

namespace Webmail.Protocols.Tests.Smtp.Client;

/// <summary>The SMTP client and what a peer offers: STARTTLS, DSN, SMTPUTF8, LMTP.</summary>
public sealed class RemoteSmtpExtensionTests : RemoteSmtpDialogue
{
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
}
