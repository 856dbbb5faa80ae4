using Npgsql;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres.Sharing;

/// <summary>The lists of rights: read and changed by who may administer the mailbox. A change is a hint to who has the mailbox open and to who got something.</summary>
internal sealed class MailboxSharing(NpgsqlDataSource dataSource, IMailboxStore mailboxes, Committed committed, AccountId account) : IMailboxSharing
{
    private const string ListSql =
        """
        select a.grantee, a.granted, a.denied, o.local || '@' || o.domain
        from (select $1::bigint as grantee, 2047 as granted, 0 as denied
          union all select g.grantee, g.granted, g.denied from mail.acl g where g.account_id = $1 and g.mailbox_id = $2) a
        left join lateral (select o.local, o.domain from directory.account o where o.account_id = a.grantee offset 0) o on true
        """;

    public async ValueTask<IReadOnlyList<AclEntry>> ListAsync(MailboxName mailbox, CancellationToken ct)
    {
        var id = (await AdministeredAsync(mailbox, ct)).Id;
        var rows = await dataSource.QueryAsync(
            ListSql,
            [Value(id.Account.Value), Value(id.Number)],
            r => (Grantee: r.GetInt64(0), Granted: (MailboxRights)r.GetInt32(1), Denied: (MailboxRights)r.GetInt32(2), Address: r.IsDBNull(3) ? null : r.GetString(3)),
            ct);
        var entries = new List<AclEntry>();
        foreach (var (grantee, granted, denied, address) in rows.OrderBy(r => r.Grantee != id.Account.Value).ThenBy(r => r.Address, StringComparer.Ordinal))
        {
            if (address is null && grantee != 0)
                continue;
            var who = address is null ? null : EmailAddress.Parse(address);
            if (granted != MailboxRights.None)
                entries.Add(new(new(who, false), granted));
            if (denied != MailboxRights.None)
                entries.Add(new(new(who, true), denied));
        }

        return entries;
    }

    private const string SetSql = "select grantee, modseq, grantee_modseq from mail.set_acl_1($1, $2, $3, $4, $5, $6, $7)";

    public async ValueTask SetAsync(MailboxName mailbox, AclIdentifier who, AclOperation operation, MailboxRights rights, CancellationToken ct)
    {
        var id = (await AdministeredAsync(mailbox, ct)).Id;
        var done = await dataSource.QueryAsync(
            SetSql,
            [
                Value(id.Account.Value), Value(id.Number), Value(account.Value), Value(who.Account?.Key), Value(who.IsNegative), Value((int)operation),
                Value((int)rights),
            ],
            r => (Grantee: r.GetInt64(0), ModSeq: r.GetInt64(1), Theirs: r.GetInt64(2)),
            ct);
        committed.AccountChanged(id.Account, done[0].ModSeq);
        committed.ReadersChanged(id, done[0].ModSeq);
        if (done[0].Grantee != 0 && done[0].Grantee != id.Account.Value)
            committed.AccountChanged(new(done[0].Grantee), done[0].Theirs);
    }

    private const string AccountSql = "select account_id from directory.address where key = $1 and account_id is not null";

    public async ValueTask<MailboxRights> AlwaysAsync(MailboxName mailbox, AclIdentifier who, CancellationToken ct)
    {
        var id = (await AdministeredAsync(mailbox, ct)).Id;
        if (who.Account is null)
            return MailboxRights.None;
        var accounts = await dataSource.QueryAsync(AccountSql, [Value(who.Account.Key)], r => r.GetInt64(0), ct);
        if (accounts is not [var found])
            throw new MailException(MailError.Invalid, "There is no account of this name");
        return found == id.Account.Value && !who.IsNegative ? MailboxRights.All : MailboxRights.None;
    }

    private async ValueTask<MailboxInfo> AdministeredAsync(MailboxName mailbox, CancellationToken ct)
    {
        var info = await mailboxes.FindAsync(mailbox, ct);
        Refusals.Demand(info?.Rights ?? MailboxRights.None, MailboxRights.Administer);
        return info!;
    }
}

/// <summary>As the database's demand_1 says no.</summary>
internal static class Refusals
{
    /// <exception cref="MailException">NoPermission; NotFound for who must not learn that there is such a mailbox</exception>
    public static void Demand(MailboxRights rights, MailboxRights needs)
    {
        if (rights.Has(needs))
            return;
        throw (rights & (MailboxRights.Lookup | MailboxRights.Read)) != MailboxRights.None
            ? new MailException(MailError.NoPermission, "You may not do that with this mailbox")
            : new MailException(MailError.NotFound, "No such mailbox");
    }
}
