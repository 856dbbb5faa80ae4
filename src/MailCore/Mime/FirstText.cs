using System.Buffers;

namespace Webmail.MailCore.Mime;

/// <summary>Keeps the beginning of the first plain and the first HTML text while a message is scanned.</summary>
internal sealed class FirstText : MimeSink
{
    private const int MaxPlain = 16 * 1024;

    /// <summary>HTML often starts with a long style sheet.</summary>
    private const int MaxHtml = 128 * 1024;

    private readonly Kept _plain = new(MaxPlain);
    private readonly Kept _html = new(MaxHtml);

    public override void Begin(MimePart part)
    {
        if (part.Kind != MimePartKind.Leaf || Attachments.IsAttachment(part) || IsInAttachedMessage(part))
            return;
        if (part.Type.Is("text", "html"))
            _html.Part ??= _plain.HasWords ? null : part;
        else if (part.Type.IsText && (_html.Part is null || _html.Part.Parent == part.Parent && part.Parent!.Type.Is("multipart", "alternative")))
            _plain.Part ??= part;
    }

    private static bool IsInAttachedMessage(MimePart part)
    {
        for (var above = part.Parent; above is not null; above = above.Parent)
        {
            if (above is { Kind: MimePartKind.Message, Parent: not null })
                return true;
        }

        return false;
    }

    public override void Content(MimePart part, ReadOnlySpan<byte> piece)
    {
        if (part == _plain.Part)
            _plain.Add(piece);
        else if (part == _html.Part)
            _html.Add(piece);
    }

    public string Preview()
    {
        var words = _plain.Part is null ? "" : Mime.Preview.OfText(_plain.Decode());
        return words.Length > 0 || _html.Part is null ? words : Mime.Preview.OfHtml(_html.Decode());
    }

    private sealed class Kept(int max)
    {
        private readonly ArrayBufferWriter<byte> _octets = new();

        public MimePart? Part { get; set; }

        public bool HasWords => Part is not null && _octets.WrittenSpan.ContainsAnyExceptInRange((byte)0, (byte)' ');

        public void Add(ReadOnlySpan<byte> piece) => _octets.Write(piece[..Math.Min(piece.Length, max - _octets.WrittenCount)]);

        public string Decode()
        {
            var octets = new TransferDecoder(Part!.Encoding).Decode(_octets.WrittenSpan);
            return Charsets.Decode(octets, Part.Type["charset"], isCut: _octets.WrittenCount == max);
        }
    }
}
