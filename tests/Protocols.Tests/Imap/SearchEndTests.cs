using System.Net;
using Npgsql;
using Webmail.Testing;

namespace Webmail.Protocols.Tests.Imap;

/// <summary>A search whose client is gone doesn't go on for ever, and frees its connection to the database.</summary>
public sealed class SearchEndTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Waiting =
        "select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%search_text%'";

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("SEARCH TEXT hello")]
    [InlineData("SORT (DATE) UTF-8 BODY hello")]
    [InlineData("THREAD REFERENCES UTF-8 SUBJECT hello")]
    public async Task ItEndsSomeSecondsAfterItsClient(string command)
    {
        await using var world = await MailWorld.StartAsync(postgres);
        await world.AddAccountAsync("ann", "pass-word");
        await world.AppendAsync("ann", "INBOX", MailWorld.SimpleMessage(1));
        await using var source = NpgsqlDataSource.Create(world.Settings.ConnectionString!);
        await using var holder = await source.OpenConnectionAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table mail.search_text in access exclusive mode", holder))
            await hold.ExecuteNonQueryAsync();

        using var pipe = new PipePair(new IPEndPoint(IPAddress.Loopback, 4), implicitTls: false, "c1");
        var running = world.Handler("imap").RunAsync(pipe.Server);
        await pipe.Client.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"a LOGIN ann@example.test pass-word\r\nb SELECT INBOX\r\nc {command}\r\n"));
        await pipe.Client.FlushAsync();
        await UntilAsync(source, 1);

        pipe.End();
        await running.WaitAsync(Long);
        await UntilAsync(source, 0);
        Assert.Empty(world.Errors.All);
    }

    private static async Task UntilAsync(NpgsqlDataSource source, int count)
    {
        using var patience = new CancellationTokenSource(Long);
        await using var command = source.CreateCommand(Waiting);
        while (await command.ExecuteScalarAsync(patience.Token) is not int now || now != count)
            await Task.Yield();
    }
}
