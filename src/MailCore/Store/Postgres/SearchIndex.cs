using Npgsql;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>A message that has no stored text yet.</summary>
internal sealed record UnindexedMessage(AccountId Account, long Message, MessageBody Body);

/// <summary>A run of message ids of an account whose texts are to be stored, or have been: those after one up to another.</summary>
internal readonly record struct UnindexedRun(AccountId Account, long After, long Last);

/// <summary>
/// Where the texts for SEARCH are kept. Message ids of an account grow in commit order (they are taken under the account's lock), so a number says how
/// far an account is indexed. Nothing here takes the account's lock, and two nodes that store the same do no harm.
/// </summary>
internal sealed class SearchIndex(NpgsqlDataSource dataSource, BlobStore blobs)
{
    private const string DueSql =
        """
        select a.account_id, coalesce(p.upto, 0), a.next_message - 1 from mail.account_state a
        left join lateral (select q.upto from mail.search_progress q where q.account_id = a.account_id offset 0) p on true
        where a.next_message - 1 > coalesce(p.upto, 0) limit 1000
        """;

    /// <summary>What isn't stored yet, of up to a thousand accounts.</summary>
    public async ValueTask<List<UnindexedRun>> DueAsync(CancellationToken ct) =>
        await dataSource.QueryAsync(DueSql, [], r => new UnindexedRun(new(r.GetInt64(0)), r.GetInt64(1), r.GetInt64(2)), ct);

    private const string PageSql =
        """
        select u.account_id, g.message_id, g.size, g.object_id, b.data from unnest($1::bigint[], $2::bigint[], $3::bigint[]) u(account_id, after, last)
        cross join lateral (
          select m.message_id, m.size, m.object_id from mail.message m
          where m.account_id = u.account_id and m.message_id > u.after and m.message_id <= u.last offset 0) g
        left join lateral (select x.data from mail.body x where x.account_id = u.account_id and x.message_id = g.message_id offset 0) b on true
        """;

    /// <summary>The messages of some runs that are still there.</summary>
    public async ValueTask<List<UnindexedMessage>> PageAsync(IReadOnlyList<UnindexedRun> runs, CancellationToken ct) =>
        await dataSource.QueryAsync(
            PageSql,
            [Value(runs.Select(static run => run.Account.Value).ToArray()), Value(runs.Select(static run => run.After).ToArray()), Value(runs.Select(static run => run.Last).ToArray())],
            r => new UnindexedMessage(
                new(r.GetInt64(0)), r.GetInt64(1), blobs.Open(r.IsDBNull(3) ? null : r.GetFieldValue<byte[]>(3), r.IsDBNull(4) ? null : r.GetFieldValue<byte[]>(4), r.GetInt32(2))),
            ct);

    // A message that was purged meanwhile gets no text: its row is held, so that a purge waits and finds the text. The same with the account and its progress.
    // All of it can be made again, so that nobody waits for the disk.
    private const string StoreSql =
        """
        with done as materialized (
          select u.account_id, u.upto, set_config('synchronous_commit', 'off', true) from unnest($1::bigint[], $2::bigint[]) u(account_id, upto)
          cross join lateral (select a.account_id from mail.account_state a where a.account_id = u.account_id offset 0 for key share) a),
        stored as (
          insert into mail.search_text (account_id, message_id, from_text, to_text, cc_text, bcc_text, subject_text, header, body)
          select x.account_id, x.id, x.f, x.t, x.c, x.b, x.s, x.header, x.body
          from unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
            x(account_id, id, f, t, c, b, s, header, body)
          cross join lateral (select m.message_id from mail.message m where m.account_id = x.account_id and m.message_id = x.id offset 0 for key share) g
          on conflict do nothing)
        insert into mail.search_progress as p (account_id, upto) select d.account_id, d.upto from done d
        on conflict (account_id) do update set upto = greatest(p.upto, excluded.upto)
        """;

    /// <summary>Stores texts, and that all messages of the runs are done.</summary>
    public async ValueTask StoreAsync(IReadOnlyList<UnindexedRun> runs, IReadOnlyList<(UnindexedMessage Message, SearchableText Text)> texts, CancellationToken ct) =>
        await dataSource.ExecuteAsync(
            StoreSql,
            [
                Value(runs.Select(static run => run.Account.Value).ToArray()), Value(runs.Select(static run => run.Last).ToArray()),
                Value(texts.Select(static t => t.Message.Account.Value).ToArray()), Value(texts.Select(static t => t.Message.Message).ToArray()),
                Value(texts.Select(static t => t.Text.From).ToArray()), Value(texts.Select(static t => t.Text.To).ToArray()),
                Value(texts.Select(static t => t.Text.Cc).ToArray()), Value(texts.Select(static t => t.Text.Bcc).ToArray()),
                Value(texts.Select(static t => t.Text.Subject).ToArray()), Value(texts.Select(static t => t.Text.Header).ToArray()),
                Value(texts.Select(static t => t.Text.Body).ToArray()),
            ],
            ct);

    private const string TextsSql =
        """
        select message_id, from_text, to_text, cc_text, bcc_text, subject_text, header, body from mail.search_text
        where account_id = $1 and message_id >= $2 and message_id < $3 order by message_id limit $4
        """;

    /// <summary>Stored texts of messages from one to before another.</summary>
    public async ValueTask<List<(long Message, SearchableText Text)>> TextsAsync(AccountId account, long first, long before, int count, CancellationToken ct) =>
        await dataSource.QueryAsync(
            TextsSql,
            [Value(account.Value), Value(first), Value(before), Value(count)],
            r => (r.GetInt64(0), new SearchableText(Field(r, 1), Field(r, 2), Field(r, 3), Field(r, 4), Field(r, 5), r.GetString(6), r.GetString(7))),
            ct);

    private static string? Field(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);
}
