using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Npgsql;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Search;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>One column of some messages, by their places in the list that was asked for.</summary>
internal sealed class KeyValues(long[] messages, KeyPage?[] pages)
{
    public int Count => messages.Length;

    /// <summary>Empty for a message that is gone.</summary>
    public ReadOnlySpan<byte> this[int i] => pages[i] is { } page ? page[messages[i]] : default;
}

/// <summary>Reads keys of many messages: from the cache, or a page of rows a statement.</summary>
internal sealed class SortKeys(NpgsqlDataSource dataSource, MessageReader reader, KeyCache cache, SearchTurns turns)
{
    private const int MaxDisplay = 255;

    /// <summary>Rows of one statement.</summary>
    private const int RowsAtOnce = 4_096;

    /// <summary>Where fewer messages of a run are asked for, only they are read, and not kept.</summary>
    private const int WorthARun = 32;

    /// <summary>Messages of runs of numbers, found by key, in their order: between the column asked for and the same column of the row.</summary>
    private const string OfRuns = " from unnest($2::bigint[], $3::bigint[]) u(first, last) cross join lateral (select m.message_id, ";

    private const string InOrder =
        " from mail.message m where m.account_id = $1 and m.message_id >= u.first and m.message_id <= u.last order by m.message_id offset 0) g";

    private const string SubjectSql = "select g.message_id, g.sort_subject" + OfRuns + "m.sort_subject" + InOrder;
    private const string FromSql = "select g.message_id, g.sort_from" + OfRuns + "m.sort_from" + InOrder;
    private const string ToSql = "select g.message_id, g.sort_to" + OfRuns + "m.sort_to" + InOrder;
    private const string CcSql = "select g.message_id, g.sort_cc" + OfRuns + "m.sort_cc" + InOrder;
    private const string EnvelopeSql = "select g.message_id, g.envelope" + OfRuns + "m.envelope" + InOrder;
    private const string AncestrySql = "select g.message_id, coalesce(g.ancestry, '')" + OfRuns + "m.ancestry" + InOrder;

    /// <summary>One column of messages of an account.</summary>
    public async ValueTask<KeyValues> ReadAsync(AccountId account, KeyColumn column, long[] messages, CancellationToken ct)
    {
        var found = new Dictionary<int, KeyPage>();
        foreach (var (first, last) in Missing(account, column, messages, found))
        {
            var some = await turns.RunAsync(account, () => QueryAsync(account, column, first, last, ct), ct);
            foreach (var run in some.GroupBy(static row => KeyPage.NumberOf(row.Message)))
            {
                var page = new KeyPage([.. run]);
                found[run.Key] = page;
                if (IsRun(first[0], last[0]))
                    cache.Put(account, column, run.Key, page);
            }
        }

        var pages = new KeyPage?[messages.Length];
        int number = -1;
        KeyPage? current = null;
        for (var i = 0; i < messages.Length; i++)
        {
            if (KeyPage.NumberOf(messages[i]) is var wanted && wanted != number)
                (number, current) = (wanted, found.GetValueOrDefault(wanted));
            pages[i] = current;
        }

        return new(messages, pages);
    }

    /// <summary>What must be read, in statements of whole runs and then of single messages; what the cache has goes to <paramref name="found"/>.</summary>
    private List<(long[] First, long[] Last)> Missing(AccountId account, KeyColumn column, long[] messages, Dictionary<int, KeyPage> found)
    {
        var wanted = new Dictionary<int, (int Count, long Newest)>();
        foreach (var message in messages)
        {
            ref var run = ref CollectionsMarshal.GetValueRefOrAddDefault(wanted, KeyPage.NumberOf(message), out _);
            run = (run.Count + 1, Math.Max(run.Newest, message));
        }

        var runs = new List<long>();
        var sparse = new HashSet<int>();
        foreach (var (number, (count, newest)) in wanted)
        {
            if (cache.Find(account, column, number) is { } page && page.Knows(newest))
                found[number] = page;
            else if (count >= WorthARun)
                runs.Add((long)number * KeyPage.Size);
            else
                sparse.Add(number);
        }

        var statements = new List<(long[], long[])>();
        foreach (var some in runs.Chunk(RowsAtOnce / KeyPage.Size))
            statements.Add((some, Array.ConvertAll(some, static first => first + KeyPage.Size - 1)));
        // A run's messages stay together.
        var single = new List<long>();
        foreach (var message in messages.Where(message => sparse.Contains(KeyPage.NumberOf(message))).Distinct().Order())
        {
            if (single.Count > RowsAtOnce - WorthARun && KeyPage.NumberOf(message) != KeyPage.NumberOf(single[^1]))
            {
                statements.Add(([.. single], [.. single]));
                single.Clear();
            }

            single.Add(message);
        }

        if (single.Count > 0)
            statements.Add(([.. single], [.. single]));
        return statements;
    }

    private static bool IsRun(long first, long last) => last - first == KeyPage.Size - 1;

    private async ValueTask<List<(long Message, byte[] Value)>> QueryAsync(AccountId account, KeyColumn column, long[] first, long[] last, CancellationToken ct)
    {
        var (sql, value) = Source(column);
        return await dataSource.QueryAsync(
            sql, [Value(account.Value), Value(first), Value(last)], r => (r.GetInt64(0), value(r.GetFieldValue<byte[]>(1))), ct);
    }

    private static (string Sql, Func<byte[], byte[]> Value) Source(KeyColumn column) => column switch
    {
        KeyColumn.Subject => (SubjectSql, static stored => stored),
        KeyColumn.From => (FromSql, static stored => stored),
        KeyColumn.To => (ToSql, static stored => stored),
        KeyColumn.Cc => (CcSql, static stored => stored),
        KeyColumn.Ancestry => (AncestrySql, static stored => stored),
        KeyColumn.DisplayFrom => (EnvelopeSql, static stored => Display(EnvelopeView.Read(stored).From)),
        KeyColumn.DisplayTo => (EnvelopeSql, static stored => Display(EnvelopeView.Read(stored).To)),
        _ => (EnvelopeSql, static stored => [BaseSubject.IsReplyOrForward(EnvelopeView.Read(stored).Subject) ? (byte)1 : (byte)0]),
    };

    /// <summary>RFC 5957 section 3.</summary>
    private static byte[] Display(IReadOnlyList<MailPerson> people) => people is [var first, ..] ? FoldedText.SortKey(first.Short, MaxDisplay) : [];

    /// <summary>The ancestry of messages that were stored before it was kept: from their headers.</summary>
    public async ValueTask<byte[]> AncestryAsync(MailboxId mailbox, Uid uid, CancellationToken ct)
    {
        var read = await reader.HeadersAsync(mailbox, [uid], ct);
        if (read.Count == 0)
            return new byte[sizeof(long)];
        await using var header = read[0].Header.AsStream();
        var root = await Task.Run(() => MimeScanner.Scan(header), ct);
        return MessageIds.Ancestry(root[MimeField.MessageId], root[MimeField.InReplyTo], root[MimeField.References]);
    }

    /// <summary>The hashes in it.</summary>
    public static long[] Unpack(ReadOnlySpan<byte> ancestry)
    {
        var hashes = new long[Math.Max(ancestry.Length / sizeof(long), 1)];
        for (var i = 0; i < ancestry.Length / sizeof(long); i++)
            hashes[i] = BinaryPrimitives.ReadInt64BigEndian(ancestry[(sizeof(long) * i)..]);
        return hashes;
    }
}
