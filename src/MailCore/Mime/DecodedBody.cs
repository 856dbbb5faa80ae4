using Webmail.MailCore.Store;

namespace Webmail.MailCore.Mime;

/// <summary>
/// A part with its transfer encoding undone, in pieces. Reading on is cheap; reading at an earlier offset decodes from the start again. One reader at a
/// time.
/// </summary>
internal sealed class DecodedBody : MessageBody
{
    private const int PieceSize = 32 * 1024;

    private readonly MessageBody _encoded;
    private readonly string _encoding;
    private readonly byte[] _piece = new byte[PieceSize];
    private TransferDecoder _decoder;
    private long _readTo;
    private long _decodedFrom;
    private ReadOnlyMemory<byte> _decoded;

    private DecodedBody(MessageBody encoded, string encoding, long length)
    {
        _encoded = encoded;
        _encoding = encoding;
        _decoder = new(encoding);
        Length = length;
    }

    public override long Length { get; }

    /// <summary>Decodes at once what is in memory; of a large part, counts the decoded octets first.</summary>
    public static async ValueTask<MessageBody> OpenAsync(MessageBody encoded, string encoding, CancellationToken ct)
    {
        var decoder = new TransferDecoder(encoding);
        if (decoder.IsIdentity)
            return encoded;
        if (encoded.TryGetMemory(out var bytes))
            return new MemoryBody(decoder.Decode(bytes.Span).ToArray());
        var counting = new DecodedBody(encoded, encoding, long.MaxValue);
        while (await counting.NextAsync(ct))
        {
        }

        return new DecodedBody(encoded, encoding, counting._decodedFrom);
    }

    public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        return false;
    }

    public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct)
    {
        if (offset < _decodedFrom)
            Rewind();
        while (offset >= _decodedFrom + _decoded.Length)
        {
            if (!await NextAsync(ct))
                return 0;
        }

        var from = _decoded[(int)(offset - _decodedFrom)..];
        var n = Math.Min(from.Length, buffer.Length);
        from[..n].CopyTo(buffer);
        return n;
    }

    private void Rewind()
    {
        _decoder = new(_encoding);
        _readTo = _decodedFrom = 0;
        _decoded = default;
    }

    private async ValueTask<bool> NextAsync(CancellationToken ct)
    {
        _decodedFrom += _decoded.Length;
        _decoded = default;
        var n = await _encoded.ReadAsync(_readTo, _piece, ct);
        _readTo += n;
        if (n == 0)
            return false;
        _decoded = _decoder.Decode(_piece.AsSpan(0, n)).ToArray();
        return true;
    }
}
