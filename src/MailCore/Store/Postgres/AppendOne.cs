using Npgsql;
using NpgsqlTypes;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>append_one_2 as a command: a single message into a mailbox that is named, for a quarter of what append_4 costs.</summary>
internal static class AppendOne
{
    private const string AppendOneSql =
        """
        select status, uid, uidvalidity, message_id, modseq, previous, saved from mail.append_one_2(
          $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)
        """;

    /// <summary>Null: these rows need append_4.</summary>
    public static NpgsqlBatchCommand? TryCommand(SortedDictionary<long, List<AppendRow>> accounts)
    {
        if (accounts.Count != 1)
            return null;
        var (account, rows) = accounts.First();
        if (rows is not [{ Mailbox: > 0, Force: false, Once: false } row])
            return null;
        var facts = row.Message.Facts;
        var command = new NpgsqlBatchCommand(AppendOneSql);
        var to = command.Parameters;
        to.Add(Value(account));
        to.Add(Value(row.Mailbox));
        to.Add(Value((int)row.Message.Size));
        to.Add(Value(facts.HeaderSize));
        to.Add(Octets(row.Message.ObjectId));
        to.Add(Octets(row.Message.Packed));
        to.Add(Value(row.Received.UtcDateTime));
        to.Add(Value((short)row.Received.TotalOffsetMinutes));
        to.Add(Value(facts.SentAt?.UtcDateTime));
        to.Add(Value(facts.SentDay));
        to.Add(Value(row.Flags.Bits));
        to.Add(Value(facts.HasAttachments));
        to.Add(Value(facts.Envelope));
        to.Add(Value(facts.Body));
        to.Add(Value(facts.Structure));
        to.Add(Value(StoredText.Clean(facts.Preview)));
        to.Add(Value(facts.SortSubject));
        to.Add(Value(facts.SortFrom));
        to.Add(Value(facts.SortTo));
        to.Add(Value(facts.SortCc));
        to.Add(new NpgsqlParameter<string?> { TypedValue = row.Verdicts, NpgsqlDbType = NpgsqlDbType.Text });
        to.Add(Value(row.TraceId));
        to.Add(Octets(row.Message.Header));
        to.Add(Value(facts.Ancestry));
        to.Add(Value<long[]>([.. facts.References.Distinct()]));
        return command;
    }

    public static async ValueTask<Dictionary<long, AppendedRow[]>> ReadAsync(
        NpgsqlDataReader reader, SortedDictionary<long, List<AppendRow>> accounts, CancellationToken ct)
    {
        var (account, rows) = accounts.First();
        if (!await reader.ReadAsync(ct))
            throw new InvalidDataException("append_one_2 did not answer");
        var stored = new AppendedRow(
            (AppendStatus)reader.GetInt32(0), rows[0].Mailbox, reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5),
            reader.GetInt64(6));
        return new() { [account] = [stored] };
    }

    private static NpgsqlParameter<byte[]?> Octets(byte[]? octets) => new() { TypedValue = octets, NpgsqlDbType = NpgsqlDbType.Bytea };
}
