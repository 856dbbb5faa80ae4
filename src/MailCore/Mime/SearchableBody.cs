using System.Buffers;
using System.Text;

namespace Webmail.MailCore.Mime;

/// <summary>Collects the text of a message's parts while it is scanned, within bounds.</summary>
internal sealed class SearchableBody : MimeSink
{
    /// <summary>Still encoded, of one part and of all: base64 and markup are longer than their text.</summary>
    private const int MaxEncoded = 512 * 1024;

    /// <summary>What names of attachments and attached messages' headers may take of the text.</summary>
    private const int MaxNames = 8 * 1024;

    private readonly ArrayBufferWriter<byte> _octets = new();
    private readonly StringBuilder _text = new();
    private MimePart? _part;
    private int _encoded;

    public static string Read(Stream raw)
    {
        var sink = new SearchableBody();
        var root = MimeScanner.Scan(raw, sink);
        sink.Finish();
        var names = new StringBuilder();
        foreach (var part in root.All().Skip(1).TakeWhile(_ => names.Length < MaxNames))
            AddNames(names, part);
        var body = Cut(SearchableText.Fold(sink._text.ToString()), SearchableText.MaxBody - Math.Min(names.Length, MaxNames));
        return names.Length == 0 ? body : body + "\n" + Cut(SearchableText.Fold(names.ToString()), MaxNames);
    }

    public override void Begin(MimePart part)
    {
        Finish();
        if (part.Kind == MimePartKind.Leaf && part.Type.IsText && _text.Length < SearchableText.MaxBody)
            _part = part;
    }

    public override void Content(MimePart part, ReadOnlySpan<byte> piece)
    {
        if (part != _part || _encoded >= MaxEncoded)
            return;
        piece = piece[..Math.Min(piece.Length, MaxEncoded - _encoded)];
        _octets.Write(piece);
        _encoded += piece.Length;
    }

    private void Finish()
    {
        if (_part is not { } part)
            return;
        var octets = new TransferDecoder(part.Encoding).Decode(_octets.WrittenSpan);
        var text = Charsets.Decode(octets, part.Type["charset"], isCut: _encoded >= MaxEncoded);
        if (part.Type.Is("text", "html"))
            text = HtmlToText.Convert(text, SearchableText.MaxBody);
        _text.Append(Cut(text, SearchableText.MaxBody)).Append('\n');
        _octets.ResetWrittenCount();
        _part = null;
    }

    private static void AddNames(StringBuilder names, MimePart part)
    {
        if (part.IsMessage)
        {
            foreach (var field in (ReadOnlySpan<MimeField>)[MimeField.Subject, MimeField.From, MimeField.To])
                names.Append(Cut(Charsets.DecodeHeader(part[field]), 1_000)).Append('\n');
        }

        foreach (var parameter in ContentFields.Disposition(part[MimeField.ContentDisposition])?.Parameters ?? [])
            AddName(names, parameter, "filename");
        foreach (var parameter in part.Type.Parameters)
            AddName(names, parameter, "name");
    }

    private static void AddName(StringBuilder names, MimeParameter parameter, string wanted)
    {
        if (parameter.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            names.Append(Cut(Charsets.DecodeHeader(parameter.Value), 1_000)).Append('\n');
        else if (parameter.Name.Equals(wanted + "*", StringComparison.OrdinalIgnoreCase))
            names.Append(Cut(ContentFields.DecodeExtended(parameter.Value), 1_000)).Append('\n');
    }

    /// <summary>Not between the two halves of a character.</summary>
    private static string Cut(string text, int max) =>
        text.Length <= max ? text : max > 0 && char.IsHighSurrogate(text[max - 1]) ? text[..(max - 1)] : text[..max];
}
