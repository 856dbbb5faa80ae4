using Npgsql;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Store;

/// <summary>A row of the view mail.broken.</summary>
/// <param name="Account">0: of no account.</param>
public sealed record BrokenInvariant(long Account, int Mailbox, string Rule);

/// <summary>Looks over everything that is stored for what can't be: `doctor --deep`, and the tests after each model run.</summary>
public sealed class StoreDoctor
{
    private readonly NpgsqlDataSource _dataSource;

    internal StoreDoctor(NpgsqlDataSource dataSource) => _dataSource = dataSource;

    private const string BrokenSql = "select account_id, mailbox_id, rule from mail.broken limit 1000";

    /// <summary>At most 1,000 findings; none is what it should be. Reads every row: minutes on a large store.</summary>
    public async ValueTask<IReadOnlyList<BrokenInvariant>> BrokenAsync(CancellationToken ct)
    {
        await using var command = _dataSource.CreateCommand(BrokenSql);
        command.CommandTimeout = 0;
        try
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            var rows = new List<BrokenInvariant>();
            while (await reader.ReadAsync(ct))
                rows.Add(new(reader.GetInt64(0), reader.GetInt32(1), reader.GetString(2)));
            return rows;
        }
        catch (NpgsqlException e)
        {
            throw StoreErrors.Translate(e);
        }
    }
}
