using System.Globalization;
using Npgsql;
using Webmail.MailCore.Data;

namespace Webmail.Testing;

/// <summary>
/// A real PostgreSQL for tests: the server of WEBMAIL_TEST_POSTGRES (a connection string) where it is set, else a private cluster started once a test
/// process. Each database is cloned from a migrated template (some 0.05 s), so tests may run side by side. Use it as a class, collection or assembly fixture.
/// </summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Server = new(StartAsync);
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);
    private static int _databases;

    private readonly List<string> _mine = [];

    /// <summary>A new, migrated, empty database: its connection string. It is dropped with the fixture.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var server = await Server.Value;
        var template = await Template.Value;
        var name = string.Create(CultureInfo.InvariantCulture, $"webmail_test_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}");
        await RunAsync(server, $"create database {name} template {template}");
        lock (_mine)
            _mine.Add(name);
        return ConnectionString(server, name);
    }

    /// <summary>The server's own connection string (database postgres): for tests that stop sessions or look at settings.</summary>
    public static Task<string> ServerAsync() => Server.Value;

    public async ValueTask DisposeAsync()
    {
        string[] names;
        lock (_mine)
        {
            names = [.. _mine];
            _mine.Clear();
        }

        foreach (var name in names)
            await DropAsync(name);
    }

    /// <summary>Drops a database of <see cref="CreateDatabaseAsync"/> before the fixture does.</summary>
    public async Task DropDatabaseAsync(string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database!;
        lock (_mine)
            _mine.Remove(name);
        await DropAsync(name);
    }

    private static async Task DropAsync(string name) => await RunAsync(await Server.Value, $"drop database if exists {name} with (force)");

    private static bool IsGiven => Environment.GetEnvironmentVariable("WEBMAIL_TEST_POSTGRES") is { Length: > 0 };

    private static async Task<string> StartAsync() =>
        IsGiven ? Environment.GetEnvironmentVariable("WEBMAIL_TEST_POSTGRES")! : await PrivateCluster.StartAsync();

    // Named by the build of MailCore, so that another schema is another template; made under a lock, since several test processes may share a server.
    private static async Task<string> MakeTemplateAsync()
    {
        var server = await Server.Value;
        var name = $"webmail_template_{typeof(Migrator).Module.ModuleVersionId:n}";
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await RunAsync(connection, "select pg_advisory_lock(7126001)");
        if (await IsReadyAsync(connection, name))
            return name;
        await RunAsync(connection, $"drop database if exists {name} with (force)");
        await RunAsync(connection, $"create database {name} template template0 encoding 'UTF8'");
        await using (var source = MailDataSource.Create(ConnectionString(server, name) + ";Pooling=false"))
            await new Migrator(source).MigrateAsync(CancellationToken.None);

        // Only a finished template carries this mark: a process that died half-way leaves one that is made anew.
        await RunAsync(connection, $"alter database {name} is_template true");
        await RunAsync(connection, "select pg_advisory_unlock(7126001)");
        return name;
    }

    private static async Task<bool> IsReadyAsync(NpgsqlConnection connection, string name)
    {
        await using var command = new NpgsqlCommand("select datistemplate from pg_database where datname = $1", connection);
        command.Parameters.Add(new() { Value = name });
        return await command.ExecuteScalarAsync() is true;
    }

    private static string ConnectionString(string server, string database) =>
        new NpgsqlConnectionStringBuilder(server) { Database = database, MaxPoolSize = 20, IncludeErrorDetail = true }.ConnectionString;

    private static async Task RunAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await RunAsync(connection, sql);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
