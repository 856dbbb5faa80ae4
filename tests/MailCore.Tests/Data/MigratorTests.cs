using Microsoft.EntityFrameworkCore;
using Npgsql;
using Webmail.MailCore.Data;
using Webmail.MailCore.Model;
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

    [Fact]
    public async Task NamesBecomeNormal()
    {
        await using var world = await MailWorld.StartAsync(postgres);
        var ann = await world.AddAccountAsync("ann");
        var mailboxes = (await world.MailAsync("ann")).Mailboxes;
        var first = await mailboxes.CreateAsync(MailboxName.Parse("\u00c5"), SpecialUse.None, CancellationToken.None);
        var second = await mailboxes.CreateAsync(MailboxName.Parse("x"), SpecialUse.None, CancellationToken.None);
        var below = await mailboxes.CreateAsync(MailboxName.Parse("x/y"), SpecialUse.None, CancellationToken.None);
        await mailboxes.SetSubscribedAsync(first.Name, true, CancellationToken.None);
        await using var source = MailDataSource.Create(world.Settings.ConnectionString!);
        await RunAsync(source, $"update mail.mailbox set name = U&'A\\030A' || substr(name, 2) where account_id = {ann.Account.Value} and name like 'x%'");
        await RunAsync(source, $"insert into mail.subscription values ({ann.Account.Value}, U&'A\\030A'), ({ann.Account.Value}, U&'O\\0308')");
        await RunAsync(source, """delete from "__EFMigrationsHistory" where migration_id like '%NormalNames'""");
        await new Migrator(source).MigrateAsync(CancellationToken.None);

        var names = (await mailboxes.ListAsync(CancellationToken.None)).ToDictionary(info => info.Id, info => info.Name.Value);
        Assert.Equal(["\u00c5", $"\u00c5 {second.Id.Number}", "\u00c5/y"], [names[first.Id], names[second.Id], names[below.Id]]);
        Assert.Equal(
            ["\u00c5", "\u00d6"],
            (await mailboxes.ListSubscriptionsAsync(CancellationToken.None)).Select(s => s.Name.Value).Where(name => !char.IsAscii(name[0])).Order(StringComparer.Ordinal));
    }

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
