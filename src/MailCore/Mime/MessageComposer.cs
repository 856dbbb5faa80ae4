using System.Text;
using MimeKit;
using MimeKit.Utils;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Mime;

/// <summary>A file to send. <paramref name="Open"/> is called once for each time that the message is written; its stream is read to the end and disposed.</summary>
/// <param name="ContentId">Without brackets: a picture that the HTML shows; null: an attachment.</param>
public sealed record OutgoingFile(string Name, string Type, string? ContentId, Func<CancellationToken, ValueTask<Stream>> Open);

/// <summary>A message to be written. Everything in it may come from a browser: nothing here can add a header line.</summary>
public sealed record OutgoingMessage
{
    public required MailPerson From { get; init; }

    public IReadOnlyList<MailPerson> To { get; init; } = [];

    public IReadOnlyList<MailPerson> Cc { get; init; } = [];

    public IReadOnlyList<MailPerson> Bcc { get; init; } = [];

    public string Subject { get; init; } = "";

    public required DateTimeOffset Date { get; init; }

    /// <summary>With brackets.</summary>
    public required string MessageId { get; init; }

    /// <summary>The Message-ID that is answered, with brackets; empty: none.</summary>
    public string InReplyTo { get; init; } = "";

    public IReadOnlyList<string> References { get; init; } = [];

    public string Text { get; init; } = "";

    /// <summary>Null: plain text only. Clean it first (<see cref="SafeHtml.ForSending"/>).</summary>
    public string? Html { get; init; }

    public IReadOnlyList<OutgoingFile> Files { get; init; } = [];

    /// <summary>Of a draft: what it answers, in the web's words; never in what is sent.</summary>
    public string? Origin { get; init; }

    /// <summary>An address has a local part that ASCII can't write.</summary>
    public bool NeedsUtf8 => To.Concat(Cc).Concat(Bcc).Append(From).Any(p => p.Address.Contains('@', StringComparison.Ordinal) && !Ascii.IsValid(p.Address.AsSpan(0, p.Address.LastIndexOf('@'))));
}

/// <summary>Writes messages of ours (RFC 5322, MIME), lines ending in CRLF, pure ASCII unless an address needs UTF-8.</summary>
public static class MessageComposer
{
    internal const string OriginHeader = "X-Webmail-Draft";

    /// <summary>A new Message-ID, with brackets.</summary>
    public static string NewMessageId(string domain) => $"<{MimeUtils.GenerateMessageId(domain)}>";

    public static async ValueTask WriteAsync(OutgoingMessage message, MessageSpool spool, CancellationToken ct)
    {
        var opened = new List<Stream>();
        try
        {
            using var mime = new MimeMessage();
            WriteHeader(mime, message);
            mime.Body = await BodyAsync(message, opened, ct);
            mime.Prepare(message.NeedsUtf8 ? EncodingConstraint.EightBit : EncodingConstraint.SevenBit, 78);
            var format = FormatOptions.Default.Clone();
            format.NewLineFormat = NewLineFormat.Dos;
            format.International = message.NeedsUtf8;
            format.EnsureNewLine = true;
            await using var sink = new SpoolStream(spool);
            await mime.WriteToAsync(format, sink, ct);
        }
        finally
        {
            foreach (var stream in opened)
                await stream.DisposeAsync();
        }
    }

    private static void WriteHeader(MimeMessage mime, OutgoingMessage message)
    {
        mime.From.Add(Mailbox(message.From));
        mime.To.AddRange(message.To.Select(Mailbox));
        mime.Cc.AddRange(message.Cc.Select(Mailbox));
        mime.Bcc.AddRange(message.Bcc.Select(Mailbox));
        mime.Subject = OneLine(message.Subject);
        mime.Date = message.Date;
        mime.MessageId = message.MessageId.Trim('<', '>');
        if (message.InReplyTo.Length > 0)
            mime.InReplyTo = message.InReplyTo.Trim('<', '>');
        if (message.Origin is not null)
            mime.Headers.Add(OriginHeader, OneLine(message.Origin));
        foreach (var reference in message.References)
            mime.References.Add(reference.Trim('<', '>'));
    }

    private static async ValueTask<MimeEntity> BodyAsync(OutgoingMessage message, List<Stream> opened, CancellationToken ct)
    {
        var text = new TextPart("plain") { Text = message.Text.ReplaceLineEndings("\r\n") };
        text.ContentType.Charset = "utf-8";
        MimeEntity body = text;
        if (message.Html is not null)
        {
            var html = new TextPart("html");
            html.SetText(Encoding.UTF8, message.Html.ReplaceLineEndings("\r\n"));
            MimeEntity shown = html;
            var pictures = message.Files.Where(f => f.ContentId is not null).ToList();
            if (pictures.Count > 0)
            {
                var related = new MultipartRelated { Root = html };
                foreach (var picture in pictures)
                    related.Add(await PartAsync(picture, opened, ct));
                shown = related;
            }

            body = new MultipartAlternative(text, shown);
        }

        var files = message.Files.Where(f => message.Html is null || f.ContentId is null).ToList();
        if (files.Count == 0)
            return body;
        var mixed = new Multipart("mixed") { body };
        foreach (var file in files)
            mixed.Add(await PartAsync(file, opened, ct));
        return mixed;
    }

    private static async ValueTask<MimeEntity> PartAsync(OutgoingFile file, List<Stream> opened, CancellationToken ct)
    {
        var type = MimeKit.ContentType.TryParse(file.Type, out var parsed) && !parsed.IsMimeType("multipart", "*") && !parsed.IsMimeType("message", "*")
            ? parsed
            : new MimeKit.ContentType("application", "octet-stream");
        var stream = await SeekableAsync(await file.Open(ct), ct);
        opened.Add(stream);
        return new MimeKit.MimePart(type)
        {
            Content = new MimeContent(stream),
            ContentTransferEncoding = ContentEncoding.Base64,
            ContentDisposition = new(file.ContentId is null ? MimeKit.ContentDisposition.Attachment : MimeKit.ContentDisposition.Inline) { FileName = OneLine(file.Name) },
            ContentId = file.ContentId,
        };
    }

    /// <summary>MimeKit wants to go back to the start; what is large waits in a file that has no name any more.</summary>
    private static async ValueTask<Stream> SeekableAsync(Stream stream, CancellationToken ct)
    {
        if (stream.CanSeek)
            return stream;
        await using (stream)
        {
            var file = new FileStream(
                Path.Combine(Path.GetTempPath(), "webmail-" + Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
            try
            {
                await stream.CopyToAsync(file, ct);
                file.Position = 0;
                return file;
            }
            catch
            {
                await file.DisposeAsync();
                throw;
            }
        }
    }

    private static MailboxAddress Mailbox(MailPerson person) => new(Encoding.UTF8, OneLine(person.Name), OneLine(person.Address));

    private static string OneLine(string text) => string.Concat(text.Where(c => !char.IsControl(c)));

    /// <summary>What the composer writes goes straight into the spool.</summary>
    private sealed class SpoolStream(MessageSpool spool) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => spool.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            spool.WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) =>
            spool.WriteAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
