using System.Buffers;
using MimeKit.Utils;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Mime;

/// <summary>
/// This folder reads messages: once at append for what lists, FETCH, SORT and THREAD need (here), and later by parts (MessageSections), for the reading
/// pane (MessageView) and for the composer. Invariants: nothing here ever throws for what stands in a message; time is linear in its size and memory is
/// bounded whatever the size; the raw octets are never changed. The parser is ours (ADR 0020); MimeKit decodes, composes, and is the tests' second opinion.
/// No state, no locks.
/// </summary>
internal static class MessageFactsReader
{
    private const int MaxSortKey = 255;

    /// <summary>Reads to the end of the stream, synchronously.</summary>
    /// <param name="length">The message's size in octets.</param>
    public static MessageFacts Read(Stream raw, long length)
    {
        var text = new FirstText();
        var root = MimeScanner.Scan(raw, text);
        var (sentAt, sentDay) = Sent(root[MimeField.Date]);
        return new MessageFacts(
            (uint)Math.Min(length, uint.MaxValue),
            (int)Math.Min(root.BodyStart, int.MaxValue),
            sentAt,
            sentDay,
            MessageIds.Hashes(root[MimeField.MessageId], root[MimeField.InReplyTo], root[MimeField.References]),
            MessageIds.Ancestry(root[MimeField.MessageId], root[MimeField.InReplyTo], root[MimeField.References]),
            Wire(to => EnvelopeWriter.Write(to, root)),
            Wire(to => StructureWriter.Write(to, root, extended: false)),
            Wire(to => StructureWriter.Write(to, root, extended: true)),
            text.Preview(),
            FoldedText.SortKey(BaseSubject.Of(root[MimeField.Subject]), MaxSortKey),
            SortAddress(root[MimeField.From]),
            SortAddress(root[MimeField.To]),
            SortAddress(root[MimeField.Cc]),
            root.All().Any(Attachments.IsAttachment));
    }

    private static byte[] Wire(Action<ArrayBufferWriter<byte>> write)
    {
        var to = new ArrayBufferWriter<byte>(512);
        write(to);
        return to.WrittenSpan.ToArray();
    }

    /// <summary>RFC 5256 section 3: the local part of the first mailbox; of a group, its name.</summary>
    private static byte[] SortAddress(string? value)
    {
        var list = AddressParser.Parse(value);
        return list.Count == 0 ? [] : FoldedText.SortKey(Charsets.DecodeHeader(list[0].Mailbox), MaxSortKey);
    }

    private static (DateTimeOffset? At, DateOnly? Day) Sent(string? date)
    {
        if (string.IsNullOrEmpty(date) || date.Length > 200 || !DateUtils.TryParse(date, out var at) || at.Year < 1900)
            return (null, null);
        return (at, DateOnly.FromDateTime(at.DateTime));
    }
}

/// <summary>Which parts a reader would call attachments.</summary>
internal static class Attachments
{
    public static bool IsAttachment(MimePart part)
    {
        if (part.Kind == MimePartKind.Multipart || part.IsMessage && part.Parent is null && part.Kind == MimePartKind.Leaf && part.Type.IsText)
            return false;
        if (part.Depth > 0 && part.IsMessage && part.Kind == MimePartKind.Leaf && part.Type.IsText)
            return false;
        var disposition = ContentFields.Disposition(part[MimeField.ContentDisposition]);
        if (disposition?.Kind.Equals("attachment", StringComparison.OrdinalIgnoreCase) == true || part.Kind == MimePartKind.Message)
            return true;
        if (IsSignature(part.Type) || part.Type.IsMultipart)
            return false;
        if (part.Type.IsText && disposition is null && part.Type["name"] is null)
            return false;
        // A picture that the HTML beside it shows is not one.
        var isShown = part[MimeField.ContentId] is not null && IsRelated(part);
        return !isShown && (!part.Type.IsText || disposition?.Parameters.Any(p => p.Name.StartsWith("filename", StringComparison.OrdinalIgnoreCase)) == true);
    }

    private static bool IsRelated(MimePart part) =>
        part.Parent is { Kind: MimePartKind.Multipart } parent && parent.Type.Is("multipart", "related");

    private static bool IsSignature(ContentType type) =>
        type.Is("application", "pgp-signature") || type.Is("application", "pkcs7-signature") || type.Is("application", "x-pkcs7-signature");
}
