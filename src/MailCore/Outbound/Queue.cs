using Npgsql;
using NpgsqlTypes;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Outbound;

/// <summary>
/// The durable queue's rows. A recipient is taken by a lease (lease_owner, lease_until by the database's clock, and next_attempt moved to the lease's
/// end: who dies is taken over by anyone), never by a lock that lasts. Each outcome is one transaction: the recipients' rows, the notices to the sender and
/// the end of the message stand or fall together. Lock order there: queue.message, then its recipients.
/// </summary>
internal sealed class Queue(NpgsqlDataSource dataSource, BlobStore blobs, WebmailSettings settings)
{
    /// <summary>Renewed by a heartbeat long before it ends.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    /// <summary>Who holds our leases: this process, new at each start.</summary>
    public Guid Owner { get; } = Guid.NewGuid();

    private const string LookSql =
        """
        select message_id, n, domain, next_attempt from queue.recipient
        where state in (0, 3) and next_attempt <= now() and (next_attempt, message_id, n) > ($1, $2, $3)
        order by next_attempt, message_id, n limit $4
        """;

    /// <summary>Due rows after one of them, oldest first, without taking them.</summary>
    public async Task<List<DueRow>> LookAsync(DueRow? after, int limit, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(LookSql);
        Add(command.Parameters, after?.NextAttempt ?? DateTime.MinValue, NpgsqlDbType.TimestampTz);
        Add(command.Parameters, after?.Message ?? 0L, NpgsqlDbType.Bigint);
        Add(command.Parameters, after?.N ?? 0, NpgsqlDbType.Integer);
        Add(command.Parameters, limit, NpgsqlDbType.Integer);
        var rows = new List<DueRow>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            rows.Add(new(reader.GetInt64(0), reader.GetInt32(1), reader.GetString(2), reader.GetDateTime(3)));
        return rows;
    }

    private const string NextSql = "select extract(epoch from next_attempt - now())::float8 from queue.recipient where state in (0, 3) order by next_attempt limit 1";

    /// <summary>How long until something is due; null: there is nothing that waits for a time.</summary>
    public async Task<TimeSpan?> NextAsync(CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(NextSql);
        return await command.ExecuteScalarAsync(ct) is double seconds && seconds < TimeSpan.FromDays(1).TotalSeconds
            ? TimeSpan.FromSeconds(Math.Max(0, seconds))
            : null;
    }

    private const string ClaimSql =
        """
        with mine as (
          select r.message_id, r.n from unnest($1::bigint[], $2::int[]) k(message_id, n) cross join lateral (
            select r.message_id, r.n from queue.recipient r
            where r.message_id = k.message_id and r.n = k.n and r.state in (0, 3) and r.next_attempt <= now() offset 0 for update skip locked) r)
        update queue.recipient r set lease_owner = $3, lease_until = now() + $4, next_attempt = now() + $4
        from mine where r.message_id = mine.message_id and r.n = mine.n
        returning r.message_id, r.n, r.address, r.notify, r.orcpt, r.state, r.account_id, r.into_use, r.flags, r.force, r.attempts, r.delay_notified_at is not null
        """;

    /// <summary>Takes those of the rows that are still free.</summary>
    public async Task<List<QueueItem>> ClaimAsync(IReadOnlyList<DueRow> rows, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(ClaimSql);
        AddKeys(command.Parameters, [.. rows.Select(r => (r.Message, r.N))]);
        Add(command.Parameters, Owner, NpgsqlDbType.Uuid);
        Add(command.Parameters, Lease, NpgsqlDbType.Interval);
        var items = new List<QueueItem>(rows.Count);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            items.Add(ReadItem(reader));
        return items;
    }

    private static QueueItem ReadItem(NpgsqlDataReader row)
    {
        var local = row.GetInt16(5) == 3
            ? new LocalDelivery(new(row.GetInt64(6)), (SpecialUse)row.GetInt16(7), new FlagSet(row.GetInt64(8)), row.GetBoolean(9))
            : null;
        // The address of a copy for an account may be unknown; its notices then name nobody in particular.
        var address = EmailAddress.TryParse(row.GetString(2)) ?? EmailAddress.Parse("undisclosed@invalid");
        return new(
            row.GetInt64(0), row.GetInt32(1), new(address, Text(row, 3), Text(row, 4)), local, row.GetInt32(10), row.GetBoolean(11));
    }

    private const string LoadSql =
        """
        select m.trace_id, m.sender, m.front, m.object_id, m.body, m.size, m.header_size, m.envid, m.ret, m.needs_utf8, m.is_8bit, m.verdicts::text, m.created_at,
          coalesce(m.expires_at, greatest(m.created_at, m.hold_until) + $4), extract(epoch from now() - greatest(m.created_at, m.hold_until))::float8,
          coalesce(m.expires_at, greatest(m.created_at, m.hold_until) + $4) <= now(),
          array(select r.n from queue.recipient r where r.message_id = m.id and r.n = any ($2) and r.lease_owner = $3)
        from queue.message m where m.id = $1
        """;

    /// <summary>The message, and which of the recipients are still ours; null: it is gone.</summary>
    public async Task<(QueueMessage Message, int[] Ours)?> LoadAsync(long message, IEnumerable<int> recipients, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(LoadSql);
        Add(command.Parameters, message, NpgsqlDbType.Bigint);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. recipients] });
        Add(command.Parameters, Owner, NpgsqlDbType.Uuid);
        Add(command.Parameters, settings.Outbound.Expiry, NpgsqlDbType.Interval);
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct))
            return null;
        var body = blobs.Open(Bytes(reader, 3), Bytes(reader, 4), reader.GetInt32(5));
        var sender = Text(reader, 1) is { Length: > 0 } text ? EmailAddress.Parse(text) : null;
        return (
            new(message, reader.GetGuid(0), sender, Bytes(reader, 2) ?? [], body, reader.GetInt32(6), Text(reader, 7), Text(reader, 8),
                reader.GetBoolean(9), reader.GetBoolean(10), Text(reader, 11), Utc(reader.GetDateTime(12)), Utc(reader.GetDateTime(13)),
                TimeSpan.FromSeconds(reader.GetDouble(14)), reader.GetBoolean(15)),
            reader.GetFieldValue<int[]>(16));
    }

    private const string RenewSql =
        """
        update queue.recipient r set lease_until = now() + $4, next_attempt = now() + $4
        from unnest($2::bigint[], $3::int[]) k(message_id, n)
        where r.message_id = k.message_id and r.n = k.n and r.lease_owner = $1 and r.state in (0, 3)
        """;

    /// <summary>Moves the end of the leases of what is held. Not of all our leases: what was dropped must come to its end.</summary>
    public async Task RenewAsync(IReadOnlyCollection<(long Message, int N)> held, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(RenewSql);
        Add(command.Parameters, Owner, NpgsqlDbType.Uuid);
        AddKeys(command.Parameters, held);
        Add(command.Parameters, Lease, NpgsqlDbType.Interval);
        await command.ExecuteNonQueryAsync(ct);
    }

    private const string ReleaseStraysSql =
        """
        update queue.recipient r set lease_owner = null, lease_until = null,
          next_attempt = greatest(now(), (select m.hold_until from queue.message m where m.id = r.message_id))
        where r.lease_owner = $1 and (r.message_id, r.n) not in (select k.message_id, k.n from unnest($2::bigint[], $3::int[]) k(message_id, n))
        """;

    /// <summary>Gives back what stands under our name and is not held: claimed in a statement that we got no answer to, or dropped in an outage.</summary>
    public async Task<int> ReleaseStraysAsync(IReadOnlyCollection<(long Message, int N)> held, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(ReleaseStraysSql);
        Add(command.Parameters, Owner, NpgsqlDbType.Uuid);
        AddKeys(command.Parameters, held);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private const string ReleaseSql =
        """
        update queue.recipient r set lease_owner = null, lease_until = null,
          next_attempt = greatest(now(), (select m.hold_until from queue.message m where m.id = r.message_id))
        where r.lease_owner = $1
        """;

    /// <summary>Gives back all that an owner holds: ourselves when we stop, or the process before us that did not get to it.</summary>
    public async Task<int> ReleaseAsync(Guid owner, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(ReleaseSql);
        Add(command.Parameters, owner, NpgsqlDbType.Uuid);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private static void AddKeys(NpgsqlParameterCollection to, IReadOnlyCollection<(long Message, int N)> keys)
    {
        to.Add(new NpgsqlParameter<long[]> { TypedValue = [.. keys.Select(k => k.Message)] });
        to.Add(new NpgsqlParameter<int[]> { TypedValue = [.. keys.Select(k => k.N)] });
    }

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private static string? Text(NpgsqlDataReader row, int i) => row.IsDBNull(i) ? null : row.GetString(i);

    private static byte[]? Bytes(NpgsqlDataReader row, int i) => row.IsDBNull(i) ? null : row.GetFieldValue<byte[]>(i);

    private static void Add(NpgsqlParameterCollection to, object? value, NpgsqlDbType type) =>
        to.Add(new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = type });
}
