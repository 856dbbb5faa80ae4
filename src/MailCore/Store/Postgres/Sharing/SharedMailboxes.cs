using Npgsql;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres.Sharing;

/// <summary>
/// Mailboxes of other accounts, as far as one account has rights there. Each statement finds owner, mailbox and rights at once, and what changes something asks
/// for the right under the owner's lock. Who has no right learns nothing: the answer is that of a mailbox that isn't there (RFC 4314 section 6).
/// </summary>
internal sealed class SharedMailboxes(NpgsqlDataSource dataSource, Committed committed, AccountId account)
{
    /// <summary>What MYRIGHTS asks for (RFC 4314 section 4): with none of these a mailbox isn't there.</summary>
    private const MailboxRights Any = MailboxRights.Lookup | MailboxRights.Read | MailboxRights.Insert | MailboxRights.CreateMailbox | MailboxRights.DeleteMailbox
        | MailboxRights.Administer;

    // The columns of MailboxStore's, then owner, address and rights. \Recent is the owner's: nothing is recent to others.
    private const string Columns =
        """
        m.mailbox_id, m.name, 0::smallint, exists (select from mail.subscription s
            where s.account_id = $1 and s.name = 'Other Users/' || o.local || '@' || o.domain || '/' || m.name), false,
          m.uidvalidity, m.uidnext, greatest(m.modseq, (select max(s.modseq) from mail.seen s
            where s.account_id = m.account_id and s.mailbox_id = m.mailbox_id and s.reader = $1)), m.messages, -1, m.deleted, m.bytes, 4294967295,
          m.account_id, o.local || '@' || o.domain
        """;

    private const string Joins =
        """
        cross join lateral (select o.local, o.domain from directory.account o where o.account_id = a.account_id offset 0) o
        """;

    /// <summary>All that are listed for $1.</summary>
    public const string ListSql =
        $"""
        select {Columns}, a.rights
        from (select g.account_id, g.mailbox_id, bit_or(g.granted) & ~bit_or(g.denied) as rights from mail.acl g
          where g.grantee in (0, $1) and g.account_id <> $1 group by 1, 2) a
        cross join lateral (select * from mail.mailbox m where m.account_id = a.account_id and m.mailbox_id = a.mailbox_id offset 0) m
        {Joins}
        where a.rights & 1 = 1
        """;

    private const string FindByNameSql =
        $"""
        select {Columns}, mail.rights_1(m.account_id, m.mailbox_id, $1)
        from (select d.account_id from directory.address d where d.key = $2 and d.account_id <> $1) a
        cross join lateral (select * from mail.mailbox m where m.account_id = a.account_id and m.name = $3 offset 0) m
        {Joins}
        """;

    public async ValueTask<MailboxInfo?> FindAsync(OthersName name, CancellationToken ct)
    {
        var rows = await dataSource.QueryAsync(
            FindByNameSql, [Value(account.Value), Value(name.Owner.Key), Value(StoredText.Clean(name.Name.Value))], Read, ct);
        return rows is [{ } info] && (info.Rights & Any) != MailboxRights.None ? info : null;
    }

    private const string FindByNumberSql =
        $"""
        select {Columns}, mail.rights_1(m.account_id, m.mailbox_id, $1)
        from (select $2::bigint as account_id where $2::bigint <> $1) a
        cross join lateral (select * from mail.mailbox m where m.account_id = a.account_id and m.mailbox_id = $3 offset 0) m
        {Joins}
        """;

    public async ValueTask<MailboxInfo?> FindAsync(MailboxId id, CancellationToken ct) =>
        await ReadAsync(id, ct) is { } info && (info.Rights & Any) != MailboxRights.None ? info : null;

    private async ValueTask<MailboxInfo?> ReadAsync(MailboxId id, CancellationToken ct)
    {
        var rows = await dataSource.QueryAsync(FindByNumberSql, [Value(account.Value), Value(id.Account.Value), Value(id.Number)], Read, ct);
        return rows.Count == 0 ? null : rows[0];
    }

    private const string CreateSql =
        """
        select d.account_id, mail.create_mailbox_3(d.account_id, $3, 0::smallint, $1)
        from directory.address d where d.key = $2 and d.account_id <> $1
        """;

    /// <exception cref="MailException">NoPermission, AlreadyExists, LimitReached</exception>
    public async ValueTask<MailboxInfo> CreateAsync(OthersName name, CancellationToken ct)
    {
        var made = await dataSource.QueryAsync(
            CreateSql, [Value(account.Value), Value(name.Owner.Key), Value(StoredText.Clean(name.Name.Value))], r => (r.GetInt64(0), r.GetInt32(1)), ct);
        if (made is not [var (owner, number)])
            throw new MailException(MailError.NoPermission, "You may not make a mailbox there");
        await ChangedAsync(owner);
        return await ReadAsync(new(new(owner), number), ct) ?? throw new MailException(MailError.NotFound, "The mailbox was deleted");
    }

    private const string RenameSql =
        "select d.account_id, mail.rename_mailbox_3(d.account_id, $3, $4, $1) from directory.address d where d.key = $2 and d.account_id <> $1";

    /// <summary>Within one account only: messages go to another by MOVE.</summary>
    /// <exception cref="MailException">NotFound, NoPermission, AlreadyExists, Invalid</exception>
    public async ValueTask RenameAsync(OthersName from, OthersName? to, CancellationToken ct)
    {
        if (to is not { } target || !target.Owner.Equals(from.Owner))
            throw new MailException(MailError.Invalid, "A mailbox can't be renamed into another account");
        if (from.Name.IsInbox)
            throw new MailException(MailError.Invalid, "Another's INBOX can't be renamed");
        if (target.Name.IsInbox)
            throw new MailException(MailError.AlreadyExists, "There is such a mailbox already");
        var owners = await dataSource.QueryAsync(
            RenameSql,
            [Value(account.Value), Value(from.Owner.Key), Value(StoredText.Clean(from.Name.Value)), Value(StoredText.Clean(target.Name.Value))],
            r => r.GetInt64(0),
            ct);
        if (owners is not [var owner])
            throw new MailException(MailError.NotFound, "No such mailbox");
        await ChangedAsync(owner);
    }

    private const string DeleteSql =
        """
        select d.account_id, x.mailbox_id, x.modseq from directory.address d
        cross join lateral mail.delete_mailbox_3(d.account_id, $3, $4, $1) x where d.key = $2 and d.account_id <> $1
        """;

    /// <exception cref="MailException">NotFound, NoPermission, InUse</exception>
    public async ValueTask<MailboxId?> DeleteAsync(OthersName name, bool leavesName, CancellationToken ct)
    {
        var gone = await dataSource.QueryAsync(
            DeleteSql,
            [Value(account.Value), Value(name.Owner.Key), Value(StoredText.Clean(name.Name.Value)), Value(leavesName)],
            r => (Id: new MailboxId(new(r.GetInt64(0)), r.GetInt32(1)), ModSeq: r.GetInt64(2)),
            ct);
        if (gone is not [var (id, modSeq)])
            throw new MailException(MailError.NotFound, "No such mailbox");
        committed.MailboxGone(id, modSeq);
        return id;
    }

    private const string ModSeqSql = "select modseq from mail.account_state where account_id = $1";

    private async ValueTask ChangedAsync(long owner)
    {
        foreach (var modSeq in await dataSource.QueryAsync(ModSeqSql, [Value(owner)], r => r.GetInt64(0), CancellationToken.None))
            committed.AccountChanged(new(owner), modSeq);
    }

    /// <summary>A row of these statements. Null: its whole name would be too long.</summary>
    public static MailboxInfo? Read(NpgsqlDataReader r)
    {
        var rights = (MailboxRights)r.GetInt32(15);
        var owner = EmailAddress.Parse(r.GetString(14));
        if (new OthersName(owner, MailboxName.Parse(r.GetString(1))).ToName() is not { } name)
            return null;
        var counts = rights.Has(MailboxRights.Read);
        return new(
            new(new(r.GetInt64(13)), r.GetInt32(0)), name, SpecialUse.None, r.GetBoolean(3), false, (uint)r.GetInt64(5), new((uint)r.GetInt64(6)),
            new(r.GetInt64(7)), counts ? r.GetInt32(8) : 0, counts ? -1 : 0, counts ? r.GetInt32(10) : 0, counts ? r.GetInt64(11) : 0)
        {
            RecentFrom = new(uint.MaxValue),
            Rights = rights,
            Owner = owner,
        };
    }
}
