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
            // A field that may stand once and stands twice: Dovecot takes the first of MIME's fields and the last of the envelope's.
            if (part[field] is not { } earlier || field is MimeField.Date or MimeField.Subject or MimeField.InReplyTo or MimeField.MessageId)
                part[field] = value;
            else if (MimeFields.IsAddressList(field) && earlier.Length + value.Length < MaxField)
                part[field] = earlier + ", " + value;
        }

        _value.ResetWrittenCount();
        _field = null;
    }

    /// <summary>
    /// RFC 5322 section 2.2.3: the line end goes, the white space that follows it stays; tabs and bare CR become spaces. NUL can't be sent by IMAP, in
    /// no form of a string: it becomes U+FFFD in UTF-8, as Dovecot has it.
    /// </summary>
    private static string Unfold(ReadOnlySpan<byte> raw)
    {
        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\n' || raw[i] == '\r' && (i + 1 == raw.Length || raw[i + 1] == '\n'))
                continue;
            if (raw[i] == 0)
                text.Append("\u00EF\u00BF\u00BD");
            else
                text.Append(raw[i] is (byte)'\t' or (byte)'\r' ? ' ' : (char)raw[i]);
        }

        return text.ToString().Trim(' ');
    }
}
