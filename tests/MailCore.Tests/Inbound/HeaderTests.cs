using System.Net;
using System.Text;
using CsCheck;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Tests.Inbound;

public sealed class HeaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 8, 5, 9, TimeSpan.FromHours(1));

    private static string Rewrite(string header, bool isSubmission) =>
        Encoding.UTF8.GetString(HeaderRewrite.Write("T: t\r\n", Encoding.UTF8.GetBytes(header), isSubmission, "example.test", Guid.Empty, Now).Span);

    [Fact]
    public void EveryOctetBelongsToOneField() =>
        Gen.Char["ab: \t\r\n"].Array[0, 60].Select(c => Encoding.ASCII.GetBytes(c)).Sample(header =>
        {
            var rest = new List<byte>();
            foreach (var field in new HeaderFields(header))
                rest.AddRange(field.Whole);
            Assert.True(header.AsSpan().StartsWith(rest.ToArray()));
            Assert.True(rest.Count == header.Length || header.AsSpan(rest.Count).StartsWith("\r\n"u8));
        });

    [Fact]
    public void ForgedReturnPathsGoAndTheRestStays() => Assert.Equal(
        "T: t\r\nSubject: a\r\n b\r\nodd line\r\nBcc: c\r\n\r\n",
        Rewrite("Return-Path: <x@y>\r\nSubject: a\r\n b\r\nodd line\r\nreturn-path:\r\n <z>\r\nBcc: c\r\n\r\n", isSubmission: false));

    [Fact]
    public void SubmissionLosesBccAndGetsDateAndMessageId() => Assert.Equal(
        "T: t\r\nFrom: a@example.test\r\nDate: Tue, 24 Nov 2026 08:05:09 +0100\r\nMessage-ID: <00000000000000000000000000000000@example.test>\r\n\r\n",
        Rewrite("From: a@example.test\r\nbcc: b@example.test,\r\n c@example.test\r\nResent-Bcc: d@example.test\r\n\r\n", isSubmission: true));

    [Fact]
    public void SubmissionKeepsWhatIsThere()
    {
        const string header = "Date: x\r\nMESSAGE-ID: <1@x>\r\n\r\n";
        Assert.Equal("T: t\r\n" + header, Rewrite(header, isSubmission: true));
    }

    [Fact]
    public void AHeaderWithoutAnEndIsNotGluedToOurs() =>
        Assert.StartsWith("T: t\r\nSubject: x\r\nDate: ", Rewrite("Subject: x", isSubmission: true), StringComparison.Ordinal);

    [Theory]
    [InlineData("To: a@x.test\r\nCc: B <b@x.test>\r\nBcc: c@x.test, a@x.test\r\nFrom: F <f@x.test>\r\n\r\n", "f@x.test", "a@x.test b@x.test c@x.test")]
    [InlineData("To: a@x.test\r\nResent-To: r@x.test\r\nResent-From: s@x.test\r\nFrom: f@x.test\r\n\r\n", "s@x.test", "r@x.test")]
    [InlineData("Subject: none\r\n\r\n", null, "")]
    public void FindsRecipients(string header, string? from, string recipients)
    {
        var found = HeaderRecipients.Read(Encoding.UTF8.GetBytes(header));
        Assert.Equal(from, found.From?.ToString());
        Assert.Equal(recipients, string.Join(' ', found.Recipients));
        Assert.Null(found.Unreadable);
    }

    [Fact]
    public void SaysWhichRecipientFieldCannotBeRead() =>
        Assert.Equal("nonsense", HeaderRecipients.Read("To: nonsense\r\nCc: a@x.test\r\n\r\n"u8).Unreadable);

    [Theory]
    [InlineData(null, "Received: from h.test (unknown [IPv6:2001:db8::1])\r\n\tby mx.test (Webmail) with ESMTPS id 00000000000000000000000000000000\r\n\t(TLSv1.3 with cipher X)\r\n\tfor <a@x.test>;\r\n\tTue, 24 Nov 2026 08:05:09 +0100\r\n")]
    [InlineData("b@x.test", "Received: from h.test (unknown [IPv6:2001:db8::1])\r\n\tby mx.test (Webmail) with ESMTPS id 00000000000000000000000000000000\r\n\t(TLSv1.3 with cipher X);\r\n\tTue, 24 Nov 2026 08:05:09 +0100\r\n")]
    public void WritesReceived(string? second, string expected)
    {
        var client = new InboundClient(Ingress.Smtp, IPAddress.Parse("2001:db8::1"), null, "h.test", "ESMTPS", true, "TLSv1.3 with cipher X", false, null);
        List<InboundRecipient> recipients = [new(EmailAddress.Parse("a@x.test"), null, null)];
        if (second is not null)
            recipients.Add(new(EmailAddress.Parse(second), null, null));
        var text = new StringBuilder();
        TraceHeader.Write(text, new(client, null, recipients, new(new ListSpool()), null, null, false, false), Guid.Empty, "mx.test", Now, withReturnPath: false);
        Assert.Equal(expected, text.ToString());
    }

    [Fact]
    public async Task SpoolSplitsHeaderFromBodyAtAnyCut()
    {
        const string whole = "A: 1\r\nB: 2\r\n\r\nbody\r\n\r\nmore é";
        var octets = Encoding.UTF8.GetBytes(whole);
        for (var cut = 0; cut <= octets.Length; cut++)
        {
            var body = new ListSpool();
            await using var spool = new IncomingSpool(body);
            await spool.WriteAsync(octets.AsMemory(0, cut), default);
            await spool.WriteAsync(octets.AsMemory(cut), default);
            Assert.Equal("A: 1\r\nB: 2\r\n\r\n", Encoding.UTF8.GetString(spool.Header));
            Assert.Equal("body\r\n\r\nmore é", Encoding.UTF8.GetString([.. body.Octets]));
            Assert.Equal(octets.Length, spool.Length);
            Assert.True(spool.Is8Bit);
        }
    }

    [Fact]
    public async Task AnEndlessHeaderIsCutAndNothingOfItIsLost()
    {
        var body = new ListSpool();
        await using var spool = new IncomingSpool(body);
        var octets = Encoding.ASCII.GetBytes(new string('x', IncomingSpool.MaxHeader + 1000));
        for (var at = 0; at < octets.Length; at += 10_007)
            await spool.WriteAsync(octets.AsMemory(at, Math.Min(10_007, octets.Length - at)), default);
        Assert.True(spool.IsHeaderCut);
        Assert.Equal(IncomingSpool.MaxHeader, spool.Header.Length);
        Assert.Equal(1000, body.Octets.Count);
    }

    [Fact]
    public async Task AMessageMayBeginWithItsBody()
    {
        var body = new ListSpool();
        await using var spool = new IncomingSpool(body);
        await spool.WriteAsync("\r"u8.ToArray(), default);
        await spool.WriteAsync("\nbody"u8.ToArray(), default);
        Assert.Equal("\r\n", Encoding.UTF8.GetString(spool.Header));
        Assert.Equal("body", Encoding.UTF8.GetString([.. body.Octets]));
    }

    private sealed class ListSpool : MessageSpool
    {
        public List<byte> Octets { get; } = [];

        public override long Length => Octets.Count;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
        {
            Octets.AddRange(bytes.Span);
            return default;
        }

        public override ValueTask CopyToAsync(MessageSpool to, CancellationToken ct) => to.WriteAsync(Octets.ToArray(), ct);

        public override ValueTask<IncomingMessage> CompleteAsync(ReadOnlyMemory<byte> front, CancellationToken ct) => throw new InvalidOperationException();

        public override ValueTask DisposeAsync() => default;
    }
}
