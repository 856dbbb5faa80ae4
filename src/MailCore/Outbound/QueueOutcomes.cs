using Npgsql;
using NpgsqlTypes;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Outbound;

/// <summary>A notice as it goes into the queue: to the sender, from nobody.</summary>
internal sealed record NoticeMail(Guid TraceId, Model.EmailAddress To, byte[] Octets, int HeaderSize, bool NeedsUtf8, bool Is8Bit, ReadOnlyMemory<byte> Front);

/// <summary>Writes what became of recipients; with <see cref="Queue"/> the queue's only SQL.</summary>
internal sealed class QueueOutcomes(NpgsqlDataSource dataSource, Queue queue, QueueSignal signal)
{
    private const string LockSql = "select 1 from queue.message where id = $1 for update";

    // What was delivered is done, whoever holds the lease by now; what was not is left to another process that took it over.
    private const string DoneSql =
        "delete from queue.recipient where message_id = $1 and n = any ($2) and (lease_owner = $3 or n = any ($4)) returning n";

    private const string DeferSql =
        """
        update queue.recipient r set lease_owner = null, lease_until = null, attempts = r.attempts + 1, updated_at = now(),
          next_attempt = greatest(now() + x.wait, (select m.hold_until from queue.message m where m.id = $1)),
          last_status = x.status, last_reply = x.reply, last_mta = x.mta,
          delay_notified_at = case when x.noticed then now() else r.delay_notified_at end
        from unnest($2::int[], $3::interval[], $4::text[], $5::text[], $6::text[], $7::boolean[]) x(n, wait, status, reply, mta, noticed)
        where r.message_id = $1 and r.n = x.n and r.lease_owner = $8
        """;

    private const string InsteadSql =
        """
        insert into queue.recipient (message_id, n, address, domain, notify, orcpt)
        select $1, (select coalesce(max(n), 0) from queue.recipient where message_id = $1) + 1000000 + x.i, x.address, x.domain, x.notify, x.orcpt
        from unnest($2::text[], $3::text[], $4::text[], $5::text[]) with ordinality x(address, domain, notify, orcpt, i)
        """;

    private const string EndSql = "delete from queue.message where id = $1 and not exists (select from queue.recipient where message_id = $1)";

    private const string NoticeSql =
        """
        with m as (
          insert into queue.message (trace_id, sender, front, body, size, header_size, needs_utf8, is_8bit)
          values ($1, null, $2, $3, $4, $5, $6, $7) returning id)
        insert into queue.recipient (message_id, n, address, domain, notify) select m.id, 1, $8, $9, 'NEVER' from m
        """;

    /// <summary>
    /// One transaction, one round trip: the recipients' rows, the notices, and the message itself when nobody is left. Where a recipient's row is gone or another's,
    /// its notice, or what takes its place, would be wrong or doubled: then nothing is written, and it is to be left out of the next try.
    /// </summary>
    /// <returns>The numbers of the recipients to leave out; none: it is written.</returns>
    public async Task<IReadOnlyCollection<int>> WriteAsync(long message, IReadOnlyList<Outcome> outcomes, IReadOnlyList<NoticeMail> notices, CancellationToken ct)
    {
        var done = outcomes.Where(o => o.Wait is null).ToList();
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var batch = new NpgsqlBatch(connection, transaction);
        Command(batch, LockSql, message);
        if (done.Count > 0)
            AddDone(batch, message, done);
        AddDeferred(batch, message, [.. outcomes.Where(o => o.Wait is not null)]);
        AddInstead(batch, message, [.. outcomes.SelectMany(o => o.Instead)]);
        foreach (var notice in notices)
            AddNotice(batch, notice);
        Command(batch, EndSql, message);

        var gone = done.Select(o => o.Item.N).ToHashSet();
        await using (var reader = await batch.ExecuteReaderAsync(ct))
        {
            // The first result is the lock's, the second, if any, that of the deletion.
            if (done.Count > 0 && await reader.NextResultAsync(ct))
            {
                while (await reader.ReadAsync(ct))
                    gone.Remove(reader.GetInt32(0));
            }
        }

        var leadsOn = notices.Count > 0 || outcomes.Any(o => o.Instead.Count > 0);
        if (gone.Count > 0 && leadsOn)
        {
            await transaction.RollbackAsync(ct);
            return gone;
        }

        await transaction.CommitAsync(ct);
        if (leadsOn)
            signal.Set();
        return [];
    }

    /// <summary>Queues a notice by itself.</summary>
    public async Task WriteAsync(NoticeMail notice, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        AddNotice(batch, notice);
        await batch.ExecuteNonQueryAsync(ct);
        signal.Set();
    }

    private void AddDone(NpgsqlBatch batch, long message, List<Outcome> done)
    {
        var command = Command(batch, DoneSql, message);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. done.Select(o => o.Item.N)] });
        Add(command, queue.Owner, NpgsqlDbType.Uuid);
        command.Parameters.Add(new NpgsqlParameter<int[]>
        {
            TypedValue = [.. done.Where(o => o.Result.State == RecipientState.Delivered).Select(o => o.Item.N)],
        });
    }

    private void AddDeferred(NpgsqlBatch batch, long message, List<Outcome> deferred)
    {
        if (deferred.Count == 0)
            return;
        var command = Command(batch, DeferSql, message);
        Column(command, deferred, o => o.Item.N, NpgsqlDbType.Integer);
        Column(command, deferred, o => o.Wait!.Value, NpgsqlDbType.Interval);
        Column(command, deferred, o => o.Result.Status, NpgsqlDbType.Text);
        Column(command, deferred, o => Storable(o.Result.Reply), NpgsqlDbType.Text);
        Column(command, deferred, o => o.Result.RemoteMta, NpgsqlDbType.Text);
        Column(command, deferred, o => o.NoticeDelay, NpgsqlDbType.Boolean);
        Add(command, queue.Owner, NpgsqlDbType.Uuid);
    }

    private static void AddInstead(NpgsqlBatch batch, long message, List<RemoteRecipient> instead)
    {
        if (instead.Count == 0)
            return;
        var command = Command(batch, InsteadSql, message);
        Column(command, instead, r => r.Address.ToString(), NpgsqlDbType.Text);
        Column(command, instead, r => r.Address.AsciiDomain, NpgsqlDbType.Text);
        Column(command, instead, r => r.Notify, NpgsqlDbType.Text);
        Column(command, instead, r => r.Orcpt, NpgsqlDbType.Text);
    }

    private static void AddNotice(NpgsqlBatch batch, NoticeMail notice)
    {
        var command = new NpgsqlBatchCommand(NoticeSql);
        batch.BatchCommands.Add(command);
        Add(command, notice.TraceId, NpgsqlDbType.Uuid);
        Add(command, notice.Front.ToArray(), NpgsqlDbType.Bytea);
        Add(command, BodyCodec.Pack(notice.Octets), NpgsqlDbType.Bytea);
        Add(command, notice.Octets.Length, NpgsqlDbType.Integer);
        Add(command, notice.HeaderSize, NpgsqlDbType.Integer);
        Add(command, notice.NeedsUtf8, NpgsqlDbType.Boolean);
        Add(command, notice.Is8Bit, NpgsqlDbType.Boolean);
        Add(command, notice.To.ToString(), NpgsqlDbType.Text);
        Add(command, notice.To.AsciiDomain, NpgsqlDbType.Text);
    }

    // PostgreSQL's text takes no NUL.
    private static string Storable(string reply) => reply.Replace('\0', ' ');

    private static NpgsqlBatchCommand Command(NpgsqlBatch batch, string sql, long message)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = message });
        batch.BatchCommands.Add(command);
        return command;
    }

    private static void Column<TRow, T>(NpgsqlBatchCommand command, List<TRow> rows, Func<TRow, T> value, NpgsqlDbType type) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. rows.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | type });

    private static void Add(NpgsqlBatchCommand command, object? value, NpgsqlDbType type) =>
        command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = type });
}
