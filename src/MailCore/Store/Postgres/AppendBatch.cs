using System.Runtime.InteropServices;
using Npgsql;
using NpgsqlTypes;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>One message for one mailbox of one account, as append_4 takes it.</summary>
/// <param name="Mailbox">0: by <paramref name="Use"/>.</param>
/// <param name="Unit">Items of the same unit of an account are stored together or not at all.</param>
internal sealed record AppendRow(
    StoredMessage Message, int Unit, int Mailbox, SpecialUse Use, bool Force, bool Once, FlagSet Flags, DateTimeOffset Received, string? Verdicts, Guid? TraceId);

/// <summary>What append_4 says of one row. <see cref="Previous"/> is the mailbox's modseq before.</summary>
internal readonly record struct AppendedRow(
    AppendStatus Status, int Mailbox, long Uid, long UidValidity, long Message, long ModSeq, long Previous, long Saved);

internal enum AppendStatus
{
    Stored = 0,
    OverQuota = 1,
    NoSuchAccount = 2,
    NoSuchMailbox = 3,
    StoredBefore = 4,
}

/// <summary>append_4 as a command: a column of each value, however many messages of however many accounts.</summary>
internal static class AppendBatch
{
    private const string AppendSql =
        """
        select item, status, mailbox_id, uid, uidvalidity, message_id, modseq, previous, saved from mail.append_4(
          $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)
        """;

    public static NpgsqlBatchCommand Command(SortedDictionary<long, List<AppendRow>> accounts)
    {
        var command = new NpgsqlBatchCommand(AppendSql);
        var to = command.Parameters;
        List<AppendRow> rows = [.. accounts.Values.SelectMany(r => r)];
        long[] owners = [.. accounts.SelectMany(a => Enumerable.Repeat(a.Key, a.Value.Count))];
        to.Add(new NpgsqlParameter<long[]> { TypedValue = owners });
        Add(to, rows, r => r.Unit);
        Add(to, rows, r => r.Mailbox);
        Add(to, rows, r => (short)r.Use);
        Add(to, rows, r => r.Force);
        Add(to, rows, r => r.Once);
        Add(to, rows, r => (int)r.Message.Size);
        Add(to, rows, r => r.Message.Facts.HeaderSize);
        Add(to, rows, r => r.Message.ObjectId, NpgsqlDbType.Bytea);
        Add(to, rows, r => r.Message.Packed, NpgsqlDbType.Bytea);
        Add(to, rows, r => r.Received.UtcDateTime);
        Add(to, rows, r => (short)r.Received.TotalOffsetMinutes);
        Add(to, rows, r => r.Message.Facts.SentAt?.UtcDateTime);
        Add(to, rows, r => r.Message.Facts.SentDay);
        Add(to, rows, r => r.Flags.Bits);
        Add(to, rows, r => r.Message.Facts.HasAttachments);
        Add(to, rows, r => Octets(r.Message.Facts.Envelope), NpgsqlDbType.Bytea);
        Add(to, rows, r => Octets(r.Message.Facts.Body), NpgsqlDbType.Bytea);
        Add(to, rows, r => Octets(r.Message.Facts.Structure), NpgsqlDbType.Bytea);
        Add(to, rows, r => StoredText.Clean(r.Message.Facts.Preview), NpgsqlDbType.Text);
        Add(to, rows, r => Octets(r.Message.Facts.SortSubject), NpgsqlDbType.Bytea);
        Add(to, rows, r => Octets(r.Message.Facts.SortFrom), NpgsqlDbType.Bytea);
        Add(to, rows, r => Octets(r.Message.Facts.SortTo), NpgsqlDbType.Bytea);
        Add(to, rows, r => Octets(r.Message.Facts.SortCc), NpgsqlDbType.Bytea);
        Add(to, rows, r => r.Verdicts, NpgsqlDbType.Text);
        Add(to, rows, r => r.TraceId);
        Add(to, rows, r => r.Message.Header, NpgsqlDbType.Bytea);
        Add(to, rows, r => Octets(r.Message.Facts.Ancestry), NpgsqlDbType.Bytea);
        AddReferences(to, rows, owners);
        return command;
    }

    /// <summary>What became of the rows, by account.</summary>
    public static async ValueTask<Dictionary<long, AppendedRow[]>> ReadAsync(
        NpgsqlDataReader reader, SortedDictionary<long, List<AppendRow>> accounts, CancellationToken ct)
    {
        var stored = new Dictionary<long, AppendedRow[]>(accounts.Count);
        var next = 1;
        foreach (var (account, sent) in accounts)
        {
            var rows = new AppendedRow[sent.Count];
            for (var i = 0; i < rows.Length; i++)
            {
                if (!await reader.ReadAsync(ct) || reader.GetInt32(0) != next++)
                    throw new InvalidDataException("append_4 did not answer for the messages in their order");
                rows[i] = new(
                    (AppendStatus)reader.GetInt32(1), reader.GetInt32(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6),
                    reader.GetInt64(7), reader.GetInt64(8));
            }

            stored[account] = rows;
        }

        return stored;
    }

    public static IndexEntry Entry(AppendRow row, in AppendedRow stored) => new(
        new((uint)stored.Uid), row.Flags, new(stored.ModSeq), stored.Message, row.Message.Facts.Size, row.Received.ToUnixTimeSeconds(),
        (short)row.Received.TotalOffsetMinutes, row.Message.Facts.SentDay?.DayNumber ?? -1, stored.Saved,
        row.Message.Facts.SentAt?.ToUnixTimeSeconds() ?? IndexEntry.NoDate);

    // Whether two messages of an account refer to the same one is known here sooner than there.
    private static void AddReferences(NpgsqlParameterCollection to, List<AppendRow> rows, long[] owners)
    {
        var references = new List<(int Item, long Reference)>();
        var seen = new HashSet<(long, long)>();
        var apart = true;
        for (var i = 0; i < rows.Count; i++)
        {
            foreach (var reference in rows[i].Message.Facts.References.Distinct())
            {
                references.Add((i + 1, reference));
                apart &= seen.Add((owners[i], reference));
            }
        }

        Add(to, references, r => r.Item);
        Add(to, references, r => r.Reference);
        to.Add(new NpgsqlParameter<bool> { TypedValue = apart });
    }

    private static void Add<TRow, T>(NpgsqlParameterCollection to, IReadOnlyList<TRow> rows, Func<TRow, T> value, NpgsqlDbType? type = null)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(rows[i]);
        var parameter = new NpgsqlParameter<T[]> { TypedValue = values };
        if (type is { } element)
            parameter.NpgsqlDbType = NpgsqlDbType.Array | element;
        to.Add(parameter);
    }

    private static byte[] Octets(ReadOnlyMemory<byte> octets) =>
        MemoryMarshal.TryGetArray(octets, out var array) && array.Offset == 0 && array.Count == array.Array!.Length ? array.Array : octets.ToArray();
}

/// <summary>Text as PostgreSQL takes it: no NUL, no half of a surrogate pair.</summary>
internal static class StoredText
{
    public static string Clean(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0' || char.IsSurrogate(text[i]))
                return new string([.. text.EnumerateRunes().Where(r => r.Value != 0).SelectMany(r => r.ToString())]);
        }

        return text;
    }
}
