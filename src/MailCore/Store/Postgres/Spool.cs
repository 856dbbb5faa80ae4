using System.Buffers;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>A message under way: in a lent buffer up to 256 KiB, then in a file. The file leaves room at its start for what is put in front.</summary>
internal sealed class Spool(BlobStore blobs, SpoolDirectory directory) : MessageSpool
{
    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(8 * 1024);
    private int _buffered;
    private SpoolFile? _file;
    private bool _done;

    public override long Length => _file is null ? _buffered : _file.Length + _buffered;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_buffer is null || _done, this);
        while (!bytes.IsEmpty)
        {
            if (_buffered == _buffer.Length)
                await MakeRoomAsync(ct);
            var n = Math.Min(bytes.Length, _buffer.Length - _buffered);
            bytes[..n].CopyTo(_buffer.AsMemory(_buffered));
            _buffered += n;
            bytes = bytes[n..];
        }
    }

    public override async ValueTask CopyToAsync(MessageSpool to, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_buffer is null || _done, this);
        if (_file is { } file)
        {
            // What is on disk comes first, by way of a buffer of its own: this one holds what follows.
            var onDisk = await Disk(() => file.FinishAsync(default, ct));
            var piece = ArrayPool<byte>.Shared.Rent(64 * 1024);
            for (long at = 0; at < onDisk.Length;)
            {
                var n = await Disk(() => onDisk.ReadAsync(at, piece, ct));
                await to.WriteAsync(piece.AsMemory(0, n), ct);
                at += n;
            }

            ArrayPool<byte>.Shared.Return(piece);
        }

        await to.WriteAsync(_buffer.AsMemory(0, _buffered), ct);
    }

    public override async ValueTask<IncomingMessage> CompleteAsync(ReadOnlyMemory<byte> front, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_buffer is null || _done, this);
        _done = true;
        if (_file is null && front.Length + _buffered <= BlobStore.SmallSize)
        {
            var octets = GC.AllocateUninitializedArray<byte>(front.Length + _buffered);
            front.CopyTo(octets);
            _buffer.AsMemory(0, _buffered).CopyTo(octets.AsMemory(front.Length));
            ReturnBuffer();
            return BlobStore.Small(octets);
        }

        await FlushAsync(ct);
        ReturnBuffer();
        var body = await Disk(() => _file!.FinishAsync(front, ct));
        var facts = await BlobStore.ReadFactsAsync(body.AsStream(), body.Length, ct);
        var id = await blobs.StoreObjectAsync(body, ct);
        var header = await StoredHeader.ReadAsync(body, facts.HeaderSize, ct);
        return new StoredMessage(new SpooledBody(body, blobs.Open(id, null, body.Length)), facts, header, null, id);
    }

    public override ValueTask DisposeAsync()
    {
        ReturnBuffer();
        _file?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask MakeRoomAsync(CancellationToken ct)
    {
        if (_file is not null || _buffer!.Length >= BlobStore.SmallSize)
        {
            await FlushAsync(ct);
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(_buffer.Length * 4, BlobStore.SmallSize));
        _buffer.AsMemory(0, _buffered).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private async ValueTask FlushAsync(CancellationToken ct)
    {
        var file = _file ??= directory.Create();
        await Disk(async () =>
        {
            await file.AppendAsync(_buffer.AsMemory(0, _buffered), ct);
            return true;
        });
        _buffered = 0;
    }

    private static async ValueTask<T> Disk<T>(Func<ValueTask<T>> action)
    {
        try
        {
            return await action();
        }
        catch (IOException e)
        {
            throw new MailException(MailError.Unavailable, "There is no room for the message just now", e);
        }
    }

    private void ReturnBuffer()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }
}

/// <summary>From the spool file as long as it is there (signatures, filters), from the store afterwards.</summary>
internal sealed class SpooledBody(MessageBody file, MessageBody stored) : MessageBody
{
    public override long Length => stored.Length;

    public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes) => stored.TryGetMemory(out bytes);

    public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct)
    {
        try
        {
            return await file.ReadAsync(offset, buffer, ct);
        }
        catch (ObjectDisposedException)
        {
            return await stored.ReadAsync(offset, buffer, ct);
        }
    }
}
