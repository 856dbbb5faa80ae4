using System.Buffers;
using System.Text;

namespace Webmail.MailCore.Mime;

/// <summary>Puts the fields of one header after another together from raw lines. What is kept of one message is bounded.</summary>
internal sealed class HeaderCollector
{
    /// <summary>The most octets kept of one field, and of all fields of a message: what is more is as if it were not there.</summary>
    public const int MaxField = 256 * 1024;

    public const int MaxKept = 2 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _value = new(256);
    private MimePart? _part;
    private MimeField? _field;
    private int _kept;

    public void Begin(MimePart part)
    {
        _part = part;
        _field = null;
    }

    /// <summary>Takes a piece of a header line, the empty line excepted.</summary>
    public void Add(ReadOnlySpan<byte> piece, bool startsLine)
    {
        if (startsLine && piece[0] is not ((byte)' ' or (byte)'\t'))
        {
            End();
            var colon = piece.IndexOf((byte)':');
            if (colon <= 0 || !MimeFields.TryFind(piece[..colon].TrimEnd(" \t"u8), out var field))
                return;
            _field = field;
            piece = piece[(colon + 1)..];
        }

        if (_field is null)
            return;
        var room = Math.Min(MaxField - _value.WrittenCount, MaxKept - _kept);
        if (piece.Length > room)
            piece = piece[..Math.Max(room, 0)];
        _value.Write(piece);
        _kept += piece.Length;
    }

    /// <summary>Ends the field under way; called at the end of the header too.</summary>
    public void End()
    {
        if (_field is { } field && _part is { } part)
        {
            var value = Unfold(_value.WrittenSpan);
            if (part[field] is not { } earlier)
                part[field] = value;
            else if (MimeFields.IsAddressList(field) && earlier.Length + value.Length < MaxField)
                part[field] = earlier + ", " + value;
        }

        _value.ResetWrittenCount();
        _field = null;
    }

    /// <summary>
    /// RFC 5322 section 2.2.3: the line end goes, the white space that follows it stays; tabs become spaces. NUL can't be sent by IMAP, in no form
    /// of a string; it becomes the octet 80 hex, as other servers have it.
    /// </summary>
    private static string Unfold(ReadOnlySpan<byte> raw)
    {
        var text = new StringBuilder(raw.Length);
        foreach (var b in raw)
        {
            if (b is (byte)'\r' or (byte)'\n')
                continue;
            text.Append(b switch { 0 => '\x80', (byte)'\t' => ' ', _ => (char)b });
        }

        return text.ToString().Trim(' ');
    }
}
