using System.Net;
using System.Text;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Webmail.Protocols.Tests.Pop3;

/// <summary>What a transcript can't say: large bodies, flags, many messages, users that go away.</summary>
public sealed class Pop3SessionTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task ALargeMessageComesInPiecesAndWhole()
    {
        await using var world = await MailWorld.StartAsync(postgres);
        await world.AddAccountAsync("ann");
        var message = Large(3 * 1024 * 1024);
        await world.AppendAsync("ann", "INBOX", message);
        await using var client = await Pop3Client.LoginAsync(world, "ann");
        await client.SendAsync("RETR 1");
        Assert.Equal($"+OK {message.Length} octets", await client.LineAsync());
        Assert.Equal(Encoding.Latin1.GetString(message), await client.MultiLineAsync());
        await client.SendAsync("TOP 1 1");
        Assert.Equal("+OK The top follows", await client.LineAsync());
        Assert.StartsWith("Subject: large\r\n\r\n.line 0 ", await client.MultiLineAsync(), StringComparison.Ordinal);
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task ManyPipelinedRetrievalsComeInOrder()
    {
        await using var world = await MailWorld.StartAsync(postgres);
        await world.AddAccountAsync("ann");
        for (var i = 1; i <= 150; i++)
            await world.AppendAsync("ann", "INBOX", MailWorld.SimpleMessage(i));
        await using var client = await Pop3Client.LoginAsync(world, "ann");
        await client.SendAsync(string.Join("\r\n", Enumerable.Range(1, 150).SelectMany(i => (string[])[$"RETR {i}", $"DELE {i}"])) + "\r\nRETR 150\r\nQUIT");
        for (var i = 1; i <= 150; i++)
        {
            Assert.StartsWith("+OK", await client.LineAsync(), StringComparison.Ordinal);
            Assert.Equal(Encoding.ASCII.GetString(MailWorld.SimpleMessage(i)), await client.MultiLineAsync());
            Assert.StartsWith("+OK", await client.LineAsync(), StringComparison.Ordinal);
        }

        Assert.Equal("-ERR No such message", await client.LineAsync());
        Assert.Equal("+OK Bye, 150 messages removed", await client.LineAsync());
        Assert.Equal(0, (await world.MailboxAsync("ann", "INBOX")).Messages);
        Assert.Empty(world.Errors.All);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RetrMakesSeenAndTopDoesNot(bool quits)
    {
        await using var world = await MailWorld.StartAsync(postgres);
        await world.AddAccountAsync("ann");
        for (var i = 1; i <= 3; i++)
            await world.AppendAsync("ann", "INBOX", MailWorld.SimpleMessage(i));
        await using (var client = await Pop3Client.LoginAsync(world, "ann"))
        {
            await client.SendAsync("RETR 2\r\nTOP 3 9" + (quits ? "\r\nQUIT" : ""));
            await client.LineAsync();
            await client.MultiLineAsync();
            await client.LineAsync();
            await client.MultiLineAsync();
            if (quits)
                Assert.Equal("+OK Bye", await client.LineAsync());
        }

        var mail = await world.MailAsync("ann");
        var box = await mail.Messages.OpenAsync((await world.MailboxAsync("ann", "INBOX")).Id, CancellationToken.None);
        Assert.Equal([false, true, false], Enumerable.Range(0, 3).Select(i => box[i].Flags.Has(FlagSet.Seen)));
    }

    [Theory]
    [InlineData("disabled")]
    [InlineData("removed")]
    [InlineData("password")]
    public async Task ASessionEndsWithTheUsersRightToIt(string what)
    {
        await using var world = await MailWorld.StartAsync(postgres);
        await world.AddAccountAsync("root", administrator: true);
        await world.AddAccountAsync("ann");
        await world.AppendAsync("ann", "INBOX", MailWorld.SimpleMessage(1));
        await using var idle = await Pop3Client.LoginAsync(world, "ann");
        var users = world.Services.GetRequiredService<UserAdmin>();
        await (what switch
        {
            "disabled" => users.SetDisabledAsync(Principal.LocalConsole, "ann@example.test", true, CancellationToken.None),
            "removed" => users.RemoveAsync(Principal.LocalConsole, "ann@example.test", CancellationToken.None),
            _ => users.SetPasswordAsync(Principal.LocalConsole, "ann@example.test", "other-word", CancellationToken.None),
        });

        // It says nothing more, and nothing is asked of it: the connection just ends.
        Assert.Null(await idle.LineAsync());
        Assert.Empty(world.Errors.All);
    }

    private static byte[] Large(int size)
    {
        var text = new StringBuilder("Subject: large\r\n\r\n", size + 200);
        for (var i = 0; text.Length < size; i++)
            text.Append(i % 3 == 0 ? "." : "").Append("line ").Append(i).Append(' ').Append('x', i % 150).Append("\r\n");
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private sealed class Pop3Client : IAsyncDisposable
    {
        private readonly PipePair _pair;
        private readonly Task _server;
        private readonly StreamReader _reader;

        private Pop3Client(PipePair pair, Task server)
        {
            _pair = pair;
            _server = server;
            _reader = new(pair.Client, Encoding.Latin1);
        }

        public static async Task<Pop3Client> LoginAsync(MailWorld world, string name)
        {
            var pair = new PipePair(new IPEndPoint(IPAddress.Loopback, 40000), implicitTls: false, "test");
            var client = new Pop3Client(pair, world.Handler("pop3").RunAsync(pair.Server));
            await client.SendAsync($"USER {name}@example.test\r\nPASS pass-word");
            for (var i = 0; i < 3; i++)
                Assert.StartsWith("+OK", await client.LineAsync(), StringComparison.Ordinal);
            return client;
        }

        public async Task SendAsync(string line) => await _pair.Client.WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"));

        public Task<string?> LineAsync() => _reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20));

        /// <summary>The lines up to the dot, dots taken off.</summary>
        public async Task<string> MultiLineAsync()
        {
            var text = new StringBuilder();
            while (await LineAsync() is var line && line != ".")
                text.Append(line!.StartsWith('.') ? line[1..] : line).Append("\r\n");
            return text.ToString();
        }

        public async ValueTask DisposeAsync()
        {
            await _pair.Client.DisposeAsync();
            await _server.WaitAsync(TimeSpan.FromSeconds(20));
            _pair.Dispose();
        }
    }
}
