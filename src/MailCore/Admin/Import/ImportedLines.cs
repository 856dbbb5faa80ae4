namespace Webmail.MailCore.Admin.Import;

/// <summary>Cuts a file into lines, a line that is longer than the buffer into pieces, and gives them CRLF at their ends.</summary>
internal sealed class ImportedLines(Stream file)
{
    private const int BufferSize = 64 * 1024;

    private readonly byte[] _buffer = new byte[BufferSize];

    // LF becomes CRLF here.
    private readonly byte[] _line = new byte[BufferSize + 1];
    private int _next;
    private int _filled;
    private bool _inLine;
    private bool _endedInCr;
    private long _end;

    /// <summary>Where the current line or piece starts in the file.</summary>
    public long Offset { get; private set; }

    public bool StartsLine { get; private set; }

    /// <summary>The next line or piece with CRLF for its LF; empty at the end. A last line without a line end is given one.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> NextAsync(CancellationToken ct)
    {
        var length = _buffer.AsSpan(_next, _filled - _next).IndexOf((byte)'\n') + 1;
        if (length == 0)
        {
            await FillAsync(ct);
            length = _buffer.AsSpan(_next, _filled - _next).IndexOf((byte)'\n') + 1;
            if (length == 0)
                length = _filled - _next;
        }

        Offset = _end;
        StartsLine = !_inLine;
        if (length == 0)
            return EndOfFile();
        var line = WithCrLf(_buffer.AsSpan(_next, length));
        _next += length;
        _end += length;
        return line;
    }

    private ReadOnlyMemory<byte> EndOfFile()
    {
        if (!_inLine)
            return default;
        _inLine = false;
        StartsLine = false;
        return WithCrLf("\n"u8);
    }

    private ReadOnlyMemory<byte> WithCrLf(ReadOnlySpan<byte> raw)
    {
        _inLine = raw[^1] != '\n';
        raw.CopyTo(_line);
        var length = raw.Length;
        if (!_inLine && !(length > 1 ? raw[^2] == '\r' : _endedInCr))
        {
            _line[length - 1] = (byte)'\r';
            _line[length++] = (byte)'\n';
        }

        _endedInCr = _inLine && raw[^1] == '\r';
        return _line.AsMemory(0, length);
    }

    private async ValueTask FillAsync(CancellationToken ct)
    {
        _buffer.AsSpan(_next, _filled - _next).CopyTo(_buffer);
        _filled -= _next;
        _next = 0;
        while (_filled < BufferSize)
        {
            var n = await file.ReadAsync(_buffer.AsMemory(_filled, BufferSize - _filled), ct);
            _filled += n;
            if (n == 0 || _buffer.AsSpan(_filled - n, n).Contains((byte)'\n'))
                return;
        }
    }
}
