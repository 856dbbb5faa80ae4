using System.IO.Compression;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Webmail.EndToEnd.Durability;

namespace Webmail.EndToEnd.Hostile;

/// <summary>What nobody sends who means well. Every line is answered or the connection closed, memory stays, and others are served.</summary>
[Collection(HostileCollection.Name)]
public sealed class ImapAbuseTests(HostileServer server, ITestOutputHelper output)
{
    private static readonly string Deep = new('(', 10_000);

    private static readonly string Sets = string.Join(',', Enumerable.Repeat("1:4294967295,*:*,4294967295:*", 2_000));

    /// <summary>By name, so that no report prints them.</summary>
    private static readonly Dictionary<string, Func<string>> Made = new(StringComparer.Ordinal)
    {
        ["a literal of 4 GiB"] = () => "a APPEND INBOX {4294967295}\r\n",
        ["a literal of 4 GiB that doesn't wait"] = () => "a APPEND INBOX {4294967295+}\r\n",
        ["a literal of more than 64 bits"] = () => "a APPEND INBOX {99999999999999999999}\r\n",
        ["a literal of 4 GiB for a name"] = () => "a LOGIN {4294967295}\r\n",
        ["a literal of 4 GiB in a search"] = () => "a SEARCH TEXT {4294967295}\r\n",
        ["parentheses in FETCH"] = () => $"a FETCH 1 {Deep}\r\n",
        ["parentheses in SEARCH"] = () => $"a SEARCH {Deep}ALL{new string(')', 10_000)}\r\n",
        ["parentheses in LIST"] = () => $"a LIST {Deep}\r\n",
        ["parentheses in STORE"] = () => $"a STORE 1 FLAGS {Deep}\r\n",
        ["NOT in SEARCH"] = () => "a SEARCH " + string.Concat(Enumerable.Repeat("NOT ", 10_000)) + "ALL\r\n",
        ["OR in SEARCH"] = () => "a SEARCH " + string.Concat(Enumerable.Repeat("OR ALL ", 8_000)) + "ALL\r\n",
        ["SEARCH with 10,000 keys"] = () => "a SEARCH " + string.Concat(Enumerable.Repeat("SEEN ", 10_000)) + "ALL\r\n",
        ["SEARCH with 10,000 texts"] = () => "a SEARCH " + string.Concat(Enumerable.Repeat("TEXT x ", 9_000)) + "ALL\r\n",
        ["wide sets in FETCH"] = () => $"a FETCH {Sets} FLAGS\r\n",
        ["wide sets in UID FETCH"] = () => $"a UID FETCH {Sets} (FLAGS)\r\n",
        ["wide sets in STORE"] = () => $"a STORE {Sets} +FLAGS.SILENT (\\Seen)\r\n",
        ["wide sets in SEARCH"] = () => $"a SEARCH UID {Sets}\r\n",
        ["all header fields"] = () => "a FETCH 1:* (BODY.PEEK[HEADER.FIELDS (" + string.Join(' ', Enumerable.Range(0, 9_000).Select(i => "f" + i)) + ")])\r\n",
        ["sections without end"] = () => "a FETCH 1:* BODY.PEEK[" + string.Concat(Enumerable.Repeat("1.", 20_000)) + "1]\r\n",
        ["flags without end"] = () => "a STORE 1 +FLAGS (" + string.Join(' ', Enumerable.Range(0, 9_000).Select(i => "k" + i)) + ")\r\n",
        ["patterns that backtrack"] = () => "a LIST \"\" \"" + string.Concat(Enumerable.Repeat("*%a", 10_000)) + "\"\r\n",
        ["a line of 16 MiB"] = () => new string('x', 16 * 1024 * 1024) + "\r\n",
        ["a quoted string of 16 MiB"] = () => "a LOGIN \"" + new string('x', 16 * 1024 * 1024) + "\r\n",
        ["an endless tag"] = () => new string('a', 100_000) + " NOOP\r\n",
        ["nothing but ends of lines"] = () => string.Concat(Enumerable.Repeat("\r\n", 200_000)),
        ["octets that are no text"] = () => new string('\0', 1_000_000) + "\r\n",
    };

    public static TheoryData<string> Lines { get; } = [.. Made.Keys];

    /// <summary>Two windows on the same account get it: one logged in with a mailbox open, one not.</summary>
    [Theory]
    [MemberData(nameof(Lines))]
    public async Task A_line(string what)
    {
        var line = Made[what]();
        var most = await server.WatchAsync(async () =>
        {
            using var known = await server.LoginAsync("INBOX");
            await AnswerOrEndAsync(known, line);
            using var unknown = await server.ImapAsync();
            await unknown.LineAsync();
            await AnswerOrEndAsync(unknown, line);
        });
        output.WriteLine($"{what}: {most} MiB");
    }

    [Fact]
    public async Task A_line_without_end()
    {
        var most = await server.WatchAsync(async () =>
        {
            using var connection = await server.LoginAsync();
            await connection.SendAsync("a LOGIN \"");
            await server.SendUntilClosedAsync(connection);
        });
        output.WriteLine($"{most} MiB");
    }

    [Fact]
    public async Task A_flood_of_IDLE()
    {
        var most = await server.WatchAsync(async () =>
        {
            using var connection = await server.LoginAsync("INBOX");
            await AnswerOrEndAsync(connection, string.Concat(Enumerable.Range(0, 5_000).Select(i => $"i{i} IDLE\r\nDONE\r\n")) + "a NOOP\r\n");
        });
        output.WriteLine($"{most} MiB");
    }

    [Fact]
    public async Task A_storm_of_COPY()
    {
        var most = await server.WatchAsync(async () =>
        {
            using var connection = await server.LoginAsync();
            await connection.TaggedAsync("CREATE Storm");
            await connection.TaggedAsync("SELECT INBOX");
            await AnswerOrEndAsync(connection, string.Concat(Enumerable.Range(0, 200).Select(i => $"i{i} COPY 1:* Storm\r\n")) + "a NOOP\r\n");
            Assert.StartsWith("OK", await (await server.LoginAsync()).TaggedAsync("DELETE Storm"), StringComparison.Ordinal);
        });
        output.WriteLine($"{most} MiB");
    }

    /// <summary>Asks for 6 GB and takes nothing: what isn't taken isn't made.</summary>
    [Fact]
    public async Task Readers_that_don_t_read()
    {
        var most = await server.WatchAsync(async () =>
        {
            var slow = new List<LineConnection>();
            for (var i = 0; i < 20; i++)
            {
                slow.Add(await server.LoginAsync("INBOX"));
                await slow[i].SendAsync(string.Concat(Enumerable.Range(0, 100).Select(n => $"i{n} FETCH 1:* BODY.PEEK[]\r\n")));
            }

            // Another's whole mailbox comes meanwhile.
            using var quick = await server.LoginAsync("INBOX");
            for (var i = 0; i < 20; i++)
                Assert.StartsWith("OK", await quick.TaggedAsync("FETCH 1:* BODY.PEEK[]"), StringComparison.Ordinal);
            slow.ForEach(s => s.Dispose());
        });
        output.WriteLine($"{most} MiB");
    }

    [Fact]
    public async Task Thousands_of_half_open_logins()
    {
        var most = await server.WatchAsync(async () =>
        {
            var open = new List<LineConnection>();
            for (var i = 0; i < 3_000; i++)
            {
                try
                {
                    var connection = await server.ImapAsync();
                    open.Add(connection);
                    await connection.SendAsync("a LOGIN \"ann");
                }
                catch (Exception e) when (e is IOException or SocketException)
                {
                    // Closed: there are too many of them.
                }
            }

            open.ForEach(s => s.Dispose());
        });
        output.WriteLine($"{most} MiB");
    }

    /// <summary>RFC 4978: a little that becomes much, as one line without end and as commands whose answers nobody takes.</summary>
    [Theory]
    [InlineData("x", 512)]
    [InlineData("a NOOP\r\n", 64)]
    public async Task Compressed_bombs(string piece, int mebibytes)
    {
        var bomb = Compressed(piece, mebibytes);
        var most = await server.WatchAsync(async () =>
        {
            using var connection = await server.LoginAsync();
            Assert.StartsWith("OK", await connection.TaggedAsync("COMPRESS DEFLATE"), StringComparison.Ordinal);
            try
            {
                await connection.SendAsync(bomb).WaitAsync(TimeSpan.FromSeconds(5));
            }
            catch (Exception e) when (e is IOException or TimeoutException)
            {
                // Closed, or it waits until its answers are taken.
            }
        });
        output.WriteLine($"{bomb.Length} octets for {mebibytes} MiB: {most} MiB");
    }

    /// <summary>CVE-2011-0411: what came in plain text behind STARTTLS is not a command under TLS.</summary>
    [Fact]
    public async Task A_command_injected_behind_STARTTLS()
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Process.Address, server.Process.Imap);
        var plain = tcp.GetStream();
        var buffer = new byte[8192];
        Assert.NotEqual(0, await plain.ReadAtLeastAsync(buffer, 1));
        await plain.WriteAsync("a STARTTLS\r\nb CREATE Injected\r\n"u8.ToArray());
        try
        {
            Assert.NotEqual(0, await plain.ReadAtLeastAsync(buffer, 1));
            await using var tls = new SslStream(plain, false, (_, _, _, _) => true);
            await tls.AuthenticateAsClientAsync("mail.example.test");
            await tls.WriteAsync("c NOOP\r\n"u8.ToArray());
            var n = await tls.ReadAsync(buffer);
            Assert.StartsWith("c OK", Encoding.ASCII.GetString(buffer, 0, n), StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // Closed.
        }
    }

    private static byte[] Compressed(string piece, int mebibytes)
    {
        var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(piece, 1024 * 1024 / piece.Length)));
        using var to = new MemoryStream();
        using (var deflate = new DeflateStream(to, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (var i = 0; i < mebibytes; i++)
                deflate.Write(block);
        }

        return to.ToArray();
    }

    /// <summary>Sends, and reads until the tagged answer, a refusal without a tag, a literal's invitation, or the end of the connection.</summary>
    private static async Task AnswerOrEndAsync(LineConnection connection, string what)
    {
        try
        {
            var sending = connection.SendAsync(what);
            while (true)
            {
                var line = await connection.LineAsync();
                if (line.StartsWith("a ", StringComparison.Ordinal) || line.StartsWith("* BAD", StringComparison.Ordinal) || line.StartsWith("* BYE", StringComparison.Ordinal))
                    break;
                Assert.False(line.StartsWith('+') && line.Length > 0 && !line.Contains("idling", StringComparison.Ordinal), "The literal was asked for");
            }

            await sending;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Closed.
        }
    }
}
