using System.Buffers;

namespace Webmail.MailCore.Mime;

/// <summary>BODY and, with extension data, BODYSTRUCTURE (RFC 9051 section 7.5.2) in wire form.</summary>
internal static class StructureWriter
{
    /// <summary>Recursion ends at <see cref="MimeScanner.MaxDepth"/>.</summary>
    public static void Write(ArrayBufferWriter<byte> to, MimePart part, bool extended)
    {
        to.Raw("("u8);
        if (part.Kind == MimePartKind.Multipart)
            Multipart(to, part, extended);
        else
            Single(to, part, extended);
        to.Raw(")"u8);
    }

    private static void Multipart(ArrayBufferWriter<byte> to, MimePart part, bool extended)
    {
        foreach (var child in part.Children)
            Write(to, child, extended);
        // The grammar wants one part at least; a multipart without any is given an empty text, as other servers do.
        if (part.Children.Count == 0)
            Write(to, new MimePart(part, part.Depth + 1) { Type = ContentType.TextPlain }, extended);
        to.Space();
        to.NString(part.Type.Subtype);
        if (!extended)
            return;
        to.Space();
        Parameters(to, part.Type.Parameters);
        Tail(to, part);
    }

    private static void Single(ArrayBufferWriter<byte> to, MimePart part, bool extended)
    {
        var type = TypeToTell(part);
        to.NString(type.Type);
        to.Space();
        to.NString(type.Subtype);
        to.Space();
        Parameters(to, type.Parameters);
        to.Space();
        to.NString(part[MimeField.ContentId]);
        to.Space();
        to.NString(part[MimeField.ContentDescription]);
        to.Space();
        to.NString(ContentFields.Encoding(part[MimeField.ContentTransferEncoding]));
        to.Space();
        to.Number(part.BodyLength);
        if (part.Kind == MimePartKind.Message)
        {
            to.Space();
            EnvelopeWriter.Write(to, part.Children[0]);
            to.Space();
            Write(to, part.Children[0], extended);
        }

        if (part.Kind == MimePartKind.Message || type.IsText)
        {
            to.Space();
            to.Number(part.BodyLines);
        }

        if (!extended)
            return;
        to.Space();
        to.NString(part[MimeField.ContentMd5]);
        Tail(to, part);
    }

    /// <summary>
    /// A message that is nested too deeply is one lump of octets: "message/rfc822" has a form of its own in the grammar that it can't fill.
    /// </summary>
    private static ContentType TypeToTell(MimePart part) =>
        part.Kind == MimePartKind.Leaf && part.Type.IsMessage
            ? new ContentType("application", "octet-stream", [])
            : part.Type;

    private static void Tail(ArrayBufferWriter<byte> to, MimePart part)
    {
        to.Space();
        if (ContentFields.Disposition(part[MimeField.ContentDisposition]) is { } disposition)
        {
            to.Raw("("u8);
            to.NString(disposition.Kind);
            to.Space();
            Parameters(to, disposition.Parameters);
            to.Raw(")"u8);
        }
        else
        {
            to.NString(null);
        }

        to.Space();
        Languages(to, ContentFields.Languages(part[MimeField.ContentLanguage]));
        to.Space();
        to.NString(part[MimeField.ContentLocation]);
    }

    private static void Languages(ArrayBufferWriter<byte> to, IReadOnlyList<string>? tags)
    {
        if (tags is not { Count: > 1 })
        {
            to.NString(tags?[0]);
            return;
        }

        to.Raw("("u8);
        for (var i = 0; i < tags.Count; i++)
        {
            if (i > 0)
                to.Space();
            to.NString(tags[i]);
        }

        to.Raw(")"u8);
    }

    private static void Parameters(ArrayBufferWriter<byte> to, IReadOnlyList<MimeParameter> parameters)
    {
        if (parameters.Count == 0)
        {
            to.NString(null);
            return;
        }

        for (var i = 0; i < parameters.Count; i++)
        {
            to.Raw(i == 0 ? "("u8 : " "u8);
            to.NString(parameters[i].Name);
            to.Space();
            to.NString(parameters[i].Value);
        }

        to.Raw(")"u8);
    }
}
