using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Admin;

/// <summary>A message that waits in the queue, with the recipients that it still waits for.</summary>
/// <param name="Id">For retry, remove and hold; and the order of arrival.</param>
/// <param name="Sender">Empty: the null sender (a notice).</param>
/// <param name="HeldUntil">Not tried before; <see cref="DateTimeOffset.MaxValue"/>: until it is released.</param>
public sealed record QueueEntry(
    string Id, Guid TraceId, string Sender, long Size, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? HeldUntil,
    IReadOnlyList<QueueEntryRecipient> Recipients);

/// <param name="IsUnderWay">A worker has it now.</param>
/// <param name="LastReply">What was said last; null: not tried yet.</param>
public sealed record QueueEntryRecipient(
    string Address, int Attempts, bool IsUnderWay, DateTimeOffset NextAttempt, string? LastStatus, string? LastReply, string? LastMta);

public sealed record QueueQuery
{
    /// <summary>Part of the sender or of a recipient.</summary>
    public string? Search { get; init; }

    /// <summary>Only messages with a recipient in this domain.</summary>
    public string? Domain { get; init; }

    public string? After { get; init; }

    public int Limit { get; init; } = 100;
}

/// <summary>The queue as administrators and the command line see it. What is changed here takes effect on every node at once.</summary>
public sealed class QueueAdmin
{
    private readonly NpgsqlDataSource _dataSource;
    private readonly QueueSignal _signal;
    private readonly AdminRights _rights;
    private readonly WebmailSettings _settings;

    internal QueueAdmin(NpgsqlDataSource dataSource, QueueSignal signal, AdminRights rights, WebmailSettings settings)
    {
        _dataSource = dataSource;
        _signal = signal;
        _rights = rights;
        _settings = settings;
    }

    private const string ListSql =
        """
        select m.id, m.trace_id, coalesce(m.sender, ''), m.size, m.created_at, coalesce(m.expires_at, greatest(m.created_at, m.hold_until) + $5),
          m.hold_until, m.hold_until > now()
        from queue.message m
        where m.id > $1
          and ($2::text is null or m.sender ilike $2 or exists (select from queue.recipient r where r.message_id = m.id and r.address ilike $2))
          and ($3::text is null or exists (select from queue.recipient r where r.message_id = m.id and r.domain = $3))
        order by m.id limit $4
        """;

    /// <summary>In order of arrival.</summary>
    /// <exception cref="MailException">NoPermission; Invalid: not a domain name</exception>
    public async Task<Page<QueueEntry>> ListAsync(Principal actor, QueueQuery query, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        var limit = Math.Clamp(query.Limit, 1, Page<QueueEntry>.MaxLimit);
        await using var command = _dataSource.CreateCommand(ListSql);
        Add(command, query.After is { } after ? ReadId(after) : 0L, NpgsqlDbType.Bigint);
        Add(command, query.Search is { Length: > 0 } search ? $"%{Like.Escape(search)}%" : null, NpgsqlDbType.Text);
        Add(command, query.Domain is { Length: > 0 } domain ? EmailAddress.Parse("any@" + domain).AsciiDomain : null, NpgsqlDbType.Text);
        Add(command, limit + 1, NpgsqlDbType.Integer);
        Add(command, _settings.Outbound.Expiry, NpgsqlDbType.Interval);
        var found = new List<QueueEntry>();
        await using (var row = await command.ExecuteReaderAsync(ct))
        {
            while (await row.ReadAsync(ct))
            {
                found.Add(new(
                    row.GetInt64(0).ToString(CultureInfo.InvariantCulture), row.GetGuid(1), row.GetString(2), row.GetInt32(3), Utc(row.GetDateTime(4)), Utc(row.GetDateTime(5)),
                    !row.IsDBNull(7) && row.GetBoolean(7) ? Utc(row.GetDateTime(6)) : null, []));
            }
        }

        var recipients = await RecipientsAsync(found, ct);
        return Page<QueueEntry>.Of(found.ConvertAll(e => e with { Recipients = [.. recipients[e.Id]] }), limit, e => e.Id);
    }

    private const string RecipientsSql =
        """
        select message_id, address, attempts, lease_until > now(), next_attempt, last_status, last_reply, last_mta
        from queue.recipient where message_id = any ($1) order by message_id, n
        """;

    private async Task<ILookup<string, QueueEntryRecipient>> RecipientsAsync(List<QueueEntry> entries, CancellationToken ct)
    {
        await using var command = _dataSource.CreateCommand(RecipientsSql);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. entries.Select(e => ReadId(e.Id))] });
        var rows = new List<(string Id, QueueEntryRecipient Recipient)>();
        await using var row = await command.ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            rows.Add((row.GetInt64(0).ToString(CultureInfo.InvariantCulture), new(
                row.GetString(1), row.GetInt32(2), !row.IsDBNull(3) && row.GetBoolean(3), Utc(row.GetDateTime(4)), Text(row, 5), Text(row, 6), Text(row, 7))));
        }

        return rows.ToLookup(r => r.Id, r => r.Recipient);
    }

    private const string RetrySql =
        """
        with m as (update queue.message set hold_until = null where ($1::bigint is null or id = $1) and (hold_until is null or $1 is not null) returning id),
          r as (update queue.recipient q set next_attempt = now() from m where q.message_id = m.id and q.lease_owner is null returning q.message_id)
        select count(*) from m
        """;

    /// <summary>Tries a message again now, one that is held too.</summary>
    /// <exception cref="MailException">NotFound, NoPermission</exception>
    public async Task RetryAsync(Principal actor, string id, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        if (await CountAsync(RetrySql, ReadId(id), null, ct) == 0)
            throw NotFound(id);
        await WakeAsync(ct);
    }

    /// <summary>Tries all messages again now that aren't held.</summary>
    /// <returns>How many there are.</returns>
    /// <exception cref="MailException">NoPermission</exception>
    public async Task<long> RetryAllAsync(Principal actor, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        var count = await CountAsync(RetrySql, null, null, ct);
        await WakeAsync(ct);
        return count;
    }

    private const string RemoveSql =
        """
        with r as (delete from queue.recipient where message_id = $1), m as (delete from queue.message where id = $1 returning id)
        select count(*) from m
        """;

    /// <summary>Removes a message for good, without a notice to its sender. A recipient that is under way may still get it.</summary>
    /// <exception cref="MailException">NotFound, NoPermission</exception>
    public async Task RemoveAsync(Principal actor, string id, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        if (await CountAsync(RemoveSql, ReadId(id), null, ct) == 0)
            throw NotFound(id);
    }

    private const string HoldSql =
        """
        with m as (update queue.message set hold_until = $2 where id = $1 returning id),
          r as (update queue.recipient q set next_attempt = $2 from m where q.message_id = m.id and q.lease_owner is null returning 1)
        select count(*) from m
        """;

    /// <summary>Keeps a message back until a time, or until <see cref="RetryAsync"/> when none is given.</summary>
    /// <exception cref="MailException">NotFound, NoPermission</exception>
    public async Task HoldAsync(Principal actor, string id, DateTimeOffset? until, CancellationToken ct)
    {
        await _rights.DemandAsync(actor, ct);
        if (await CountAsync(HoldSql, ReadId(id), until?.UtcDateTime ?? DateTime.MaxValue, ct) == 0)
            throw NotFound(id);
    }

    private async Task<long> CountAsync(string sql, long? id, DateTime? until, CancellationToken ct)
    {
        await using var command = _dataSource.CreateCommand(sql);
        Add(command, id, NpgsqlDbType.Bigint);
        if (until is not null)
            Add(command, until, NpgsqlDbType.TimestampTz);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private const string WakeSql = "select pg_notify('webmail_queue', '')";

    private async Task WakeAsync(CancellationToken ct)
    {
        _signal.Set();
        await using var command = _dataSource.CreateCommand(WakeSql);
        await command.ExecuteScalarAsync(ct);
    }

    private static MailException NotFound(string id) => new(MailError.NotFound, $"There is no message {id} in the queue");

    private static long ReadId(string id) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw NotFound(id);

    // 'infinity' comes as the largest DateTime.
    private static DateTimeOffset Utc(DateTime time) =>
        time == DateTime.MaxValue ? DateTimeOffset.MaxValue : time == DateTime.MinValue ? DateTimeOffset.MinValue : new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private static string? Text(NpgsqlDataReader row, int i) => row.IsDBNull(i) ? null : row.GetString(i);

    private static void Add(NpgsqlCommand command, object? value, NpgsqlDbType type) =>
        command.Parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });
}
