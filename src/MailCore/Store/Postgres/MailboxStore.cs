using System.Globalization;
using Npgsql;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres.Sharing;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// The mailboxes of one account. Rows hold full names, so a lookup is one probe; a rename rewrites what stands below. Verbs of several steps are
/// functions of the database (Data/Migrations/MailboxVerbs.sql), under the account's lock. Names of others' mailboxes go to <see cref="SharedMailboxes"/>.
/// </summary>
internal sealed class MailboxStore(
    NpgsqlDataSource dataSource, Transfers transfers, Committed committed, KeywordCache keywords, KeywordMaker keywordMaker, MailboxListings listings,
    SharedMessages others, AccountId account)
    : IMailboxStore
{
    private readonly SharedMailboxes _others = new(dataSource, committed, account);

    private const string ListSql =
        """
        select m.mailbox_id, m.name, m.special_use, s.name is not null, false, m.uidvalidity, m.uidnext, m.modseq, m.messages, m.unseen, m.deleted, m.bytes,
          m.recent_from
        from mail.mailbox m left join mail.subscription s using (account_id, name) where m.account_id = $1
        """;

    public async ValueTask<IReadOnlyList<MailboxInfo>> ListAsync(CancellationToken ct) =>
        InOrder(await dataSource.QueryAsync(ListSql, [Value(account.Value)], Read, ct));

    internal const string NamesSql =
        $"""
        {ListSql}
        union all
        select 0, n.name, 0::smallint, exists (select from mail.subscription s where s.account_id = $1 and s.name = n.name), false, 0, 0, 0, 0, 0, 0, 0, 0
        from mail.noselect n where n.account_id = $1 and (select m.mailbox_id from mail.mailbox m where m.account_id = $1 and m.name = n.name) is null
        """;

    private const string ListedSql =
        $"""
        select l.*, null::bigint, null::text, 0 from ({NamesSql}) l
        union all
        {SharedMailboxes.ListSql}
        """;

    public async ValueTask<IReadOnlyList<MailboxInfo>> ListNamesAsync(CancellationToken ct)
    {
        var all = await dataSource.QueryAsync(ListedSql, [Value(account.Value)], r => r.IsDBNull(13) ? Read(r) : SharedMailboxes.Read(r), ct);
        return InOrder([.. all.OfType<MailboxInfo>()]);
    }

    public ValueTask<IMailboxListWatch> WatchAsync(Action changed, CancellationToken ct) => listings.WatchAsync(account, changed, ct);

    /// <summary>With <see cref="MailboxInfo.HasChildren"/>, which no row says.</summary>
    internal static List<MailboxInfo> InOrder(IReadOnlyCollection<MailboxInfo> all)
    {
        var parents = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mailbox in all)
        {
            if (mailbox.Name.Parent is { } parent)
                parents.Add(parent.Value);
        }

        return
        [
            .. all.Select(m => m with { HasChildren = parents.Contains(m.Name.Value) })
                .OrderBy(m => !m.Name.IsInbox).ThenBy(m => m.Name.Value, StringComparer.Ordinal),
        ];
    }

    // What mail.is_above_1 says, written out: a function with a subquery is planned anew at each call.
    private const string FindSql =
        """
        select m.mailbox_id, m.name, m.special_use, exists (select from mail.subscription s where s.account_id = m.account_id and s.name = m.name),
          exists (select from mail.mailbox b where b.account_id = m.account_id and b.name >= m.name || '/' and b.name < m.name || '0')
            or exists (select from mail.noselect b where b.account_id = m.account_id and b.name >= m.name || '/' and b.name < m.name || '0'),
          m.uidvalidity, m.uidnext, m.modseq, m.messages, m.unseen, m.deleted, m.bytes, m.recent_from
        from mail.mailbox m where m.account_id = $1
        """;

    private const string FindByNameSql = FindSql + " and m.name = $2";

    public async ValueTask<MailboxInfo?> FindAsync(MailboxName name, CancellationToken ct) => OthersName.TryParse(name) is { } other
        ? await _others.FindAsync(other, ct)
        : First(await dataSource.QueryAsync(FindByNameSql, [Value(account.Value), Value(StoredText.Clean(name.Value))], Read, ct));

    public async ValueTask<MailboxInfo?> FindAsync(string mailboxId, CancellationToken ct)
    {
        var parts = mailboxId.StartsWith('F') ? mailboxId[1..].Split('-') : [];
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var owner)
            && int.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? await GetAsync(new MailboxId(new(owner), number), ct)
            : null;
    }

    private const string FindByUseSql = FindSql + " and m.special_use = $2 order by m.mailbox_id limit 1";

    public async ValueTask<MailboxInfo?> FindAsync(SpecialUse use, CancellationToken ct) => use == SpecialUse.None
        ? null
        : First(await dataSource.QueryAsync(FindByUseSql, [Value(account.Value), Value((short)use)], Read, ct));

    private const string FindByNumberSql = FindSql + " and m.mailbox_id = $2";

    public async ValueTask<MailboxInfo?> GetAsync(MailboxId id, CancellationToken ct) => id.Account != account
        ? await _others.FindAsync(id, ct)
        : First(await dataSource.QueryAsync(FindByNumberSql, [Value(account.Value), Value(id.Number)], Read, ct));

    private const string CreateSql = "select mail.create_mailbox_3($1, $2, $3, $1)";

    public async ValueTask<MailboxInfo> CreateAsync(MailboxName name, SpecialUse use, CancellationToken ct)
    {
        if (OthersName.TryParse(name) is { } other)
            return use == SpecialUse.None ? await _others.CreateAsync(other, ct) : throw new MailException(MailError.Invalid, "Another's mailbox can't get a use");
        DemandOwn(name);
        var numbers = await dataSource.QueryAsync(
            CreateSql, [Value(account.Value), Value(StoredText.Clean(name.Value)), Value((short)use)], r => r.GetInt32(0), ct);
        await ChangedAsync();
        return await GetAsync(new(account, numbers[0]), ct) ?? throw new MailException(MailError.NotFound, "The mailbox was deleted");
    }

    private const string RenameSql = "select mail.rename_mailbox_3($1, $2, $3, $1)";

    public async ValueTask RenameAsync(MailboxName from, MailboxName to, CancellationToken ct)
    {
        if (OthersName.TryParse(from) is { } other)
        {
            await _others.RenameAsync(other, OthersName.TryParse(to), ct);
            return;
        }

        DemandOwn(to);
        if (to.IsInbox)
            throw new MailException(MailError.AlreadyExists, "There is such a mailbox already");
        if (from.IsInbox)
        {
            // RFC 9051 section 6.3.6: the messages go to a new mailbox; INBOX stays, empty, and what stands below it is not touched.
            await transfers.RenameInboxAsync(account, to, ct);
            await dataSource.ExecuteAsync(CopyAnnotationsSql, [Value(account.Value), Value(StoredText.Clean(to.Value))], CancellationToken.None);
            await ChangedAsync();
            return;
        }

        await dataSource.ExecuteAsync(
            RenameSql, [Value(account.Value), Value(StoredText.Clean(from.Value)), Value(StoredText.Clean(to.Value))], ct);
        await ChangedAsync();
    }

    // RFC 5464 section 4.1: INBOX keeps its annotations, and the new mailbox has them too.
    private const string CopyAnnotationsSql =
        """
        insert into mail.annotation (account_id, mailbox_id, who, entry, value, modseq)
        select x.account_id, (select m.mailbox_id from mail.mailbox m where m.account_id = $1 and m.name = $2), x.who, x.entry, x.value, x.modseq
        from mail.annotation x where x.account_id = $1 and x.mailbox_id = 1 and x.value is not null
          and exists (select from mail.mailbox m where m.account_id = $1 and m.name = $2)
        """;

    public async ValueTask DeleteAsync(MailboxName name, CancellationToken ct) => await DeleteAsync(name, leavesName: false, ct);

    public ValueTask<MailboxId?> DeleteLeavingNameAsync(MailboxName name, CancellationToken ct) => DeleteAsync(name, leavesName: true, ct);

    private const string DeleteSql = "select mailbox_id, modseq from mail.delete_mailbox_3($1, $2, $3, $1)";

    private async ValueTask<MailboxId?> DeleteAsync(MailboxName name, bool leavesName, CancellationToken ct)
    {
        if (OthersName.TryParse(name) is { } other)
            return await _others.DeleteAsync(other, leavesName, ct);
        var gone = await dataSource.QueryAsync(
            DeleteSql,
            [Value(account.Value), Value(StoredText.Clean(name.Value)), Value(leavesName)],
            r => (Number: r.GetInt32(0), ModSeq: r.GetInt64(1)),
            ct);
        if (gone[0].Number == 0)
        {
            committed.AccountChanged(account, gone[0].ModSeq);
            return null;
        }

        var mailbox = new MailboxId(account, gone[0].Number);
        committed.MailboxGone(mailbox, gone[0].ModSeq);
        return mailbox;
    }

    private const string SubscriptionsSql =
        """
        select s.name, exists (select from mail.mailbox m where m.account_id = s.account_id and m.name = s.name)
        from mail.subscription s where s.account_id = $1
        """;

    public async ValueTask<IReadOnlyList<Subscription>> ListSubscriptionsAsync(CancellationToken ct)
    {
        var all = await dataSource.QueryAsync(
            SubscriptionsSql, [Value(account.Value)], r => new Subscription(MailboxName.Parse(r.GetString(0)), r.GetBoolean(1)), ct);
        return [.. all.OrderBy(s => !s.Name.IsInbox).ThenBy(s => s.Name.Value, StringComparer.Ordinal)];
    }

    private const string SubscribeSql = "select mail.subscribe_1($1, $2, $3)";

    public async ValueTask SetSubscribedAsync(MailboxName name, bool subscribed, CancellationToken ct)
    {
        await dataSource.ExecuteAsync(SubscribeSql, [Value(account.Value), Value(StoredText.Clean(name.Value)), Value(subscribed)], ct);
        await ChangedAsync();
    }

    private const string QuotaSql = "select bytes, quota_bytes, messages, message_limit from mail.account_state where account_id = $1";

    public async ValueTask<QuotaInfo> QuotaAsync(CancellationToken ct) =>
        await QuotaOfAsync(dataSource, account, ct) ?? throw new MailException(MailError.NotFound, "No such account");

    public static async ValueTask<QuotaInfo?> QuotaOfAsync(NpgsqlDataSource dataSource, AccountId account, CancellationToken ct)
    {
        var rows = await dataSource.QueryAsync(
            QuotaSql,
            [Value(account.Value)],
            r => new QuotaInfo(r.GetInt64(0), r.IsDBNull(1) ? null : r.GetInt64(1), r.GetInt64(2), r.IsDBNull(3) ? null : r.GetInt64(3)),
            ct);
        return rows.Count == 0 ? null : rows[0];
    }

    public ValueTask<KeywordTable> KeywordsAsync(int atLeast, CancellationToken ct) => keywords.ReadAsync(account, atLeast, ct);

    public async ValueTask<KeywordTable> KeywordsAsync(MailboxId mailbox, int atLeast, CancellationToken ct)
    {
        if (mailbox.Account != account)
            await others.DemandAsync(mailbox, MailboxRights.Read, ct);
        return await keywords.ReadAsync(mailbox.Account, atLeast, ct);
    }

    public ValueTask<FlagSet> KeywordBitsAsync(IReadOnlyCollection<string> names, CancellationToken ct) => keywordMaker.BitsAsync(account, names, ct);

    public async ValueTask<FlagSet> KeywordBitsAsync(MailboxId mailbox, IReadOnlyCollection<string> names, CancellationToken ct)
    {
        if (mailbox.Account != account && !(await others.RightsAsync(mailbox, ct)).Has(MailboxRights.Write))
            return FlagSet.None;
        return await keywordMaker.BitsAsync(mailbox.Account, names, ct);
    }

    public ValueTask<MailboxRights> RightsAsync(MailboxId mailbox, CancellationToken ct) =>
        mailbox.Account == account ? new(MailboxRights.All) : others.RightsAsync(mailbox, ct);

    // A name there is another's, or nobody's.
    private static void DemandOwn(MailboxName name)
    {
        if (OthersName.IsInside(name))
            throw new MailException(MailError.Invalid, $"{OthersName.Prefix.TrimEnd(MailboxName.Separator)} is where others' mailboxes are");
    }

    private const string ModSeqSql = "select modseq from mail.account_state where account_id = $1";

    // Sessions and nodes that watch the account hear of it; whoever misses it finds the account's modseq changed.
    private async ValueTask ChangedAsync()
    {
        var modSeq = await dataSource.QueryAsync(ModSeqSql, [Value(account.Value)], r => r.GetInt64(0), CancellationToken.None);
        if (modSeq.Count > 0)
            committed.AccountChanged(account, modSeq[0]);
    }

    private static MailboxInfo? First(List<MailboxInfo> rows) => rows.Count == 0 ? null : rows[0];

    private MailboxInfo Read(NpgsqlDataReader r) => Read(account, r);

    internal static MailboxInfo Read(AccountId account, NpgsqlDataReader r) => new(
        new(account, r.GetInt32(0)), MailboxName.Parse(r.GetString(1)), (SpecialUse)r.GetInt16(2), r.GetBoolean(3), r.GetBoolean(4),
        (uint)r.GetInt64(5), new((uint)r.GetInt64(6)), new(r.GetInt64(7)), r.GetInt32(8), r.GetInt32(9), r.GetInt32(10), r.GetInt64(11))
    {
        RecentFrom = new((uint)r.GetInt64(12)),
    };
}
