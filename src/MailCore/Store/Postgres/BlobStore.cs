using System.Security.Cryptography;
using Npgsql;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// Takes messages while they arrive and opens what is stored. Up to 256 KiB a message is one value in memory and one row; a larger one goes through a
/// spool file into content-keyed chunks, so no large message is ever in memory whole. Holds no lock.
/// </summary>
internal sealed class BlobStore(NpgsqlDataSource dataSource, WebmailSettings settings) : IBlobStore
{
    /// <summary>The most octets that stay in memory, and in one row.</summary>
    public const int SmallSize = 256 * 1024;

    private readonly SpoolDirectory _directory = new(Path.Combine(settings.DataDirectory, "spool"));

    public MessageSpool Begin() => new Spool(this, _directory);

    /// <summary>A stored message's octets: of an object, or of one packed row.</summary>
    public MessageBody Open(byte[]? objectId, byte[]? packed, long size) => objectId is not null
        ? new ObjectBody(dataSource, objectId, size)
        : new MemoryBody(BodyCodec.Unpack(packed ?? throw new InvalidDataException("A stored message has no octets"), (int)size));

    /// <summary>A message that is stored already (in the queue), to be stored again elsewhere: its facts are read anew, its object is shared.</summary>
    public async ValueTask<IncomingMessage> ReopenAsync(MessageBody body, CancellationToken ct)
    {
        if (body.TryGetMemory(out var octets))
            return Small(octets);
        if (body is not ObjectBody stored)
            throw new ArgumentException("Not a body of this store", nameof(body));
        await FindAsync(stored.ObjectId, ct);
        var facts = await ReadFactsAsync(body.AsStream(), body.Length, ct);
        return new StoredMessage(body, facts, await StoredHeader.ReadAsync(body, facts.HeaderSize, ct), null, stored.ObjectId);
    }

    /// <summary>A message that is in memory whole.</summary>
    public static StoredMessage Small(ReadOnlyMemory<byte> octets)
    {
        var body = new MemoryBody(octets);
        var facts = MessageFactsReader.Read(body.AsStream(), octets.Length);
        return new StoredMessage(body, facts, StoredHeader.Pack(octets.Span[..facts.HeaderSize]), BodyCodec.Pack(octets.Span), null);
    }

    /// <summary>Reads the facts of a large message on another thread: the parser is synchronous.</summary>
    public static Task<MessageFacts> ReadFactsAsync(Stream octets, long length, CancellationToken ct) =>
        Task.Run(() => MessageFactsReader.Read(octets, length), ct);

    /// <summary>Stores octets under their SHA-256, and returns it. Nothing is sent when they are there already.</summary>
    public async ValueTask<byte[]> StoreObjectAsync(MessageBody body, CancellationToken ct)
    {
        var id = await HashAsync(body, ct);
        try
        {
            if (await FindAsync(id, ct))
                return id;
            var buffer = new byte[ObjectBody.ChunkSize];
            for (var n = 0; (long)n * ObjectBody.ChunkSize < body.Length; n++)
            {
                var filled = await FillAsync(body, (long)n * ObjectBody.ChunkSize, buffer, ct);
                await StoreChunkAsync(id, n, BodyCodec.Pack(buffer.AsSpan(0, filled)), ct);
            }

            await FinishAsync(id, body.Length, ct);
            return id;
        }
        catch (NpgsqlException e)
        {
            throw StoreErrors.Translate(e);
        }
    }

    private static async ValueTask<byte[]> HashAsync(MessageBody body, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        for (long at = 0; at < body.Length;)
        {
            var n = await FillAsync(body, at, buffer, ct);
            hash.AppendData(buffer, 0, n);
            at += n;
        }

        return hash.GetHashAndReset();
    }

    private static async ValueTask<int> FillAsync(MessageBody body, long offset, byte[] buffer, CancellationToken ct)
    {
        var filled = 0;
        while (filled < buffer.Length && offset + filled < body.Length)
        {
            var n = await body.ReadAsync(offset + filled, buffer.AsMemory(filled), ct);
            if (n == 0)
                throw new EndOfStreamException("A message ended before its length");
            filled += n;
        }

        return filled;
    }

    // Whoever is about to refer to an object says so here: the sweep leaves it alone for a day.
    private const string FindSql = "update mail.object set refreshed_at = now(), doomed_at = null where object_id = $1";

    private async ValueTask<bool> FindAsync(byte[] id, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(FindSql);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = id });
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    // A chunk that an upload left behind when it was cut off is made young again: the sweep of such chunks must not take it from under this upload.
    private const string StoreChunkSql =
        "insert into mail.object_chunk (object_id, n, data) values ($1, $2, $3) on conflict (object_id, n) do update set at = now()";

    private async ValueTask StoreChunkAsync(byte[] id, int n, byte[] packed, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(StoreChunkSql);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = n });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = packed });
        await command.ExecuteNonQueryAsync(ct);
    }

    private const string FinishSql =
        """
        insert into mail.object (object_id, size) values ($1, $2)
        on conflict (object_id) do update set refreshed_at = now(), doomed_at = null
        """;

    private async ValueTask FinishAsync(byte[] id, long size, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(FinishSql);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = size });
        await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>A message that is ready to be stored: small with its packed octets, or large with its object in place.</summary>
internal sealed class StoredMessage(MessageBody body, MessageFacts facts, byte[]? header, byte[]? packed, byte[]? objectId) : IncomingMessage
{
    public override MessageBody Body => body;

    public override MessageFacts Facts => facts;

    /// <summary>As <see cref="StoredHeader"/> makes it.</summary>
    public byte[]? Header => header;

    public byte[]? Packed => packed;

    public byte[]? ObjectId => objectId;

    /// <summary>The store takes only what it made itself.</summary>
    public static StoredMessage Of(IncomingMessage message) =>
        message as StoredMessage ?? throw new ArgumentException("Not a message of this store", nameof(message));
}
