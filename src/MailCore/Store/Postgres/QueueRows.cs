using Npgsql;
using NpgsqlTypes;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>One message with its recipients for the queue, written in the transaction that takes responsibility for it.</summary>
/// <param name="Later">Local copies that a worker makes: too many for the transaction.</param>
internal sealed record QueueRows(StoredMessage Message, QueuedMail? Mail, IReadOnlyList<LocalDelivery> Later, Guid TraceId, string? Verdicts)
{
    private const string EnqueueSql =
        """
        with m as (
          insert into queue.message (trace_id, sender, front, object_id, body, size, header_size, envid, ret, needs_utf8, is_8bit, verdicts, hold_until)
          values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::json, $13) returning id)
        insert into queue.recipient (message_id, n, address, domain, notify, orcpt, next_attempt, state, account_id, into_use, flags, force)
        select m.id, r.n, r.address, r.domain, r.notify, r.orcpt, case when r.state = 0 then greatest(now(), $13::timestamptz) else now() end,
          r.state, r.account, r.into_use, r.flags, r.force
        from m, unnest($14::text[], $15::text[], $16::text[], $17::text[], $18::smallint[], $19::bigint[], $20::smallint[], $21::bigint[], $22::boolean[])
          with ordinality
          r(address, domain, notify, orcpt, state, account, into_use, flags, force, n)
        """;

    public long Octets => Message.Packed?.Length ?? 0;

    public NpgsqlBatchCommand Command()
    {
        var command = new NpgsqlBatchCommand(EnqueueSql);
        var to = command.Parameters;
        to.Add(new NpgsqlParameter<Guid> { TypedValue = TraceId });
        Add(to, Mail?.Sender?.ToString(), NpgsqlDbType.Text);
        Add(to, Mail?.Front.ToArray() ?? [], NpgsqlDbType.Bytea);
        Add(to, Message.ObjectId, NpgsqlDbType.Bytea);
        Add(to, Message.Packed, NpgsqlDbType.Bytea);
        Add(to, (int)Message.Size, NpgsqlDbType.Integer);
        Add(to, Message.Facts.HeaderSize, NpgsqlDbType.Integer);
        Add(to, Mail?.EnvId, NpgsqlDbType.Text);
        Add(to, Mail?.Ret, NpgsqlDbType.Text);
        Add(to, Mail?.NeedsUtf8 ?? false, NpgsqlDbType.Boolean);
        Add(to, Mail?.Is8Bit ?? false, NpgsqlDbType.Boolean);
        Add(to, Verdicts, NpgsqlDbType.Text);
        Add(to, Mail?.HoldUntil?.UtcDateTime, NpgsqlDbType.TimestampTz);
        AddRecipients(to, Mail?.Recipients ?? []);
        return command;
    }

    private void AddRecipients(NpgsqlParameterCollection to, IReadOnlyList<RemoteRecipient> remote)
    {
        Column(to, remote, r => r.Address.ToString(), l => l.Address?.ToString() ?? "", NpgsqlDbType.Text);
        Column(to, remote, r => r.Address.AsciiDomain, l => l.Address?.AsciiDomain ?? "", NpgsqlDbType.Text);
        Column(to, remote, r => r.Notify, _ => null, NpgsqlDbType.Text);
        Column(to, remote, r => r.Orcpt, _ => null, NpgsqlDbType.Text);
        Column<short>(to, remote, _ => 0, _ => 3, NpgsqlDbType.Smallint);
        Column<long?>(to, remote, _ => null, l => l.Account.Value, NpgsqlDbType.Bigint);
        Column<short?>(to, remote, _ => null, l => (short)l.Into, NpgsqlDbType.Smallint);
        Column<long?>(to, remote, _ => null, l => l.Flags.Bits, NpgsqlDbType.Bigint);
        Column<bool?>(to, remote, _ => null, l => l.Force, NpgsqlDbType.Boolean);
    }

    private void Column<T>(
        NpgsqlParameterCollection to, IReadOnlyList<RemoteRecipient> remote, Func<RemoteRecipient, T> away, Func<LocalDelivery, T> here, NpgsqlDbType type) =>
        to.Add(new NpgsqlParameter<T[]> { TypedValue = [.. remote.Select(away), .. Later.Select(here)], NpgsqlDbType = NpgsqlDbType.Array | type });

    private static void Add(NpgsqlParameterCollection to, object? value, NpgsqlDbType type) =>
        to.Add(new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = type });
}
