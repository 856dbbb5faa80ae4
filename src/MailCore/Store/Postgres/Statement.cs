using Npgsql;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>A statement that is run and read in one round trip, with PostgreSQL's errors in MailCore's words.</summary>
internal static class Statement
{
    public static async ValueTask<List<T>> QueryAsync<T>(
        this NpgsqlDataSource dataSource, string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        try
        {
            await using var lease = await HotConnections.OpenAsync(dataSource, ct);
            await using var command = new NpgsqlCommand(sql, lease.Connection);
            foreach (var parameter in parameters)
                command.Parameters.Add(parameter);
            await using var reader = await command.ExecuteReaderAsync(ct);
            var rows = new List<T>();
            while (await reader.ReadAsync(ct))
                rows.Add(read(reader));
            // To the end: an error of the commit comes last.
            await reader.NextResultAsync(ct);
            return rows;
        }
        catch (NpgsqlException e)
        {
            throw StoreErrors.Translate(e);
        }
    }

    public static async ValueTask<int> ExecuteAsync(this NpgsqlDataSource dataSource, string sql, NpgsqlParameter[] parameters, CancellationToken ct)
    {
        try
        {
            await using var lease = await HotConnections.OpenAsync(dataSource, ct);
            await using var command = new NpgsqlCommand(sql, lease.Connection);
            foreach (var parameter in parameters)
                command.Parameters.Add(parameter);
            return await command.ExecuteNonQueryAsync(ct);
        }
        catch (NpgsqlException e)
        {
            throw StoreErrors.Translate(e);
        }
    }

    public static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}
