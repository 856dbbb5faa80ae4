using System.Buffers;
using System.Text;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Mime;

/// <summary>What of a part is asked for.</summary>
public enum SectionText
{
    /// <summary>BODY[] or BODY[1.2]: the message, or a part's content.</summary>
    All,

    /// <summary>The header of the message, or of the message in a message part, with its empty line.</summary>
    Header,

    /// <summary>Some fields of it, and an empty line.</summary>
    HeaderFields,

    /// <summary>All of it but some fields.</summary>
    HeaderFieldsNot,

    /// <summary>The part's own header.</summary>
    Mime,

    /// <summary>The message without its header, or the same of the message in a message part.</summary>
    Text,
}

/// <summary>A section as FETCH names it (RFC 9051 section 6.4.5.1).</summary>
/// <param name="Part">"1.2.3" as numbers; empty: the message itself.</param>
/// <param name="Fields">Field names, in any case; for HEADER.FIELDS and HEADER.FIELDS.NOT only.</param>
public sealed record Section(IReadOnlyList<int> Part, SectionText Text, IReadOnlyList<string> Fields)
{
    public static readonly Section Whole = new([], SectionText.All, []);

    public static Section Of(SectionText text, params IReadOnlyList<string> fields) => new([], text, fields);
}

/// <summary>A decoded section (RFC 3516). <see cref="Body"/> is null when there is no such part, or its encoding is unknown ([UNKNOWN-CTE]).</summary>
public readonly record struct BinarySection(MessageBody? Body, bool HasUnknownEncoding);

/// <summary>
/// Sections of a stored message for FETCH BODY[…] and BINARY[…] and for the web: octet ranges of the raw message, never copies of a large part. The
/// result is read like any body; a partial fetch is a read at an offset.
/// </summary>
public static class MessageSections
{
    /// <summary>The most octets that HEADER.FIELDS(.NOT) gives of one header.</summary>
    private const int MaxFields = 8 * 1024 * 1024;

    /// <summary>False: <see cref="ReadAsync"/> needs no tree for it and looks at the header only.</summary>
    public static bool NeedsTree(Section section) => section.Part.Count > 0;

    /// <summary>The section's octets, or null when the message has no such part (IMAP: NIL).</summary>
    /// <param name="tree">Of the same message, where it is at hand; else it is made when needed.</param>
    public static async ValueTask<MessageBody?> ReadAsync(MessageBody message, Section section, MimePartTree? tree, CancellationToken ct)
    {
        if (section.Part.Count == 0)
            return await ReadTopAsync(message, section, ct);
        tree ??= await MimePartTree.ReadAsync(message, ct);
        if (tree.Find(section.Part) is not { } part)
            return null;
        if (section.Text == SectionText.All)
            return new BodySlice(message, part.BodyStart, part.BodyLength);
        if (section.Text == SectionText.Mime)
            return new BodySlice(message, part.Start, part.BodyStart - part.Start);
        if (part.Kind != MimePartKind.Message)
            return null;
        var inner = part.Children[0];
        return section.Text == SectionText.Text
            ? new BodySlice(message, inner.BodyStart, inner.BodyLength)
            : await HeaderAsync(new BodySlice(message, inner.Start, inner.BodyStart - inner.Start), section, ct);
    }

    /// <summary>A part with its transfer encoding undone; the whole message (no part numbers) as it is.</summary>
    public static async ValueTask<BinarySection> ReadBinaryAsync(MessageBody message, IReadOnlyList<int> part, MimePartTree? tree, CancellationToken ct)
    {
        if (part.Count == 0)
            return new(message, false);
        tree ??= await MimePartTree.ReadAsync(message, ct);
        if (tree.Find(part) is not { } found)
            return new(null, false);
        var content = new BodySlice(message, found.BodyStart, found.BodyLength);
        // RFC 2046 section 5.2.1 and 5.1: composite parts have no encoding.
        if (found.Kind != MimePartKind.Leaf)
            return new(content, false);
        if (!TransferDecoder.IsKnown(found.Encoding))
            return new(null, true);
        return new(await DecodedBody.OpenAsync(content, found.Encoding, ct), false);
    }

    private static async ValueTask<MessageBody?> ReadTopAsync(MessageBody message, Section section, CancellationToken ct)
    {
        if (section.Text == SectionText.All)
            return message;
        var headerSize = message.TryGetMemory(out _) ? HeaderSize(message) : await Task.Run(() => HeaderSize(message), ct);
        if (section.Text == SectionText.Text)
            return new BodySlice(message, headerSize, message.Length - headerSize);
        return await HeaderAsync(new BodySlice(message, 0, headerSize), section, ct);
    }

    private static long HeaderSize(MessageBody message)
    {
        using var lines = new RawLines(message.AsStream());
        while (lines.Next(out var piece))
        {
            if (lines.StartsLine && IsEmptyLine(piece))
                break;
        }

        return lines.End;
    }

    private static bool IsEmptyLine(ReadOnlySpan<byte> line) => line.SequenceEqual("\r\n"u8) || line.SequenceEqual("\n"u8);

    private static async ValueTask<MessageBody> HeaderAsync(BodySlice header, Section section, CancellationToken ct)
    {
        if (section.Text is SectionText.Header or SectionText.Mime)
            return header;
        return header.TryGetMemory(out _) ? Fields(header, section) : await Task.Run(() => Fields(header, section), ct);
    }

    /// <summary>The fields as they stand, in their order; the empty line always.</summary>
    private static MemoryBody Fields(BodySlice header, Section section)
    {
        var names = section.Fields.Select(Encoding.Latin1.GetBytes).ToArray();
        var wanted = section.Text == SectionText.HeaderFields;
        var kept = new ArrayBufferWriter<byte>(512);
        var take = false;
        using var lines = new RawLines(header.AsStream());
        while (lines.Next(out var piece))
        {
            if (lines.StartsLine && IsEmptyLine(piece))
                break;
            if (lines.StartsLine && piece[0] is not ((byte)' ' or (byte)'\t'))
                take = IsNamed(piece, names) == wanted;
            if (take && kept.WrittenCount + piece.Length <= MaxFields)
                kept.Write(piece);
        }

        if (kept.WrittenCount > 0 && kept.WrittenSpan[^1] != '\n')
            kept.Write("\r\n"u8);
        kept.Write("\r\n"u8);
        return new(kept.WrittenMemory);
    }

    private static bool IsNamed(ReadOnlySpan<byte> line, byte[][] names)
    {
        var colon = line.IndexOf((byte)':');
        var name = colon < 0 ? default : line[..colon].TrimEnd(" \t"u8);
        foreach (var wanted in names)
        {
            if (Ascii.EqualsIgnoreCase(name, wanted))
                return true;
        }

        return false;
    }
}
