using Microsoft.EntityFrameworkCore;
using Npgsql;
using Webmail.MailCore.Data;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Data;

public sealed class MigratorTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task MigratingAgainChangesNothing()
    {
        await using var source = MailDataSource.Create(await postgres.CreateDatabaseAsync());
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => new Migrator(source).MigrateAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task OneStepNewerIsTakenAndTwoAreRefused()
    {
        await using var source = MailDataSource.Create(await postgres.CreateDatabaseAsync());
        await RunAsync(source, """insert into "__EFMigrationsHistory" values ('99990101000000_Later', '99.0')""");
        await new Migrator(source).MigrateAsync(CancellationToken.None);
        await RunAsync(source, """insert into "__EFMigrationsHistory" values ('99990101000001_Later', '99.0')""");
        var refusal = await Assert.ThrowsAsync<UnfitDatabaseException>(() => new Migrator(source).MigrateAsync(CancellationToken.None));
        Assert.Contains("2 steps newer", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerThatMayLoseCommitsIsRefused()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var source = MailDataSource.Create(connectionString);
        await RunAsync(source, $"alter database {new NpgsqlConnectionStringBuilder(connectionString).Database} set synchronous_commit = off");
        await using var fresh = MailDataSource.Create(connectionString + ";Pooling=false");
        var refusal = await Assert.ThrowsAsync<UnfitDatabaseException>(() => new Migrator(fresh).MigrateAsync(CancellationToken.None));
        Assert.Contains("synchronous_commit", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheModelIsWhatTheMigrationsMade()
    {
        await using var source = MailDataSource.Create(await postgres.CreateDatabaseAsync());
        var options = new DbContextOptionsBuilder<MailDbContext>();
        MailDbContext.Configure(options, source);
        await using var context = new MailDbContext(options.Options);
        foreach (var entity in context.Model.GetEntityTypes().Where(e => e.GetTableName() is not null))
        {
            var columns = string.Join(", ", entity.GetProperties().Select(p => $"\"{p.GetColumnName()}\""));
            var table = entity.GetSchema() is { } schema ? $"\"{schema}\".\"{entity.GetTableName()}\"" : $"\"{entity.GetTableName()}\"";
            await RunAsync(source, $"select {columns} from {table} where false");
        }
    }

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
