using System.Buffers;
using System.IO.Pipelines;

namespace Webmail.Protocols.Wire;

/// <summary>
/// A stream over the two halves of a pipe, for SslStream to sit on. A cancelled read consumes nothing, so TLS can be woken between records
/// and go on; a read into an empty buffer waits for data without taking any.
/// </summary>
internal sealed class DuplexPipeStream(PipeReader input, PipeWriter output) : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var available = result.Buffer;
            if (!available.IsEmpty)
            {
                if (buffer.IsEmpty)
                {
                    input.AdvanceTo(available.Start);
                    return 0;
                }

                var taken = available.Slice(0, Math.Min(available.Length, buffer.Length));
                var n = (int)taken.Length;
                taken.CopyTo(buffer.Span);

                // From here on its segments belong to the pipe again: not even its length may be asked for.
                input.AdvanceTo(taken.End);
                return n;
            }

            input.AdvanceTo(available.End);
            if (result.IsCompleted)
                return 0;
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var result = await output.WriteAsync(buffer, cancellationToken);
        if (result.IsCompleted)
            throw new IOException("The connection was closed by the other side");
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
