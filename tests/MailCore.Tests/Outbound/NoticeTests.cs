using System.Text;
using MimeKit;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;
using Webmail.MailCore.Outbound;
using Webmail.MailCore.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Outbound;

/// <summary>What senders are told, read back with MimeKit.</summary>
public sealed class NoticeTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static MimeKit.HeaderListCollection Fields(MimeMessage notice) =>
        Assert.IsAssignableFrom<MessageDeliveryStatus>(Parts(notice)[1]).StatusGroups;

    private static MultipartReport Parts(MimeMessage notice) => Assert.IsType<MultipartReport>(notice.Body);

    private static string Returned(MimeMessage notice)
    {
        using var text = new MemoryStream();
        if (Parts(notice)[2] is MessagePart whole)
            whole.Message!.WriteTo(text);
        else
            ((MimePart)Parts(notice)[2]).Content!.DecodeTo(text);
        return Encoding.UTF8.GetString(text.ToArray()).Replace("\n", "\r\n", StringComparison.Ordinal).Replace("\r\r", "\r", StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFailureIsReportedInFull()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        q.Sink.OnRcpt = r => r.StartsWith("nobody@", StringComparison.Ordinal) ? "550 5.1.1 no such user here" : "250 ok";
        await q.EnqueueAsync(QueueWorld.Notify(QueueWorld.Mail("nobody@sohu.com"), "FAILURE", "rfc822;no+2Bbody@alias.test") with { EnvId = "QQ314159+3D" });
        var notice = Assert.Single(await q.InboxAsync("lisi", 1));

        Assert.Equal("Return-Path", notice.Headers[0].Field);
        Assert.Equal("<>", notice.Headers[0].Value);
        Assert.Equal("MAILER-DAEMON@mx.example.test", ((MailboxAddress)notice.From[0]).Address);
        Assert.Equal("auto-replied", notice.Headers[HeaderId.AutoSubmitted]);
        Assert.Equal("1@example.test", notice.InReplyTo);
        Assert.Equal("delivery-status", Parts(notice).ReportType);
        Assert.Contains("<nobody@sohu.com>", ((TextPart)Parts(notice)[0]).Text, StringComparison.Ordinal);
        Assert.Contains("550 5.1.1 no such user here", ((TextPart)Parts(notice)[0]).Text, StringComparison.Ordinal);

        var fields = Fields(notice);
        Assert.Equal(2, fields.Count);
        Assert.Equal("QQ314159=", fields[0]["Original-Envelope-Id"]);
        Assert.Equal("dns; mx.example.test", fields[0]["Reporting-MTA"]);
        Assert.NotNull(fields[0]["Arrival-Date"]);
        Assert.Equal("rfc822; no+body@alias.test", fields[1]["Original-Recipient"]);
        Assert.Equal("rfc822; nobody@sohu.com", fields[1]["Final-Recipient"]);
        Assert.Equal("failed", fields[1]["Action"]);
        Assert.Equal("5.1.1", fields[1]["Status"]);
        Assert.Equal("dns; 127.0.0.1", fields[1]["Remote-MTA"]);
        Assert.Equal("smtp; 550 5.1.1 no such user here", fields[1]["Diagnostic-Code"]);
        Assert.NotNull(fields[1]["Last-Attempt-Date"]);
        Assert.Equal(QueueWorld.Text, Returned(notice));
    }

    [Fact]
    public async Task OnlyTheHeaderGoesBackWhenAskedOrWhenTheMessageIsLarge()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        q.Sink.OnMessage = _ => "554 5.7.1 no thanks";
        await q.EnqueueAsync(QueueWorld.Mail("a@sohu.com") with { Ret = "HDRS" });
        await q.EnqueueAsync(QueueWorld.Mail("a@sohu.com") with { Ret = "FULL" }, QueueWorld.Text + new string('x', 900) + string.Concat(Enumerable.Repeat("\r\n" + new string('y', 900), 400)) + "\r\n");
        foreach (var notice in await q.InboxAsync("lisi", 2))
        {
            Assert.Equal("text/rfc822-headers", Parts(notice)[2].ContentType.MimeType);
            Assert.Equal(QueueWorld.Text[..(QueueWorld.Text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)], Returned(notice));
        }
    }

    [Fact]
    public async Task SeveralFailuresOfATryComeInOneNotice()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        q.Sink.OnRcpt = r => r.StartsWith("ok", StringComparison.Ordinal) ? "250 ok" : "550 5.1.1 no";
        await q.EnqueueAsync(QueueWorld.Mail("a@sohu.com", "ok@sohu.com", "b@sohu.com"));
        await q.DrainAsync();
        Assert.Equal(3, Fields(Assert.Single(await q.InboxAsync("lisi", 1))).Count);
    }

    [Fact]
    public async Task NobodyIsToldWhoDoesNotWantTo()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        q.Sink.OnRcpt = _ => "550 5.1.1 no";
        await q.EnqueueAsync(QueueWorld.Notify(QueueWorld.Mail("a@sohu.com"), "NEVER"));
        await q.EnqueueAsync(QueueWorld.Notify(QueueWorld.Mail("a@sohu.com"), "SUCCESS,DELAY"));
        await q.EnqueueAsync(QueueWorld.Mail("a@sohu.com") with { Sender = null });
        await q.DrainAsync();
        Assert.Empty(await q.World.MessagesAsync("lisi", "INBOX"));
    }

    [Fact]
    public async Task ANoticeForASenderElsewhereLeavesFromNobody()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        q.Sink.OnRcpt = r => r == "a@sohu.com" ? "550 5.1.1 no" : "250 ok";
        await q.EnqueueAsync(QueueWorld.Mail("a@sohu.com") with { Sender = EmailAddress.Parse("far@away.test") });
        var notice = Assert.Single(await q.Sink.ExpectAsync(1));
        Assert.StartsWith("MAIL FROM:<>", notice.Mail, StringComparison.Ordinal);
        Assert.StartsWith("RCPT TO:<far@away.test>", notice.Recipients[0], StringComparison.Ordinal);
        Assert.Equal("failed", Fields(MimeMessage.Load(new MemoryStream(notice.Octets)))[1]["Action"]);
        await q.DrainAsync();
    }

    [Fact]
    public async Task SuccessIsReportedByWhoeverKnowsOfIt()
    {
        await using var q = await QueueWorld.StartAsync(postgres);
        await q.EnqueueAsync(QueueWorld.Notify(QueueWorld.Mail("a@sohu.com"), "SUCCESS"));
        await q.Sink.ExpectAsync(1);
        var relayed = Assert.Single(await q.InboxAsync("lisi", 1));
        Assert.Equal("relayed", Fields(relayed)[1]["Action"]);
        Assert.Equal("2.0.0", Fields(relayed)[1]["Status"]);

        q.Sink.Extensions = ["PIPELINING", "DSN"];
        await q.EnqueueAsync(QueueWorld.Notify(QueueWorld.Mail("b@sohu.com"), "SUCCESS", "rfc822;b@sohu.com") with { EnvId = "e1" });
        await q.Sink.ExpectAsync(2);
        await q.DrainAsync();
        Assert.Equal("MAIL FROM:<lisi@example.test> ENVID=e1", q.Sink.Messages.Last().Mail);
        Assert.Equal("RCPT TO:<b@sohu.com> NOTIFY=SUCCESS ORCPT=rfc822;b@sohu.com", q.Sink.Messages.Last().Recipients[0]);
        Assert.Single(await q.World.MessagesAsync("lisi", "INBOX"));

        // Here it is we who know: by the queue's worker, and by the pipeline's call, which does not tell twice.
        await q.EnqueueAsync(QueueWorld.Notify(QueueWorld.Mail("lisi@example.test"), "SUCCESS"), "Subject: to myself\r\n\r\n");
        var delivered = (await q.InboxAsync("lisi", 3)).Single(m => m.Body is MultipartReport && Fields(m)[1]["Action"] == "delivered");
        Assert.Equal("rfc822; lisi@example.test", Fields(delivered)[1]["Final-Recipient"]);
        var trace = Guid.NewGuid();
        for (var i = 0; i < 2; i++)
        {
            await q.Of<Notices>().DeliveredAsync(
                trace, EmailAddress.Parse("lisi@example.test"), null, null, [new InboundRecipient(EmailAddress.Parse("c@example.test"), "SUCCESS", null)],
                new MemoryBody("Subject: x\r\n\r\n"u8.ToArray()), Ct);
        }

        await q.DrainAsync();
        Assert.Equal(4, (await q.World.MessagesAsync("lisi", "INBOX")).Count);
    }

    [Fact]
    public async Task ADelayIsToldOnceAndTheEndTooWhenTimeRunsOut()
    {
        await using var q = await QueueWorld.StartAsync(
            postgres, change: o => o with { DelayNotice = TimeSpan.FromSeconds(1), Expiry = TimeSpan.FromSeconds(3) });
        q.Sink.OnRcpt = _ => "450 4.2.0 try later";
        await q.EnqueueAsync(QueueWorld.Mail("a@sohu.com"));
        await q.DrainAsync();
        var notices = await q.InboxAsync("lisi", 2);
        Assert.Equal(["delayed", "failed"], notices.Select(n => Fields(n)[1]["Action"]));
        Assert.NotNull(Fields(notices[0])[1]["Will-Retry-Until"]);
        Assert.Equal("4.2.0", Fields(notices[0])[1]["Status"]);
        Assert.Equal("5.4.7", Fields(notices[1])[1]["Status"]);
        Assert.Equal("smtp; 450 4.2.0 try later", Fields(notices[1])[1]["Diagnostic-Code"]);
    }

    [Fact]
    public void InternationalAddressesUseTheGlobalTypes()
    {
        var report = new DsnReport(
            DsnKind.Failed, "mx.example.test", EmailAddress.Parse("\u674e\u56db@\u4f8b\u5b50.test"),
            [new(EmailAddress.Parse("\u738b\u4e94@\u4f8b\u5b50.test"), "utf-8;\\x{738B}@x.test", "5.6.7", "550 5.6.7 \u4e0d", "mx.sohu.com")],
            null, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null, Encoding.UTF8.GetBytes("Subject: \u4f60\r\n"), IsWhole: false, NeedsUtf8: true);
        var text = Encoding.UTF8.GetString(Dsn.Write(report, "id", "b"));
        Assert.Contains("To: \u674e\u56db@xn--fsqu00a.test\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Content-Type: message/global-delivery-status\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Content-Type: message/global-headers\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Final-Recipient: utf-8; \u738b\u4e94@\u4f8b\u5b50.test\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Diagnostic-Code: smtp; 550 5.6.7 \u4e0d\r\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a+0D+0Ab")]
    [InlineData("a+FFb")]
    public void WhatCouldBreakAHeaderIsLeftOut(string xtext) => Assert.Null(DsnText.FromXText(xtext));

    [Fact]
    public void LongRepliesAreFolded() =>
        Assert.All(DsnText.Wrap(string.Join(' ', Enumerable.Repeat("word", 200)), "\t"), line => Assert.True(line.Length <= 78));
}
