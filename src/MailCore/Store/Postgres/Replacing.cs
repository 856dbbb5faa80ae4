using Npgsql;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// REPLACE (RFC 8508): the expunge of one message and the append of another in one transaction. It is rare, so it makes three round trips of the statements that
/// EXPUNGE and APPEND have anyway, instead of one of a function of its own.
/// </summary>
internal sealed class Replacing(NpgsqlDataSource dataSource, MailboxIndex index, Committed committed)
{
    private const int MaxTries = 50;

    private sealed record Outcome(Transfers.Outcome Removed, AppendedRow Stored);

    /// <summary>Null: the message to be replaced is gone, and nothing was done.</summary>
    /// <exception cref="MailException">NotFound (target), OverQuota; nothing was done</exception>
    public async ValueTask<Replaced?> ReplaceAsync(MailboxId from, Uid uid, AppendRow row, AccountId to, CancellationToken ct)
    {
        var one = UidSet.Range(uid, uid);
        var turn = index.WriterOf(from);
        await turn.WaitAsync(ct);
        try
        {
            for (var tries = 0; tries < MaxTries; tries++)
            {
                var now = await index.OpenAsync(from, ct);
                IndexEntry[] entries = [.. now.Among(one)];
                if (entries.Length == 0)
                    return null;
                if (await RunAsync(now, entries, to, row) is { } done)
                    return await TellAsync(from, one, to, row, done);
            }

            throw new MailException(MailError.Conflict, "The mailbox is changing too fast; try again");
        }
        finally
        {
            turn.Release();
        }
    }

    private const string LockSql =
        """
        select a.account_id from mail.account_state a where a.account_id = any($1) order by a.account_id for no key update
        """;

    // Null: the index was stale. Not cancelled once it is under way: what is committed must reach the index.
    private async ValueTask<Outcome?> RunAsync(Snapshot now, IndexEntry[] entries, AccountId to, AppendRow row)
    {
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(CancellationToken.None);
            await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
            var removed = await RemoveAsync(connection, now, entries, to);
            if (removed.Status != 0)
                return null;
            var stored = await AppendAsync(connection, to, row);
            if (stored.Status == AppendStatus.OverQuota)
                throw new MailException(MailError.OverQuota, "The account is over its quota");
            if (stored.Status != AppendStatus.Stored)
                throw new MailException(MailError.NotFound, "The target mailbox was deleted");
            await transaction.CommitAsync(CancellationToken.None);
            return new(removed, stored);
        }
        catch (NpgsqlException e)
        {
            throw StoreErrors.Translate(e);
        }
    }

    private static async ValueTask<Transfers.Outcome> RemoveAsync(NpgsqlConnection connection, Snapshot now, IndexEntry[] entries, AccountId to)
    {
        await using var batch = new NpgsqlBatch(connection);
        var locking = new NpgsqlBatchCommand(LockSql);
        locking.Parameters.Add(Value<long[]>([now.Id.Account.Value, to.Value]));
        batch.BatchCommands.Add(locking);
        batch.BatchCommands.Add(Transfers.Command(now, entries, target: 0, remove: true));
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        await reader.ReadAsync();
        return Transfers.Read(reader);
    }

    private static async ValueTask<AppendedRow> AppendAsync(NpgsqlConnection connection, AccountId to, AppendRow row)
    {
        var accounts = new SortedDictionary<long, List<AppendRow>> { [to.Value] = [row] };
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(AppendBatch.Command(accounts));
        await using var reader = await batch.ExecuteReaderAsync();
        return (await AppendBatch.ReadAsync(reader, accounts, CancellationToken.None))[to.Value][0];
    }

    private async ValueTask<Replaced> TellAsync(MailboxId from, UidSet gone, AccountId to, AppendRow row, Outcome done)
    {
        await committed.VanishedAsync(from, done.Removed.FromPrevious, done.Removed.ModSeq, gone);
        await committed.AppendedAsync(to, [row], [done.Stored]);
        var uid = new Uid((uint)done.Stored.Uid);
        return new(new((uint)done.Stored.UidValidity, UidSet.Range(uid, uid), new(done.Stored.ModSeq)), new(gone, new(done.Removed.ModSeq)));
    }
}
