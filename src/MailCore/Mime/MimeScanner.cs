using System.Text;

namespace Webmail.MailCore.Mime;

/// <summary>Told of content while a message is scanned; its octets are not kept otherwise.</summary>
internal abstract class MimeSink
{
    /// <summary>The part's header is complete: its type is known.</summary>
    public virtual void Begin(MimePart part)
    {
    }

    /// <summary>A piece of a leaf's content, still encoded; the line end before the boundary may come with it.</summary>
    public virtual void Content(MimePart part, ReadOnlySpan<byte> piece)
    {
    }
}

/// <summary>
/// Reads a message once, line by line, into a tree of parts. Never refuses anything: what can't be understood is content. Memory is bounded by the
/// limits below whatever the message's size; nothing recurses.
/// </summary>
internal sealed class MimeScanner
{
    /// <summary>Deeper parts and further parts are content of the part that they stand in.</summary>
    public const int MaxDepth = 100;

    public const int MaxParts = 1_000;

    /// <summary>RFC 2046 section 5.1.1 allows 70; longer ones are used as far as this.</summary>
    private const int MaxBoundary = 200;

    private readonly HeaderCollector _collector = new();
    private readonly List<(byte[] Delimiter, MimePart Part)> _boundaries = [];
    private readonly MimeSink? _sink;
    private MimePart _current;
    private bool _inHeader = true;
    private int _lineEnd;
    private int _lines;
    private int _parts = 1;

    private MimeScanner(MimeSink? sink)
    {
        _sink = sink;
        _current = new MimePart(null, 0);
        _collector.Begin(_current);
    }

    public static MimePart Scan(Stream raw, MimeSink? sink = null)
    {
        var scanner = new MimeScanner(sink);
        var root = scanner._current;
        using var lines = new RawLines(raw);
        while (lines.Next(out var piece))
            scanner.Take(piece, lines);
        scanner.Finish(lines.End);
        return root;
    }

    private void Take(ReadOnlySpan<byte> piece, RawLines lines)
    {
        if (lines.EndsLine)
            _lines++;
        if (_boundaries.Count > 0 && lines.StartsLine && piece.StartsWith("--"u8) && FindBoundary(piece, out var isLast) is { } multipart)
            Delimit(multipart, isLast, lines);
        else if (_inHeader)
            Header(piece, lines);
        else
            _sink?.Content(_current, piece);
        _lineEnd = !lines.EndsLine ? 0 : piece.EndsWith("\r\n"u8) ? 2 : 1;
    }

    private void Header(ReadOnlySpan<byte> piece, RawLines lines)
    {
        if (lines.StartsLine && (piece.SequenceEqual("\r\n"u8) || piece.SequenceEqual("\n"u8)))
            EndHeader(lines.End, _lines);
        else
            _collector.Add(piece, lines.StartsLine);
    }

    /// <summary>What follows a header: content, parts, or another header.</summary>
    private void EndHeader(long bodyStart, int linesBefore)
    {
        _collector.End();
        var part = _current;
        part.BodyStart = bodyStart;
        part.BodyStartLine = linesBefore;
        var isDigest = part.Parent is { Kind: MimePartKind.Multipart } parent && parent.Type.Is("multipart", "digest");
        part.Type = ContentFields.Type(part[MimeField.ContentType]) ?? (isDigest ? ContentType.Message : ContentType.TextPlain);
        _inHeader = false;
        part.Kind = KindOf(part);
        _sink?.Begin(part);
        if (part.Kind == MimePartKind.Multipart && CanOpen(part) && part.Type.Boundary is { Length: > 0 })
            _boundaries.Add((Delimiter(part.Type), part));
        else if (part.Kind == MimePartKind.Message)
            Open(part, bodyStart, linesBefore);
    }

    /// <summary>A multipart is one even without a boundary, or nested too deeply; then it has no parts.</summary>
    private MimePartKind KindOf(MimePart part) =>
        part.Type.IsMultipart ? MimePartKind.Multipart
        : part.Type.IsMessage && CanOpen(part) ? MimePartKind.Message
        : MimePartKind.Leaf;

    private bool CanOpen(MimePart part) => part.Depth < MaxDepth && _parts < MaxParts;

    private static byte[] Delimiter(ContentType type)
    {
        var boundary = type.Boundary!.TrimEnd(' ');
        return Encoding.Latin1.GetBytes("--" + (boundary.Length > MaxBoundary ? boundary[..MaxBoundary] : boundary));
    }

    private void Open(MimePart parent, long start, int linesBefore)
    {
        var part = new MimePart(parent, parent.Depth + 1) { Start = start, StartLine = linesBefore, BodyStart = start, BodyStartLine = linesBefore };
        parent.Children.Add(part);
        _parts++;
        _current = part;
        _inHeader = true;
        _collector.Begin(part);
    }

    /// <summary>
    /// The multipart whose delimiter starts this line. RFC 2046 section 5.1.1: an exact match of the entire line is not required. Of several (one
    /// boundary may begin with another) it is the longest, of equal ones the innermost.
    /// </summary>
    private MimePart? FindBoundary(ReadOnlySpan<byte> piece, out bool isLast)
    {
        var best = -1;
        for (var i = _boundaries.Count - 1; i >= 0; i--)
        {
            if (piece.StartsWith(_boundaries[i].Delimiter) && (best < 0 || _boundaries[i].Delimiter.Length > _boundaries[best].Delimiter.Length))
                best = i;
        }

        isLast = best >= 0 && piece[_boundaries[best].Delimiter.Length..].StartsWith("--"u8);
        return best < 0 ? null : _boundaries[best].Part;
    }

    private void Delimit(MimePart multipart, bool isLast, RawLines lines)
    {
        CloseInto(multipart, lines.Offset, lines.EndsLine ? _lines - 1 : _lines);
        if (isLast || _parts >= MaxParts)
            _boundaries.RemoveAt(_boundaries.Count - 1);
        else
            Open(multipart, lines.End, _lines);
    }

    /// <summary>Ends all parts inside a multipart at a boundary line that starts at an offset; the line end before it is the boundary's, unless it is a header's.</summary>
    private void CloseInto(MimePart multipart, long boundaryStart, int linesBefore)
    {
        if (_inHeader && _current != multipart)
            EndUnfinishedHeader(boundaryStart, linesBefore);
        var end = Math.Max(boundaryStart - _lineEnd, _current.BodyStart);
        for (var part = _current; part != multipart; part = part.Parent!)
            Close(part, end, end < boundaryStart ? linesBefore - 1 : linesBefore);

        _inHeader = false;
        _current = multipart;
    }

    /// <summary>A header that no empty line ends: all of the part is header.</summary>
    private void EndUnfinishedHeader(long end, int linesBefore)
    {
        EndHeader(end, linesBefore);
        if (!_inHeader)
            return;
        // A message part without content: the message in it is empty.
        EndHeader(end, linesBefore);
    }

    private void Close(MimePart part, long end, int linesBefore)
    {
        part.End = end;
        part.EndLine = linesBefore;
        if (part.Kind == MimePartKind.Multipart && _boundaries.Count > 0 && _boundaries[^1].Part == part)
            _boundaries.RemoveAt(_boundaries.Count - 1);
    }

    private void Finish(long end)
    {
        if (_inHeader)
            EndUnfinishedHeader(end, _lines);
        for (var part = _current; part is not null; part = part.Parent)
            Close(part, end, _lines);
    }
}
