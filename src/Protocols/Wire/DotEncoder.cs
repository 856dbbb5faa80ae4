using System.Buffers;

namespace Webmail.Protocols.Wire;

/// <summary>
/// Writes a message as POP3 and SMTP's DATA send it: a dot before each line that begins with one, and CRLF.CRLF at the end (RFC 1939 section 3,
/// RFC 5321 section 4.5.2). Fed with pieces of any size. A bare LF or CR of the stored message becomes CRLF here, since a peer may take either
/// for the end of a line; a message that is stored with CRLF only goes out octet for octet.
/// </summary>
public struct DotEncoder
{
    private bool _inLine;
    private bool _cr;

    public void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            if (_cr)
            {
                _cr = false;
                EndLine(output);
                if (piece[0] == '\n')
                {
                    piece = piece[1..];
                    continue;
                }
            }

            if (!_inLine && piece[0] == '.')
                output.Write("."u8);
            var run = piece.IndexOfAny((byte)'\r', (byte)'\n');
            if (run < 0)
            {
                output.Write(piece);
                _inLine = true;
                return;
            }

            output.Write(piece[..run]);
            if (piece[run] == '\r')
                _cr = true;
            else
                EndLine(output);
            piece = piece[(run + 1)..];
            _inLine = _cr && _inLine | run > 0;
        }
    }

    /// <summary>Ends the last line if it has no end, and then the message.</summary>
    public void End(IBufferWriter<byte> output)
    {
        if (_cr || _inLine)
            EndLine(output);
        _cr = false;
        output.Write(".\r\n"u8);
    }

    private void EndLine(IBufferWriter<byte> output)
    {
        output.Write("\r\n"u8);
        _inLine = false;
    }
}
