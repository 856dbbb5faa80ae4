using System.Text;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Tests.Mime;

public sealed class MessageViewTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static ValueTask<MessageView> Of(string message) => MessageView.ReadAsync(new MemoryBody(Encoding.Latin1.GetBytes(message.ReplaceLineEndings("\r\n"))), Ct);

    [Fact]
    public async Task Takes_html_of_alternatives_and_lists_files()
    {
        var view = await Of("""
            Content-Type: multipart/mixed; boundary=m

            --m
            Content-Type: multipart/alternative; boundary=a

            --a
            Content-Type: text/plain

            plain
            --a
            Content-Type: multipart/related; boundary=r

            --r
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            <b>Gr=C3=BC=C3=9Fe</b><img src=3D"cid:logo">
            --r
            Content-Type: image/png
            Content-ID: <logo>
            Content-Transfer-Encoding: base64

            iVBORw==
            --r--
            --a--
            --m
            Content-Type: application/pdf
            Content-Disposition: attachment; filename*=utf-8''%E6%8A%A5%E5%91%8A.pdf
            Content-Transfer-Encoding: base64

            JVBERi0=
            --m
            Content-Type: message/rfc822

            Subject: inner

            inner text
            --m--
            """);
        var text = Assert.Single(view.Texts);
        Assert.True(text.IsHtml);
        Assert.StartsWith("<b>Grüße</b>", text.Content, StringComparison.Ordinal);
        Assert.Equal(["1.2.2", "2", "3"], view.Files.Select(f => f.Section));
        Assert.Equal(["file-1.png", "报告.pdf", "message-3.eml"], view.Files.Select(f => f.Name));
        Assert.Equal([true, false, false], view.Files.Select(f => f.IsInline));
        Assert.Equal("%PDF-", await ReadAsync(view, "2"));
        Assert.StartsWith("Subject: inner", await ReadAsync(view, "3"), StringComparison.Ordinal);
        Assert.Null(view.OpenPart("9"));
        Assert.Null(view.OpenPart("1"));
    }

    [Theory]
    [InlineData("filename=\"../../etc/passwd\"", "passwd")]
    [InlineData("filename=\"C:\\\\temp\\\\a.txt\"", "a.txt")]
    [InlineData("filename=\"exe\u202etxt.scr\"", "exetxt.scr")]
    [InlineData("filename=\"=?utf-8?B?5rWL6K+VLnR4dA==?=\"", "测试.txt")]
    [InlineData("filename=\".bashrc\"", "bashrc")]
    public async Task Gives_names_that_are_only_names(string parameter, string name)
    {
        var octets = Encoding.UTF8.GetBytes($"Content-Type: application/x-thing\r\nContent-Disposition: attachment; {parameter}\r\n\r\nx");
        var view = await MessageView.ReadAsync(new MemoryBody(octets), Ct);
        Assert.Equal(name, Assert.Single(view.Files).Name);
    }

    [Fact]
    public async Task Reads_a_message_that_is_none()
    {
        Assert.Equal("", (await Of("")).PlainText.Trim());
        Assert.Equal("just words", (await Of("\njust words")).PlainText.Trim());
    }

    [Fact]
    public async Task Writes_what_it_reads()
    {
        var html = "<p>Grüße 王五</p><img src=\"cid:p1\">";
        var picture = new byte[300_000];
        new Random(3).NextBytes(picture);
        var message = new OutgoingMessage
        {
            From = new("Li Si", "lisi@example.test"),
            To = [new("王五, x", "wangwu@example.test")],
            Bcc = [new("", "hidden@example.test")],
            Subject = "Zeile\r\nBcc: evil@example.test 你好",
            Date = new(2026, 11, 24, 8, 0, 0, TimeSpan.FromHours(8)),
            MessageId = MessageComposer.NewMessageId("example.test"),
            Text = "Grüße\nzweite",
            Html = html,
            Files = [new("p.png", "image/png", "p1", _ => new(new MemoryStream(picture))), new("名.bin", "application/x-y", null, _ => new(new MemoryStream([1, 2, 3])))],
        };
        await using var spool = new BufferSpool();
        await MessageComposer.WriteAsync(message, spool, Ct);
        var octets = spool.Written.ToArray();
        Assert.DoesNotContain((byte)'\n', octets.Where((b, i) => b == '\n' && (i == 0 || octets[i - 1] != '\r')));
        Assert.True(Ascii.IsValid(octets));

        var envelope = EnvelopeView.Read(MessageFactsReader.Read(new MemoryStream(octets), octets.Length).Envelope.Span);
        Assert.Equal(new MailPerson("王五, x", "wangwu@example.test"), Assert.Single(envelope.To));
        Assert.Equal(new MailPerson("", "hidden@example.test"), Assert.Single(envelope.Bcc));
        Assert.Equal("ZeileBcc: evil@example.test 你好", envelope.Subject);
        var view = await MessageView.ReadAsync(new MemoryBody(octets), Ct);
        Assert.Equal(html, Assert.Single(view.Texts).Content.TrimEnd());
        Assert.Equal(["p.png", "名.bin"], view.Files.Select(f => f.Name));
        using var copy = new MemoryStream();
        await view.OpenPart(view.Files[0].Section)!.CopyToAsync(copy, Ct);
        Assert.Equal(picture, copy.ToArray());
        Assert.Equal([message.MessageId], view.Header.References);
    }

    /// <summary>A message in a branch of an alternative is one file: neither its texts nor its own files are the outer message's.</summary>
    [Fact]
    public async Task A_message_among_alternatives_is_a_file()
    {
        var octets = Encoding.ASCII.GetBytes("""
            Content-Type: multipart/alternative; boundary=a

            --a
            Content-Type: text/plain

            words
            --a
            Content-Type: message/rfc822

            Content-Type: multipart/mixed; boundary=i

            --i
            Content-Type: text/html

            <p>inner</p>
            --i
            Content-Type: application/pdf

            pdf
            --i--
            --a--
            """.ReplaceLineEndings("\r\n"));
        var view = await MessageView.ReadAsync(new MemoryBody(octets), Ct);
        Assert.Equal("words", Assert.Single(view.Texts).Content.Trim());
        Assert.Equal("2", Assert.Single(view.Files).Section);
    }

    private static async Task<string> ReadAsync(MessageView view, string section)
    {
        using var reader = new StreamReader(view.OpenPart(section)!, Encoding.Latin1);
        return await reader.ReadToEndAsync(Ct);
    }

    private sealed class BufferSpool : MessageSpool
    {
        public MemoryStream Written { get; } = new();

        public override long Length => Written.Length;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct) => Written.WriteAsync(bytes, ct);

        public override ValueTask CopyToAsync(MessageSpool to, CancellationToken ct) => to.WriteAsync(Written.ToArray(), ct);

        public override ValueTask<IncomingMessage> CompleteAsync(ReadOnlyMemory<byte> front, CancellationToken ct) => throw new NotSupportedException();

        public override ValueTask DisposeAsync() => Written.DisposeAsync();
    }
}
