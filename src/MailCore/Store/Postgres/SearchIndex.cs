using Npgsql;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>A message that has no stored text yet.</summary>
internal sealed record UnindexedMessage(long Message, MessageBody Body);

/// <summary>
/// Where the texts for SEARCH are kept. Message ids of an account grow in commit order (they are taken under the account's lock), so a number says how
/// far an account is indexed; a lease on it keeps two nodes off the same account should the job ever run twice. Nothing here takes the account's lock.
/// </summary>
internal sealed class SearchIndex(NpgsqlDataSource dataSource, BlobStore blobs)
{
    private const string DueSql =
        """
        select a.account_id from mail.account_state a left join mail.search_progress p using (account_id)
        where a.next_message - 1 > coalesce(p.upto, 0) and coalesce(p.lease_until, '-infinity') < now() limit 1000
        """;

    public async ValueTask<List<AccountId>> DueAsync(CancellationToken ct) => await dataSource.QueryAsync(DueSql, [], r => new AccountId(r.GetInt64(0)), ct);

    private const string ClaimSql =
        """
        insert into mail.search_progress as p (account_id, lease_until) values ($1, now() + interval '1 minute')
        on conflict (account_id) do update set lease_until = excluded.lease_until where p.lease_until < now()
        returning upto, coalesce((select next_message - 1 from mail.account_state where account_id = $1), 0)
        """;

    /// <summary>How far an account is indexed and how far it could be; null: another node works on it.</summary>
    public async ValueTask<(long UpTo, long Last)?> ClaimAsync(AccountId account, CancellationToken ct)
    {
        var rows = await dataSource.QueryAsync(ClaimSql, [Value(account.Value)], r => (r.GetInt64(0), r.GetInt64(1)), ct);
        return rows.Count == 0 ? null : rows[0];
    }

    private const string PageSql =
        """
        select g.message_id, g.size, g.object_id, b.data from mail.message g left join mail.body b using (account_id, message_id)
        where g.account_id = $1 and g.message_id > $2 and g.message_id <= $3 order by g.message_id limit $4
        """;

    public async ValueTask<List<UnindexedMessage>> PageAsync(AccountId account, long after, long last, int count, CancellationToken ct) =>
        await dataSource.QueryAsync(
            PageSql,
            [Value(account.Value), Value(after), Value(last), Value(count)],
            r => new UnindexedMessage(
                r.GetInt64(0),
                blobs.Open(r.IsDBNull(2) ? null : r.GetFieldValue<byte[]>(2), r.IsDBNull(3) ? null : r.GetFieldValue<byte[]>(3), r.GetInt32(1))),
            ct);

    // A message that was purged meanwhile gets no text: its row is held, so that a purge waits and finds the text.
    private const string StoreSql =
        """
        with stored as (
          insert into mail.search_text (account_id, message_id, from_text, to_text, cc_text, bcc_text, subject_text, header, body)
          select $1, x.id, x.f, x.t, x.c, x.b, x.s, x.header, x.body
          from unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[]) x(id, f, t, c, b, s, header, body)
          join (select m.message_id from mail.message m where m.account_id = $1 and m.message_id = any ($3) for key share) g on g.message_id = x.id
          on conflict do nothing)
        update mail.search_progress set upto = greatest(upto, $2), lease_until = now() + interval '1 minute' where account_id = $1
        """;

    /// <summary>Stores texts, and that all messages up to an id are done.</summary>
    public async ValueTask StoreAsync(AccountId account, long upTo, IReadOnlyList<(long Message, SearchableText Text)> texts, CancellationToken ct) =>
        await dataSource.ExecuteAsync(
            StoreSql,
            [
                Value(account.Value), Value(upTo), Value(texts.Select(t => t.Message).ToArray()), Value(texts.Select(t => t.Text.From).ToArray()),
                Value(texts.Select(t => t.Text.To).ToArray()), Value(texts.Select(t => t.Text.Cc).ToArray()), Value(texts.Select(t => t.Text.Bcc).ToArray()),
                Value(texts.Select(t => t.Text.Subject).ToArray()), Value(texts.Select(t => t.Text.Header).ToArray()), Value(texts.Select(t => t.Text.Body).ToArray()),
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

    private const string ReleaseSql = "update mail.search_progress set lease_until = '-infinity' where account_id = $1";

    public async ValueTask ReleaseAsync(AccountId account) => await dataSource.ExecuteAsync(ReleaseSql, [Value(account.Value)], CancellationToken.None);
}
