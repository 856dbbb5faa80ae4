using Npgsql;

namespace Webmail.MailCore.Data;

/// <summary>Asks whether the database answers: for health checks.</summary>
public sealed class DatabaseProbe
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    readonly NpgsqlDataSource source;

    internal DatabaseProbe(NpgsqlDataSource source) => this.source = source;

    public async Task<bool> AnswersAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            await using var command = source.CreateCommand("select 1");
            return await command.ExecuteScalarAsync(limit.Token) is 1;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }
}
