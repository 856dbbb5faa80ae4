using Npgsql;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>A large message's octets in chunks of 1 MiB. Holds the chunk last read, and no connection between two reads. Safe to share.</summary>
internal sealed class ObjectBody(NpgsqlDataSource dataSource, byte[] objectId, long length) : MessageBody
{
    public const int ChunkSize = 1024 * 1024;

    private sealed record Chunk(int Number, byte[] Octets);

    private Chunk? _last;

    public byte[] ObjectId => objectId;

    public override long Length => length;

    public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        return false;
    }

    public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct)
    {
        if (offset >= length || buffer.IsEmpty)
            return 0;
        var number = (int)(offset / ChunkSize);
        var chunk = Volatile.Read(ref _last);
        if (chunk is null || chunk.Number != number)
        {
            chunk = new Chunk(number, await ReadChunkAsync(number, ct));
            Volatile.Write(ref _last, chunk);
        }

        var rest = chunk.Octets.AsMemory((int)(offset % ChunkSize));
        var n = Math.Min(rest.Length, buffer.Length);
        rest[..n].CopyTo(buffer);
        return n;
    }

    private const string ChunkSql = "select data from mail.object_chunk where object_id = $1 and n = $2";

    private async ValueTask<byte[]> ReadChunkAsync(int number, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(ChunkSql);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = objectId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = number });
        try
        {
            var packed = await command.ExecuteScalarAsync(ct) as byte[] ?? throw new InvalidDataException("A stored message lacks a part of its octets");
            return BodyCodec.Unpack(packed, (int)Math.Min(ChunkSize, length - ((long)number * ChunkSize)));
        }
        catch (NpgsqlException e)
        {
            throw StoreErrors.Translate(e);
        }
    }
}
