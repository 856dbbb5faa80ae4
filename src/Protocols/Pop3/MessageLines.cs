using System.Buffers;
using Webmail.MailCore.Store;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Pop3;

/// <summary>A message as RETR and TOP send it, dots stuffed. A large one goes out in pieces as it is read.</summary>
/// <param name="lines">How many lines of the body; null: all.</param>
internal sealed class MessageLines(MessageBody body, int? lines) : Pop3Body
{
    private const int Piece = 64 * 1024;

    public override async ValueTask<bool> WriteAsync(WirePipe wire, CancellationToken ct)
    {
        if (!body.TryGetMemory(out var whole))
            return await StreamAsync(wire, ct);
        var dots = default(DotEncoder);
        dots.Write(wire.Output, new TopFilter(lines).Take(whole.Span));
        dots.End(wire.Output);
        return await wire.FlushIfLargeAsync(ct);
    }

    private async ValueTask<bool> StreamAsync(WirePipe wire, CancellationToken ct)
    {
        var dots = default(DotEncoder);
        var top = new TopFilter(lines);
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            for (long offset = 0; offset < body.Length && !top.IsDone;)
            {
                var n = await body.ReadAsync(offset, buffer, ct);
                if (n == 0)
                    throw new InvalidOperationException($"A body ended after {offset} of {body.Length} octets");
                offset += n;
                dots.Write(wire.Output, top.Take(buffer.AsSpan(0, n)));
                if (!await wire.FlushIfLargeAsync(ct))
                    return false;
            }

            dots.End(wire.Output);
            return await wire.FlushIfLargeAsync(ct);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>TOP (RFC 1939 section 7): the header, the empty line, and so many lines of the body. Fed with pieces of any size.</summary>
/// <param name="lines">Null: everything.</param>
internal struct TopFilter(int? lines)
{
    private int _left = lines ?? 0;
    private bool _inBody;
    private bool _lineHasText;

    public bool IsDone { get; private set; }

    /// <summary>The part of the piece that belongs to the answer.</summary>
    public ReadOnlySpan<byte> Take(ReadOnlySpan<byte> piece)
    {
        if (lines is null)
            return piece;
        for (var at = 0; at < piece.Length && !IsDone;)
        {
            var end = piece[at..].IndexOf((byte)'\n');
            var line = end < 0 ? piece[at..] : piece.Slice(at, end);
            _lineHasText |= line.IndexOfAnyExcept((byte)'\r') >= 0;
            if (end < 0)
                return piece;
            at += end + 1;
            EndLine();
            if (IsDone)
                return piece[..at];
        }

        return IsDone ? default : piece;
    }

    private void EndLine()
    {
        if (_inBody)
            _left--;
        else
            _inBody = !_lineHasText;
        _lineHasText = false;
        IsDone = _inBody && _left <= 0;
    }
}
