using System.Reflection;
using Npgsql;
using Webmail.MailCore.Data;
using Webmail.MailCore.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Store;

/// <summary>Every statement that stands in the code is one that PostgreSQL understands, against the schema as it is migrated.</summary>
public sealed class StatementTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly IReadOnlyList<(string Name, string Sql)> Statements =
    [
        .. typeof(IMailStore).Assembly.GetTypes()
            .SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(f => f.IsLiteral && f.FieldType == typeof(string) && f.Name.EndsWith("Sql", StringComparison.Ordinal) && f.Name != "ListenSql")
            .Select(f => (Name: $"{f.DeclaringType!.Name}.{f.Name}", Sql: (string)f.GetRawConstantValue()!)),
    ];

    [Fact]
    public async Task EveryStatementCanBePrepared()
    {
        Assert.True(Statements.Count > 30);
        await using var source = MailDataSource.Create(await postgres.CreateDatabaseAsync());
        await using var connection = await source.OpenConnectionAsync();
        var wrong = new List<string>();
        foreach (var (name, sql) in Statements)
        {
            try
            {
                await RunAsync(connection, $"prepare s as {sql}; deallocate s");
            }
            catch (PostgresException e)
            {
                wrong.Add($"{name}: {e.MessageText}");
            }
        }

        Assert.Empty(wrong);
    }
    /// <summary>
    /// A plan is kept although its tables grow, and is worst when it was made while they were empty: a join whose key is looked at row by row ("Join
    /// Filter") instead of looked up is then quadratic (ADR 0100).
    /// </summary>
    [Fact]
    public async Task NoPlanOfEmptyTablesJoinsByLookingAtEveryRow()
    {
        // The doctor's view reads everything by its nature, and is planned each time.
        var statements = Statements.Where(s => s.Name != "StoreDoctor.BrokenSql");
        await using var source = MailDataSource.Create(await postgres.CreateDatabaseAsync());
        await using var connection = await source.OpenConnectionAsync();
        var wrong = new List<string>();
        foreach (var (name, sql) in statements)
        {
            await RunAsync(connection, $"prepare s as {sql}");
            var count = await ScalarAsync(connection, "select coalesce(array_length(parameter_types, 1), 0) from pg_prepared_statements where name = 's'");
            var values = count == 0 ? "" : $"({string.Join(',', Enumerable.Repeat("null", count))})";
            var plan = await LinesAsync(connection, $"explain execute s{values}");
            await RunAsync(connection, "deallocate s");
            if (plan.Contains("Join Filter", StringComparison.Ordinal))
                wrong.Add($"{name}\n{plan}");
        }

        Assert.Empty(wrong);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<int> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (int)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<string> LinesAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }
}
