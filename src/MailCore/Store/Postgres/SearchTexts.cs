using Npgsql;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Search;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>One term of a query asked of many messages at once. Messages without stored text are missing in the answer.</summary>
internal sealed class SearchTexts(NpgsqlDataSource dataSource, FuzzyTexts fuzzy)
{
    private const string FromSql =
        "select message_id, coalesce(strpos(from_text, $3) > 0, false) from mail.search_text where account_id = $1 and message_id = any ($2)";

    private const string ToSql =
        "select message_id, coalesce(strpos(to_text, $3) > 0, false) from mail.search_text where account_id = $1 and message_id = any ($2)";

    private const string CcSql =
        "select message_id, coalesce(strpos(cc_text, $3) > 0, false) from mail.search_text where account_id = $1 and message_id = any ($2)";

    private const string BccSql =
        "select message_id, coalesce(strpos(bcc_text, $3) > 0, false) from mail.search_text where account_id = $1 and message_id = any ($2)";

    private const string SubjectSql =
        "select message_id, coalesce(strpos(subject_text, $3) > 0, false) from mail.search_text where account_id = $1 and message_id = any ($2)";

    private const string BodySql =
        "select message_id, strpos(body, $3) > 0 from mail.search_text where account_id = $1 and message_id = any ($2)";

    private const string TextSql =
        "select message_id, strpos(header, $3) > 0 or strpos(body, $3) > 0 from mail.search_text where account_id = $1 and message_id = any ($2)";

    // The header comes along only where both the name and the text occur in it: C# looks whether they do so in one field.
    private const string HeaderSql =
        """
        select message_id, case when strpos(header, $3) > 0 and strpos(header, $4) > 0 then header end
        from mail.search_text where account_id = $1 and message_id = any ($2)
        """;

    private const string AttachmentsSql = "select message_id, has_attachments from mail.message where account_id = $1 and message_id = any ($2)";

    private const string ThreadSql = "select message_id, thread_id from mail.message where account_id = $1 and message_id = any ($2)";

    public async ValueTask<Dictionary<long, bool>> AskAsync(AccountId account, long[] messages, SearchQuery leaf, CancellationToken ct)
    {
        List<(long Message, bool Matches)> rows = leaf switch
        {
            FuzzyText text => [.. (await fuzzy.ScoresAsync(account, messages, text, ct)).Select(static score => (score.Key, score.Value > 0))],
            HeaderContains header => await HeaderAsync(account, messages, header, ct),
            HasAttachment => await dataSource.QueryAsync(AttachmentsSql, [Value(account.Value), Value(messages)], Answer, ct),
            IdIs id => await dataSource.QueryAsync(
                ThreadSql, [Value(account.Value), Value(messages)], r => (r.GetInt64(0), MessageReader.ThreadOf(account, r.GetInt64(1)) == id.Id), ct),
            TextContains text => await dataSource.QueryAsync(
                SqlFor(text.Field), [Value(account.Value), Value(messages), Value(SearchableText.Fold(text.Text))], Answer, ct),
            _ => throw new ArgumentException($"Not a stored term: {leaf.GetType().Name}", nameof(leaf)),
        };
        return rows.ToDictionary(row => row.Message, row => row.Matches);
    }

    private static (long Message, bool Matches) Answer(NpgsqlDataReader reader) => (reader.GetInt64(0), reader.GetBoolean(1));

    private static string SqlFor(TextField field) => field switch
    {
        TextField.From => FromSql,
        TextField.To => ToSql,
        TextField.Cc => CcSql,
        TextField.Bcc => BccSql,
        TextField.Subject => SubjectSql,
        TextField.Body => BodySql,
        _ => TextSql,
    };

    private async ValueTask<List<(long Message, bool Matches)>> HeaderAsync(AccountId account, long[] messages, HeaderContains header, CancellationToken ct)
    {
        var (name, text) = TextTerms.Folded(header);
        return await dataSource.QueryAsync(
            HeaderSql,
            [Value(account.Value), Value(messages), Value(name), Value(text)],
            r => (r.GetInt64(0), !r.IsDBNull(1) && TextTerms.HeaderMatches(r.GetString(1), header)),
            ct);
    }

    private const string KeywordsSql = "select folded, bit from mail.keyword where account_id = $1 and folded = any ($2)";

    public async ValueTask<IReadOnlyDictionary<string, long>> KeywordsAsync(AccountId account, IReadOnlyList<string> names, CancellationToken ct)
    {
        var folded = names.Distinct().ToDictionary(name => name, name => name.ToLowerInvariant());
        var rows = await dataSource.QueryAsync(
            KeywordsSql, [Value(account.Value), Value(folded.Values.Distinct().ToArray())], r => (Name: r.GetString(0), Bit: r.GetInt16(1)), ct);
        var bits = rows.ToDictionary(row => row.Name, row => 1L << row.Bit);
        return folded.ToDictionary(pair => pair.Key, pair => bits.GetValueOrDefault(pair.Value));
    }
}
