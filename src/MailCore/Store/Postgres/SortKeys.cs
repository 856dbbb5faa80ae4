using System.Buffers.Binary;
using Npgsql;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>What SORT and THREAD compare of a message beside its index entry.</summary>
/// <param name="SentAt">Ticks in UTC; null: no usable Date.</param>
internal sealed record SortFacts(long? SentAt, byte[] Subject, byte[] From, byte[] To, byte[] Cc);

/// <summary>A message's place among others by its ids: own (0: none), and its ancestors with the parent last. Null: not stored with it.</summary>
internal sealed record ThreadFacts(long? SentAt, byte[] Subject, long[]? Ancestry);

/// <summary>Reads keys of many messages, a page a statement.</summary>
internal sealed class SortKeys(NpgsqlDataSource dataSource, MessageReader reader)
{
    private const int PageSize = 4_000;

    private const string DatesSql =
        """
        select u.id, g.sent_at from unnest($2::bigint[]) u(id)
        cross join lateral (select m.sent_at from mail.message m where m.account_id = $1 and m.message_id = u.id offset 0) g
        """;

    /// <summary>The Date header of each message that has one, in ticks.</summary>
    public ValueTask<Dictionary<long, long?>> DatesAsync(AccountId account, IReadOnlyList<long> messages, CancellationToken ct) =>
        ReadAsync(DatesSql, account, messages, r => SentAt(r, 1), ct);

    private const string FactsSql =
        """
        select u.id, g.sent_at, g.sort_subject, g.sort_from, g.sort_to, g.sort_cc from unnest($2::bigint[]) u(id)
        cross join lateral (
          select m.sent_at, m.sort_subject, m.sort_from, m.sort_to, m.sort_cc from mail.message m
          where m.account_id = $1 and m.message_id = u.id offset 0) g
        """;

    public ValueTask<Dictionary<long, SortFacts>> FactsAsync(AccountId account, IReadOnlyList<long> messages, CancellationToken ct) => ReadAsync(
        FactsSql, account, messages,
        r => new SortFacts(SentAt(r, 1), r.GetFieldValue<byte[]>(2), r.GetFieldValue<byte[]>(3), r.GetFieldValue<byte[]>(4), r.GetFieldValue<byte[]>(5)), ct);

    private const string EnvelopesSql =
        """
        select u.id, g.envelope from unnest($2::bigint[]) u(id)
        cross join lateral (select m.envelope from mail.message m where m.account_id = $1 and m.message_id = u.id offset 0) g
        """;

    public ValueTask<Dictionary<long, T>> EnvelopesAsync<T>(AccountId account, IReadOnlyList<long> messages, Func<EnvelopeView, T> read, CancellationToken ct) =>
        ReadAsync(EnvelopesSql, account, messages, r => read(EnvelopeView.Read(r.GetFieldValue<byte[]>(1))), ct);

    private const string ThreadsSql =
        """
        select u.id, g.sent_at, g.sort_subject, g.ancestry from unnest($2::bigint[]) u(id)
        cross join lateral (select m.sent_at, m.sort_subject, m.ancestry from mail.message m where m.account_id = $1 and m.message_id = u.id offset 0) g
        """;

    public ValueTask<Dictionary<long, ThreadFacts>> ThreadsAsync(AccountId account, IReadOnlyList<long> messages, CancellationToken ct) => ReadAsync(
        ThreadsSql, account, messages,
        r => new ThreadFacts(SentAt(r, 1), r.GetFieldValue<byte[]>(2), r.IsDBNull(3) ? null : Unpack(r.GetFieldValue<byte[]>(3))), ct);

    /// <summary>The ancestry of messages that were stored before it was kept: from their headers.</summary>
    public async ValueTask<long[]> AncestryAsync(MailboxId mailbox, Uid uid, CancellationToken ct)
    {
        var read = await reader.HeadersAsync(mailbox, [uid], ct);
        if (read.Count == 0)
            return [0];
        await using var header = read[0].Header.AsStream();
        var root = await Task.Run(() => MimeScanner.Scan(header), ct);
        return Unpack(MessageIds.Ancestry(root[MimeField.MessageId], root[MimeField.InReplyTo], root[MimeField.References]));
    }

    private async ValueTask<Dictionary<long, T>> ReadAsync<T>(
        string sql, AccountId account, IReadOnlyList<long> messages, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        var all = new Dictionary<long, T>(messages.Count);
        foreach (var page in messages.Distinct().Chunk(PageSize))
        {
            foreach (var (id, value) in await dataSource.QueryAsync(sql, [Value(account.Value), Value(page)], r => (r.GetInt64(0), read(r)), ct))
                all[id] = value;
        }

        return all;
    }

    private static long? SentAt(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetFieldValue<DateTime>(column).Ticks;

    private static long[] Unpack(byte[] octets)
    {
        var hashes = new long[Math.Max(octets.Length / 8, 1)];
        for (var i = 0; i < octets.Length / 8; i++)
            hashes[i] = BinaryPrimitives.ReadInt64BigEndian(octets.AsSpan(8 * i));
        return hashes;
    }
}
