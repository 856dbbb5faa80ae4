using System.Buffers;

namespace Webmail.MailCore.Mime;

/// <summary>
/// Cuts a stream into lines that end in LF, without ever holding more than one buffer: a longer line comes in several pieces.
/// Synchronous, since parsing is; streams over large bodies wait for their pages on a worker thread.
/// </summary>
internal sealed class RawLines(Stream stream) : IDisposable
{
    private const int BufferSize = 32 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _next;
    private int _filled;
    private bool _ended;
    private bool _inLine;

    /// <summary>Where the current piece starts in the stream.</summary>
    public long Offset { get; private set; }

    /// <summary>Where the next piece starts.</summary>
    public long End { get; private set; }

    /// <summary>The current piece is the beginning of a line.</summary>
    public bool StartsLine { get; private set; }

    /// <summary>The current piece ends with LF.</summary>
    public bool EndsLine { get; private set; }

    /// <summary>The next piece with its line end, valid until the next call; false at the end.</summary>
    public bool Next(out ReadOnlySpan<byte> piece)
    {
        var length = _buffer.AsSpan(_next, _filled - _next).IndexOf((byte)'\n') + 1;
        if (length == 0)
            length = Refill();
        piece = _buffer.AsSpan(_next, length);
        Offset = End;
        if (length == 0)
            return false;
        StartsLine = !_inLine;
        EndsLine = piece[^1] == (byte)'\n';
        _inLine = !EndsLine;
        _next += length;
        End += length;
        return true;
    }

    private int Refill()
    {
        _buffer.AsSpan(_next, _filled - _next).CopyTo(_buffer);
        _filled -= _next;
        _next = 0;
        while (!_ended && _filled < BufferSize)
        {
            var before = _filled;
            var n = stream.Read(_buffer, _filled, BufferSize - _filled);
            if (n == 0)
            {
                _ended = true;
                break;
            }

            _filled += n;
            var lf = _buffer.AsSpan(before, n).IndexOf((byte)'\n');
            if (lf >= 0)
                return before + lf + 1;
        }

        return _filled;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _filled = _next = 0;
        _ended = true;
    }
}
