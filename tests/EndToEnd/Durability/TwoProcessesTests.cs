using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Webmail.Testing;

namespace Webmail.EndToEnd.Durability;

/// <summary>
/// Two server processes on one database: a client that idles at one hears of what others do at the other, by hint at once; and where the hint was lost, or
/// nobody could hear it, within half a minute.
/// </summary>
public sealed class TwoProcessesTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    private const string Lisi = "lisi@example.test";
    private const string Listener = "webmail-listening";

    /// <summary>The sweep's period, and as much again as a busy machine may need.</summary>
    private static readonly TimeSpan HalfAMinute = TimeSpan.FromSeconds(30 + 10);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_happens_at_one_is_seen_at_the_other()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var here = await StartAsync(database + $";Application Name={Listener}");
        var password = here.Passwords[Lisi];
        await using var there = await StartAsync(database);
        using var idler = await LogInAsync(here, password);
        using var writer = await LogInAsync(there, password);
        await OkAsync(idler, "SELECT INBOX");
        await OkAsync(writer, "SELECT INBOX");
        var tag = idler.NextTag();
        await idler.SendAsync($"{tag} IDLE\r\n");
        Assert.StartsWith("+", await idler.LineAsync(), StringComparison.Ordinal);

        await ByHintAsync(idler, writer);
        await CutOffAsync(database, idler, writer);
        await DeafAsync(database, idler, writer);
        await WithoutHintAsync(database, idler);

        await idler.SendAsync("DONE\r\n");
        Assert.StartsWith("OK", await idler.TaggedLineAsync(tag), StringComparison.Ordinal);
    }

    /// <summary>The usual case.</summary>
    private async Task ByHintAsync(LineConnection idler, LineConnection writer)
    {
        var waits = new List<TimeSpan>();
        for (var n = 1; n <= 20; n++)
        {
            await AppendAsync(writer);
            waits.Add(await HearAsync(idler, $"* {n} EXISTS"));
            await OkAsync(writer, $"STORE {n} +FLAGS (\\Flagged)");
            waits.Add(await HearAsync(idler, $"* {n} FETCH "));
        }

        await OkAsync(writer, "STORE 20 +FLAGS (\\Deleted)");
        waits.Add(await HearAsync(idler, "* 20 FETCH "));
        await OkAsync(writer, "EXPUNGE");
        waits.Add(await HearAsync(idler, "* 20 EXPUNGE"));
        waits.Sort();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"From OK at one to the news at the other: median {waits[waits.Count / 2].TotalMilliseconds:0.0} ms, slowest {waits[^1].TotalMilliseconds:0.0} ms"));
        Assert.InRange(waits[waits.Count / 2], TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    /// <summary>The connection that hears is cut off, and something happens before there is another.</summary>
    private async Task CutOffAsync(string database, LineConnection idler, LineConnection writer)
    {
        Assert.Equal(1, await RunAsync(database, $"select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = '{Listener}' and query ilike 'listen %'"));
        await AppendAsync(writer);
        var wait = await HearAsync(idler, "* 20 EXISTS");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"After the listening connection was cut off: {wait.TotalSeconds:0.00} s"));
    }

    /// <summary>It is cut off, can't come back for a while, and hints go out that nobody hears.</summary>
    private async Task DeafAsync(string database, LineConnection idler, LineConnection writer)
    {
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        var server = await PostgresFixture.ServerAsync();
        await RunAsync(server, $"alter database {name} allow_connections false");
        await RunAsync(server, $"select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = '{Listener}' and query ilike 'listen %'");
        await AppendAsync(writer);
        await Task.Delay(1_500, Ct);
        await RunAsync(server, $"alter database {name} allow_connections true");
        var wait = await HearAsync(idler, "* 21 EXISTS");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"After it could come back: {wait.TotalSeconds:0.00} s"));
    }

    /// <summary>A commit without a hint, as a node leaves it that dies between the two.</summary>
    private async Task WithoutHintAsync(string database, LineConnection idler)
    {
        await RunAsync(
            database,
            """
            select s.modseq from directory.account a join mail.mailbox m on m.account_id = a.account_id and m.name = 'INBOX'
              cross join lateral mail.store_1(m.account_id, m.mailbox_id, m.flags_modseq, '{[1,2)}', 1, 0, 0, 0) s
            where a.local = 'lisi'
            """);
        var wait = await HearAsync(idler, "* 1 FETCH ");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Without any hint: {wait.TotalSeconds:0.0} s"));
    }

    private static Task<ServerProcess> StartAsync(string database) => ServerProcess.StartAsync(new()
    {
        Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["ConnectionStrings__Webmail"] = database },
    });

    private static async Task<LineConnection> LogInAsync(ServerProcess server, string password)
    {
        var connection = await LineConnection.OpenAsync(server.Address, server.Imap);
        Assert.StartsWith("* OK", await connection.LineAsync(), StringComparison.Ordinal);
        await OkAsync(connection, $"LOGIN {Lisi} {password}");
        return connection;
    }

    private static async Task OkAsync(LineConnection connection, string command) =>
        Assert.StartsWith("OK", await connection.TaggedAsync(command), StringComparison.Ordinal);

    private static Task AppendAsync(LineConnection connection)
    {
        const string Text = "Subject: news\r\n\r\nHello.\r\n";
        return OkAsync(connection, string.Create(CultureInfo.InvariantCulture, $"APPEND INBOX {{{Text.Length}+}}\r\n{Text}"));
    }

    /// <summary>How long until the line came. Lines about other things (FLAGS, RECENT) pass.</summary>
    private static async Task<TimeSpan> HearAsync(LineConnection idler, string news)
    {
        var watch = Stopwatch.StartNew();
        while (!(await idler.LineAsync()).StartsWith(news, StringComparison.Ordinal))
            Assert.True(watch.Elapsed < HalfAMinute, $"{news} was not heard in time");
        Assert.True(watch.Elapsed < HalfAMinute, $"{news} came after {watch.Elapsed}");
        return watch.Elapsed;
    }

    private static async Task<long> RunAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(Ct), CultureInfo.InvariantCulture);
    }
}
