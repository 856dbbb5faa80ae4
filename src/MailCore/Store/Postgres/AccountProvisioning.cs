using Npgsql;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

internal sealed class AccountProvisioning(NpgsqlDataSource dataSource, ChangeFeed feed) : IAccountProvisioning
{
    private const string ProvisionSql = "select mail.provision_2($1, $2, $3)";

    public async ValueTask ProvisionAsync(AccountId account, QuotaLimits limits, CancellationToken ct) =>
        await dataSource.ExecuteAsync(ProvisionSql, [Value(account.Value), Value(limits.Bytes), Value(limits.Messages)], ct);

    private const string SetQuotaSql =
        "update mail.account_state set quota_bytes = $2, message_limit = $3, modseq = modseq + 1 where account_id = $1 returning modseq";

    public async ValueTask SetQuotaAsync(AccountId account, QuotaLimits limits, CancellationToken ct)
    {
        var rows = await dataSource.QueryAsync(SetQuotaSql, [Value(account.Value), Value(limits.Bytes), Value(limits.Messages)], r => r.GetInt64(0), ct);
        if (rows.Count == 0)
            throw new MailException(MailError.NotFound, "No such account");
        feed.Committed(account, 0, rows[0]);
    }

    public ValueTask<QuotaInfo?> QuotaAsync(AccountId account, CancellationToken ct) => MailboxStore.QuotaOfAsync(dataSource, account, ct);

    private const string RemoveSql = "select mail.remove_account_3($1), mail.forget_sharing_1($1)";

    public async ValueTask DeleteAsync(AccountId account, CancellationToken ct)
    {
        // As long as it takes: a large account is a million rows.
        await using var command = dataSource.CreateCommand(RemoveSql);
        command.CommandTimeout = 0;
        command.Parameters.Add(Value(account.Value));
        try
        {
            await command.ExecuteNonQueryAsync(ct);
        }
        catch (NpgsqlException e)
        {
            throw StoreErrors.Translate(e);
        }

        feed.AccountChanged(account);
    }
}
