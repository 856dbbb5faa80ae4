using System.Buffers;
using System.Text;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Inbound;

/// <summary>
/// A message coming in from outside. The header stays in memory until the end (bounded), so that what must be added, taken out or counted there
/// is done in one pass; the body goes straight on to the store's spool. Octets are taken as they come.
/// </summary>
public sealed class IncomingSpool(MessageSpool inner) : MessageSpool
{
    /// <summary>
    /// A header beyond this is passed on unread from here on, and refused where it has to be changed (submission). The store has room for 256 KiB in front of
    /// a large message, of which the trace fields take some.
    /// </summary>
    public const int MaxHeader = 192 * 1024;

    private byte[] _header = ArrayPool<byte>.Shared.Rent(4096);
    private int _headerLength;
    private bool _inBody;

    public override long Length => _headerLength + inner.Length;

    /// <summary>There are octets above 127.</summary>
    public bool Is8Bit { get; private set; }

    /// <summary>The header didn't end within <see cref="MaxHeader"/>: <see cref="Header"/> is only its beginning.</summary>
    public bool IsHeaderCut { get; private set; }

    /// <summary>The header with the empty line that ends it; the whole message where there is none. Good until disposal.</summary>
    public ReadOnlySpan<byte> Header => _header.AsSpan(0, _headerLength);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if (!Is8Bit && !Ascii.IsValid(bytes.Span))
            Is8Bit = true;
        if (_inBody)
            return inner.WriteAsync(bytes, ct);
        var taken = TakeHeader(bytes.Span);
        return taken == bytes.Length ? default : inner.WriteAsync(bytes[taken..], ct);
    }

    public override async ValueTask CopyToAsync(MessageSpool to, CancellationToken ct)
    {
        await to.WriteAsync(_header.AsMemory(0, _headerLength), ct);
        await inner.CopyToAsync(to, ct);
    }

    /// <summary>Completes with the header as it came.</summary>
    public override ValueTask<IncomingMessage> CompleteAsync(ReadOnlyMemory<byte> front, CancellationToken ct)
    {
        var whole = new byte[front.Length + _headerLength];
        front.CopyTo(whole);
        Header.CopyTo(whole.AsSpan(front.Length));
        return inner.CompleteAsync(whole, ct);
    }

    /// <summary>Completes with another header in place of the one that came; it must bring the empty line that ends it.</summary>
    internal ValueTask<IncomingMessage> CompleteWithHeaderAsync(ReadOnlyMemory<byte> header, CancellationToken ct) =>
        inner.CompleteAsync(header, ct);

    public override ValueTask DisposeAsync()
    {
        var header = Interlocked.Exchange(ref _header, []);
        _headerLength = 0;
        if (header.Length > 0)
            ArrayPool<byte>.Shared.Return(header);
        return inner.DisposeAsync();
    }

    /// <summary>Appends to the header up to its end; what is left over belongs to the body.</summary>
    private int TakeHeader(ReadOnlySpan<byte> bytes)
    {
        var before = _headerLength;
        var offered = bytes[..Math.Min(bytes.Length, MaxHeader - before)];
        Append(offered);
        var end = EndOfHeader(before);
        if (end >= 0)
        {
            _headerLength = end;
            _inBody = true;
            return end - before;
        }

        if (_headerLength == MaxHeader)
        {
            _inBody = true;
            IsHeaderCut = true;
        }

        return offered.Length;
    }

    private int EndOfHeader(int before)
    {
        var header = Header;
        if (header.StartsWith("\r\n"u8))
            return 2;
        var from = Math.Max(0, before - 3);
        var found = header[from..].IndexOf("\r\n\r\n"u8);
        return found < 0 ? -1 : from + found + 4;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_headerLength + bytes.Length > _header.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_header.Length * 2, _headerLength + bytes.Length));
            Header.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_header);
            _header = larger;
        }

        bytes.CopyTo(_header.AsSpan(_headerLength));
        _headerLength += bytes.Length;
    }
}
