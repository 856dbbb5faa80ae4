using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace Webmail.MailCore.Data;

/// <summary>The database can't be used as it is; the message says what to mend, in one line.</summary>
public sealed class UnfitDatabaseException(string message) : Exception(message);

/// <summary>
/// Brings the schema up to date when a node starts. One node at a time (an advisory lock of the database); a DDL statement that waits more than
/// ten seconds for a table gives up rather than stand in the way of mail. Runs before anything else touches the database.
/// </summary>
public sealed class Migrator
{
    /// <summary>First key of this program's advisory locks; second key 0 is the schema, 1 and up are jobs.</summary>
    internal const int LockSpace = 0x3EB_A11;
    private readonly NpgsqlDataSource _dataSource;

    internal Migrator(NpgsqlDataSource dataSource) => _dataSource = dataSource;

    /// <exception cref="UnfitDatabaseException">Newer by more than one step, or the server may lose what it acknowledged.</exception>
    public async Task MigrateAsync(CancellationToken ct)
    {
        await using var connection = await _dataSource.OpenConnectionAsync(ct);
        await CheckServerAsync(connection, ct);
        await RunAsync(connection, $"select pg_advisory_lock({LockSpace}, 0)", ct);
        try
        {
            // The usual start has nothing to do, and then doesn't wait for EF Core to build its model.
            if (await PendingAsync(connection, ct) == 0)
                return;
            await RunAsync(connection, "set lock_timeout = '10s'", ct);
            var options = new DbContextOptionsBuilder<MailDbContext>();
            MailDbContext.Configure(options, connection);
            await using var context = new MailDbContext(options.Options);
            await context.Database.MigrateAsync(ct);
        }
        finally
        {
            await RunAsync(connection, $"reset lock_timeout; select pg_advisory_unlock({LockSpace}, 0)", CancellationToken.None);
        }

        await connection.ReloadTypesAsync(ct);
    }

    /// <summary>For the doctor: changes nothing.</summary>
    /// <returns>How many steps the schema is behind this program.</returns>
    /// <exception cref="UnfitDatabaseException">Newer by more than one step, or the server may lose what it acknowledged.</exception>
    public async Task<int> CheckAsync(CancellationToken ct)
    {
        await using var connection = await _dataSource.OpenConnectionAsync(ct);
        await CheckServerAsync(connection, ct);
        return await PendingAsync(connection, ct);
    }

    private const string AppliedSql = """select migration_id from "__EFMigrationsHistory" """;

    /// <summary>How many steps are to be made. An old node may go on beside a new one for one step (expand and contract), not for two.</summary>
    private static async Task<int> PendingAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var known = typeof(Migrator).Assembly.GetTypes().Select(t => t.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var applied = await AppliedAsync(connection, ct);
        var unknown = applied.Count(id => !known.Contains(id));
        if (unknown > 1)
            throw new UnfitDatabaseException($"The database's schema is {unknown} steps newer than this program: start a newer release");
        return known.Count(id => !applied.Contains(id));
    }

    private static async Task<HashSet<string>> AppliedAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var applied = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            await using var command = new NpgsqlCommand(AppliedSql, connection);
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
                applied.Add(reader.GetString(0));
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // An empty database.
        }

        return applied;
    }

    // A 250 or OK means "on disk": a server that may lose a commit, or tear a page, can't hold mail.
    private static async Task CheckServerAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (connection.PostgreSqlVersion.Major < 14)
            throw new UnfitDatabaseException($"PostgreSQL 14 or newer is needed; this server is {connection.PostgreSqlVersion}");
        await using var command = new NpgsqlCommand(
            """
            select name from pg_settings
            where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (await reader.ReadAsync(ct))
        {
            throw new UnfitDatabaseException(
                $"PostgreSQL runs with {reader.GetString(0)} = off and could lose mail that was acknowledged: set it to on (postgresql.conf, ALTER DATABASE or ALTER ROLE)");
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }
}
