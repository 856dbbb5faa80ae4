namespace Webmail.MailCore.Store;

/// <summary>A read-only, seekable stream over a <see cref="MessageBody"/>, reading ahead by 64 KiB.</summary>
internal sealed class MessageBodyStream(MessageBody body) : Stream
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private long _bufferStart;
    private int _buffered;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => body.Length;

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _position >= body.Length)
            return 0;
        if (_position < _bufferStart || _position >= _bufferStart + _buffered)
        {
            _bufferStart = _position;
            _buffered = await body.ReadAsync(_position, _buffer, cancellationToken);
            if (_buffered == 0)
                return 0;
        }

        var from = (int)(_position - _bufferStart);
        var n = Math.Min(buffer.Length, _buffered - from);
        _buffer.AsMemory(from, n).CopyTo(buffer);
        _position += n;
        return n;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Parsers are synchronous: they run on a worker thread and wait for a page here.</summary>
    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
