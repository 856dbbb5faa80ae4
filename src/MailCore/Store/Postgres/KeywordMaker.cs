using Npgsql;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>Finds the bits of an account's keywords, and gives bits to new ones.</summary>
internal sealed class KeywordMaker(NpgsqlDataSource dataSource, KeywordCache cache, Committed committed)
{
    private const string KeywordBitsSql = "select mail.keyword_bits_1($1, $2, $3)";

    private const string ModSeqSql = "select modseq from mail.account_state where account_id = $1";

    /// <exception cref="MailException">LimitReached, Invalid</exception>
    public async ValueTask<FlagSet> BitsAsync(AccountId account, IReadOnlyCollection<string> names, CancellationToken ct)
    {
        if (names.Count == 0)
            return FlagSet.None;
        if (Known(await cache.ReadAsync(account, 0, ct), names, out var known))
            return known;
        foreach (var name in names)
            Check(name);
        var distinct = names.Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        var bits = await dataSource.QueryAsync(
            KeywordBitsSql, [Value(account.Value), Value(distinct), Value(Array.ConvertAll(distinct, n => n.ToLowerInvariant()))], r => r.GetInt64(0), ct);
        await cache.RefreshAsync(account, ct);
        foreach (var modSeq in await dataSource.QueryAsync(ModSeqSql, [Value(account.Value)], r => r.GetInt64(0), CancellationToken.None))
            committed.AccountChanged(account, modSeq);
        return new(bits[0]);
    }

    /// <summary>The bits of those that the account has; false: it doesn't have all of them.</summary>
    public static bool Known(KeywordTable table, IReadOnlyCollection<string> names, out FlagSet bits)
    {
        bits = FlagSet.None;
        var all = true;
        foreach (var name in names)
        {
            if (table.TryGetBit(name, out var bit))
                bits |= FlagSet.Keyword(bit);
            else
                all = false;
        }

        return all;
    }

    // RFC 9051 section 9: flag-keyword is an atom.
    private static void Check(string name)
    {
        if (name.Length is 0 or > 200)
            throw new MailException(MailError.Invalid, "A keyword has 1 to 200 characters");
        foreach (var c in name)
        {
            if (c is <= ' ' or >= '\u007f' or '(' or ')' or '{' or '%' or '*' or '"' or '\\' or ']')
                throw new MailException(MailError.Invalid, "A keyword must be an IMAP atom");
        }
    }
}
