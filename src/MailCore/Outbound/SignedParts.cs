using System.Buffers;
using System.Text;

namespace Webmail.MailCore.Outbound;

/// <summary>One header field as it stands in the message, without the CRLF that ends it.</summary>
/// <param name="Name">In lower case.</param>
internal readonly record struct HeaderField(string Name, ReadOnlyMemory<byte> Value)
{
    public static HeaderField Parse(ReadOnlyMemory<byte> field)
    {
        var colon = field.Span.IndexOf((byte)':');
        return colon < 0
            ? new(Encoding.Latin1.GetString(field.Span).ToLowerInvariant(), default)
            : new(Encoding.Latin1.GetString(field.Span[..colon]).TrimEnd(' ', '\t').ToLowerInvariant(), field[(colon + 1)..]);
    }

    /// <summary>RFC 6376 section 3.4.2: unfolded, runs of blanks one space, none around the colon or at the end.</summary>
    public byte[] Relaxed()
    {
        var text = new ArrayBufferWriter<byte>(Name.Length + Value.Length + 1);
        Encoding.Latin1.GetBytes(Name + ":", text);
        var (blank, any) = (false, false);
        foreach (var octet in Value.Span)
        {
            if (octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                blank = true;
                continue;
            }

            if (blank && any)
                text.Write(" "u8);
            (blank, any) = (false, true);
            text.Write([octet]);
        }

        return text.WrittenSpan.ToArray();
    }
}

/// <summary>Takes a message in pieces and keeps what a signature is over: the header fields, and the hash of the body.</summary>
internal sealed class SignedParts(int largestHeader) : IDisposable
{
    private readonly RelaxedBodyHash _body = new();
    private readonly ArrayBufferWriter<byte> _header = new(4096);
    private readonly byte[] _normal = new byte[128 * 1024];
    private LineEndings _lines;
    private bool _inBody;
    private bool _tooLarge;

    /// <param name="piece">At most 64 KiB.</param>
    public void Append(ReadOnlySpan<byte> piece)
    {
        ReadOnlySpan<byte> octets = _normal.AsSpan(0, _lines.Normalise(piece, _normal));
        if (!_inBody && !_tooLarge)
            octets = AppendHeader(octets);
        if (_inBody)
            _body.Append(octets);
    }

    /// <summary>Null when the header is larger than what we sign.</summary>
    public (List<HeaderField> Fields, byte[] BodyHash)? Finish() => _tooLarge ? null : (Fields(), _body.Finish());

    public void Dispose() => _body.Dispose();

    /// <summary>Gives back what follows the empty line.</summary>
    private ReadOnlySpan<byte> AppendHeader(ReadOnlySpan<byte> octets)
    {
        var known = _header.WrittenCount;
        _header.Write(octets);
        var all = _header.WrittenSpan;
        var start = Math.Max(0, known - 3);
        var end = all.StartsWith("\r\n"u8) ? 0 : IndexOf(all, start);
        if (end < 0)
        {
            _tooLarge = all.Length > largestHeader;
            return default;
        }

        var bodyStart = end == 0 ? 2 : end + 4;
        _inBody = true;
        _headerLength = end == 0 ? 0 : end + 2;
        return octets[(bodyStart - known)..];
    }

    private int? _headerLength;

    private static int IndexOf(ReadOnlySpan<byte> all, int start)
    {
        var at = all[start..].IndexOf("\r\n\r\n"u8);
        return at < 0 ? -1 : start + at;
    }

    private List<HeaderField> Fields()
    {
        var fields = new List<HeaderField>();
        var rest = _header.WrittenMemory[..(_headerLength ?? _header.WrittenCount)];
        while (!rest.IsEmpty)
        {
            var length = FieldLength(rest.Span, out var next);
            fields.Add(HeaderField.Parse(rest[..length]));
            rest = rest[next..];
        }

        return fields;
    }

    /// <summary>A field goes to the first line end that no blank follows.</summary>
    private static int FieldLength(ReadOnlySpan<byte> rest, out int next)
    {
        for (var from = 0; ;)
        {
            var end = rest[from..].IndexOf("\r\n"u8);
            if (end < 0)
                return next = rest.Length;
            from += end + 2;
            if (from < rest.Length && rest[from] is (byte)' ' or (byte)'\t')
                continue;
            next = from;
            return from - 2;
        }
    }
}
