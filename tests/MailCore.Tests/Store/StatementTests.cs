using System.Reflection;
using Npgsql;
using Webmail.MailCore.Data;
using Webmail.MailCore.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Store;

/// <summary>Every statement that stands in the code is one that PostgreSQL understands, against the schema as it is migrated.</summary>
public sealed class StatementTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task EveryStatementCanBePrepared()
    {
        var statements = typeof(IMailStore).Assembly.GetTypes()
            .SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(f => f.IsLiteral && f.FieldType == typeof(string) && f.Name.EndsWith("Sql", StringComparison.Ordinal) && f.Name != "ListenSql")
            .Select(f => (Name: $"{f.DeclaringType!.Name}.{f.Name}", Sql: (string)f.GetRawConstantValue()!))
            .ToList();
        Assert.True(statements.Count > 30);
        await using var source = MailDataSource.Create(await postgres.CreateDatabaseAsync());
        await using var connection = await source.OpenConnectionAsync();
        var wrong = new List<string>();
        foreach (var (name, sql) in statements)
        {
            try
            {
                await using var command = new NpgsqlCommand($"prepare s as {sql}; deallocate s", connection);
                await command.ExecuteNonQueryAsync();
            }
            catch (PostgresException e)
            {
                wrong.Add($"{name}: {e.MessageText}");
            }
        }

        Assert.Empty(wrong);
    }
}
