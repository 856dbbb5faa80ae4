using Npgsql;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Search;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// A fuzzy term asked of many messages at once. The database leaves out what can't fit (a piece of each word must occur); the rest is compared row by row as it comes,
/// so that one text at a time is in memory.
/// </summary>
internal sealed class FuzzyTexts(NpgsqlDataSource dataSource)
{
    private const string Head = "select t.message_id, case when h.hit then t.";

    private const string Middle = " end from mail.search_text t cross join lateral (select translate(t.";

    private const string Tail =
        """
        , $3, '') as text offset 0) s
        cross join lateral (select bool_and(w.hit) as hit from
          (select bool_or(strpos(s.text, p.piece) > 0) as hit from unnest($4::int[], $5::text[]) p(word, piece) group by p.word) w) h
        where t.account_id = $1 and t.message_id = any ($2)
        """;

    private const string FromSql = $"{Head}from_text{Middle}from_text{Tail}";

    private const string ToSql = $"{Head}to_text{Middle}to_text{Tail}";

    private const string CcSql = $"{Head}cc_text{Middle}cc_text{Tail}";

    private const string BccSql = $"{Head}bcc_text{Middle}bcc_text{Tail}";

    private const string SubjectSql = $"{Head}subject_text{Middle}subject_text{Tail}";

    private const string BodySql = $"{Head}body{Middle}body{Tail}";

    private const string TextSql = $"{Head}header end, case when h.hit then t.subject_text end, case when h.hit then t.body{Middle}header || t.body{Tail}";

    /// <summary>From 1 to 100; 0: it doesn't fit. Messages without stored text are missing.</summary>
    public async ValueTask<Dictionary<long, int>> ScoresAsync(AccountId account, long[] messages, FuzzyText term, CancellationToken ct)
    {
        var words = new FuzzyWords(term);
        var pieces = words.Pieces.ToList();
        var rows = await dataSource.QueryAsync(
            SqlFor(term.Field),
            [
                Value(account.Value), Value(messages), Value(FuzzyWords.Accents), Value(pieces.Select(static p => p.Word).ToArray()),
                Value(pieces.Select(static p => p.Piece).ToArray()),
            ],
            r => (Message: r.GetInt64(0), Score: r.IsDBNull(1) ? 0 : Score(words, term.Field, r)),
            ct);
        return rows.ToDictionary(static row => row.Message, static row => row.Score);
    }

    private static int Score(FuzzyWords words, TextField field, NpgsqlDataReader r) => field == TextField.Text
        ? words.Score(r.IsDBNull(2) ? null : r.GetString(2), r.GetString(1), r.GetString(3))
        : words.Score(r.GetString(1));

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
}
