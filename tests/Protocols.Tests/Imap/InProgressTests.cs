using Npgsql;
using Webmail.Testing;

namespace Webmail.Protocols.Tests.Imap;

/// <summary>INPROGRESS (RFC 9585): a command that takes long says so, and the answer comes all the same.</summary>
public sealed class InProgressTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task ACommandThatWaitsSaysThatItGoesOn()
    {
        await using var world = await MailWorld.StartAsync(postgres, static s => s with { Limits = s.Limits with { ImapProgressSeconds = 1 } });
        await world.AddAccountAsync("ann");
        await world.AppendAsync("ann", "INBOX", MailWorld.SimpleMessage(1));
        await using var client = new LineClient(world, "imap");
        await client.SendAsync("a LOGIN ann@example.test pass-word");
        await UntilAsync(client, "a OK");
        await client.SendAsync("b SELECT INBOX");
        await UntilAsync(client, "b OK");

        // Somebody holds the account.
        await using var connection = new NpgsqlConnection(world.Settings.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("select from mail.account_state for update", connection, transaction))
            await command.ExecuteNonQueryAsync();
        await client.SendAsync("c1 COPY 1 Trash");
        Assert.Equal("* OK [INPROGRESS (\"c1\" NIL NIL)] Still working", await client.LineAsync());
        Assert.Equal("* OK [INPROGRESS (\"c1\" NIL NIL)] Still working", await client.LineAsync());
        await transaction.RollbackAsync();
        await UntilAsync(client, "c1 OK [COPYUID", "* OK [INPROGRESS ");

        // What is quick says nothing.
        await client.SendAsync("c2 SEARCH TEXT hello");
        Assert.Equal("* SEARCH 1", await client.LineAsync());
        Assert.StartsWith("c2 OK", await client.LineAsync(), StringComparison.Ordinal);
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task ASearchSaysHowFarItIs()
    {
        await using var world = await MailWorld.StartAsync(postgres, static s => s with { Limits = s.Limits with { ImapProgressSeconds = 1 } });
        await world.AddAccountAsync("ann");
        await world.AppendAsync("ann", "INBOX", MailWorld.SimpleMessage(1));
        await using var client = new LineClient(world, "imap");
        await client.SendAsync("a LOGIN ann@example.test pass-word");
        await UntilAsync(client, "a OK");
        await using var connection = new NpgsqlConnection(world.Settings.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("lock table mail.search_text in access exclusive mode", connection, transaction))
            await command.ExecuteNonQueryAsync();
        await client.SendAsync("d1 ESEARCH IN (personal) TEXT hello");
        Assert.Equal("* OK [INPROGRESS (\"d1\" 0 1)] Still working", await client.LineAsync());
        await transaction.RollbackAsync();
        await UntilAsync(client, "d1 OK", "* OK [INPROGRESS ", "* ESEARCH (TAG \"d1\" MAILBOX INBOX ");
        Assert.Empty(world.Errors.All);
    }

    /// <summary>Reads up to a line that begins so; lines before it begin in one of the other ways, where any are given.</summary>
    private static async Task UntilAsync(LineClient client, string last, params string[] others)
    {
        while (await client.LineAsync() is var line && line?.StartsWith(last, StringComparison.Ordinal) != true)
        {
            Assert.NotNull(line);
            if (others.Length > 0)
                Assert.Contains(others, other => line.StartsWith(other, StringComparison.Ordinal));
        }
    }
}
