using Webmail.MailCore.Store;

namespace Webmail.MailCore.Mime;

/// <summary>The decoded octets of a part, read forwards in pieces: a large attachment never stands in memory.</summary>
internal sealed class PartStream(MessageBody body, MimePart part) : Stream
{
    private const int Piece = 48 * 1024;

    private readonly TransferDecoder _decoder = new(part.Kind == MimePartKind.Message ? "7bit" : part.Encoding);
    private readonly byte[] _raw = new byte[Piece];
    private long _at = part.BodyStart;
    private ReadOnlyMemory<byte> _ready;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_ready.IsEmpty)
        {
            var want = (int)Math.Min(Piece, part.End - _at);
            var got = want <= 0 ? 0 : await body.ReadAsync(_at, _raw.AsMemory(0, want), cancellationToken);
            if (got == 0)
                return 0;
            _at += got;
            _ready = _decoder.IsIdentity ? _raw.AsMemory(0, got) : _decoder.Decode(_raw.AsSpan(0, got)).ToArray();
        }

        var n = Math.Min(buffer.Length, _ready.Length);
        _ready[..n].CopyTo(buffer);
        _ready = _ready[n..];
        return n;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
