namespace Webmail.MailCore.Mime;

internal enum MimePartKind
{
    /// <summary>A part whose octets are its content.</summary>
    Leaf,

    /// <summary>A multipart with a usable boundary; its children are the parts.</summary>
    Multipart,

    /// <summary>message/rfc822 or message/global; its only child is the message in it.</summary>
    Message,
}

/// <summary>
/// A part of a message as octet ranges of the raw message, with the header fields that IMAP and the web ask for. Header text is held
/// as Latin-1: one character an octet, whatever the octets mean.
/// </summary>
internal sealed class MimePart(MimePart? parent, int depth)
{
    private string?[]? _fields;

    public MimePart? Parent { get; } = parent;

    /// <summary>0 for the whole message.</summary>
    public int Depth { get; } = depth;

    public MimePartKind Kind { get; set; }

    public List<MimePart> Children { get; } = [];

    /// <summary>Where the header starts.</summary>
    public long Start { get; init; }

    /// <summary>Behind the empty line that ends the header.</summary>
    public long BodyStart { get; set; }

    /// <summary>The end of the body; the line end in front of a boundary belongs to the boundary (RFC 2046 section 5.1.1).</summary>
    public long End { get; set; }

    public long BodyLength => End - BodyStart;

    /// <summary>Line ends of the message before the header, the body, and the end.</summary>
    public int StartLine { get; init; }

    public int BodyStartLine { get; set; }

    public int EndLine { get; set; }

    public int BodyLines => EndLine - BodyStartLine;

    public ContentType Type { get; set; } = ContentType.TextPlain;

    /// <summary>True for the message itself and for the message in a message part: it has an envelope.</summary>
    public bool IsMessage => Parent is null || Parent.Kind == MimePartKind.Message;

    /// <summary>The field's value unfolded, or null. Of a field that may stand once, the first.</summary>
    public string? this[MimeField field]
    {
        get => _fields?[(int)field];
        set => (_fields ??= new string?[MimeFields.Count])[(int)field] = value;
    }

    /// <summary>The transfer encoding in lower case; "7bit" when not given.</summary>
    public string Encoding => ContentFields.Encoding(this[MimeField.ContentTransferEncoding]).ToLowerInvariant();

    /// <summary>This part and all below it, in order.</summary>
    public IEnumerable<MimePart> All()
    {
        var waiting = new Stack<MimePart>();
        waiting.Push(this);
        while (waiting.TryPop(out var part))
        {
            yield return part;
            for (var i = part.Children.Count - 1; i >= 0; i--)
                waiting.Push(part.Children[i]);
        }
    }
}
