using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Webmail.EndToEnd.Durability;

namespace Webmail.EndToEnd.Hostile;

/// <summary>Abuse of the doors by which mail comes in and goes out by POP3.</summary>
[Collection(HostileCollection.Name)]
public sealed class MailAbuseTests(HostileServer server, ITestOutputHelper output)
{
    /// <summary>By name, so that no report prints them.</summary>
    private static readonly Dictionary<string, Func<string>> Made = new(StringComparer.Ordinal)
    {
        ["a line of 16 MiB"] = () => new string('x', 16 * 1024 * 1024) + "\r\n",
        ["a path of 16 MiB"] = () => "EHLO a\r\nMAIL FROM:<" + new string('x', 16 * 1024 * 1024) + "\r\n",
        ["a route without end"] = () => "EHLO a\r\nMAIL FROM:<" + string.Concat(Enumerable.Repeat("@a.test,", 1_000)) + ":a@b.test>\r\n",
        ["recipients without end"] = () => "EHLO a\r\nMAIL FROM:<a@b.test>\r\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"RCPT TO:<user{i}@example.test>\r\n")),
        ["parameters without end"] = () => "EHLO a\r\nMAIL FROM:<a@b.test> " + string.Concat(Enumerable.Repeat("SIZE=1 ", 500)) + "\r\n",
        ["a size beyond numbers"] = () => "EHLO a\r\nMAIL FROM:<a@b.test> SIZE=99999999999999999999\r\n",
        ["greetings without end"] = () => string.Concat(Enumerable.Repeat("EHLO a\r\n", 20_000)),
        ["nothing but ends of lines"] = () => string.Concat(Enumerable.Repeat("\r\n", 200_000)),
        ["octets that are no text"] = () => new string('\0', 1_000_000) + "\r\n",
    };

    public static TheoryData<string> Dialogues { get; } = [.. Made.Keys];

    [Theory]
    [MemberData(nameof(Dialogues))]
    public async Task A_dialogue(string what)
    {
        var said = Made[what]();
        var most = await server.WatchAsync(async () =>
        {
            using var connection = await LineConnection.OpenAsync(server.Process.Address, server.Process.Smtp);
            await TalkAsync(connection, said, last: "QUIT\r\n", answer: "221");
        });
        output.WriteLine($"{what}: {most} MiB");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_line_without_end(bool smtp)
    {
        var most = await server.WatchAsync(async () =>
        {
            using var connection = await LineConnection.OpenAsync(server.Process.Address, smtp ? server.Process.Smtp : server.Process.Pop3);
            await connection.LineAsync();
            await server.SendUntilClosedAsync(connection);
        });
        output.WriteLine($"{most} MiB");
    }

    [Theory]
    [InlineData("TOP 1 2147483647\r\n")]
    [InlineData("RETR 99999999999999999999\r\n")]
    [InlineData("USER ann\r\nPASS {0}\r\n")]
    public async Task Pop3(string line)
    {
        var most = await server.WatchAsync(async () =>
        {
            using var connection = await LineConnection.OpenAsync(server.Process.Address, server.Process.Pop3);
            await TalkAsync(connection, string.Format(CultureInfo.InvariantCulture, line, new string('x', 8 * 1024 * 1024)), last: "QUIT\r\n", answer: "+OK");
        });
        output.WriteLine($"{most} MiB");
    }

    /// <summary>Letters that are taken, and cost whoever reads them: nested, made of parts, of fields, of addresses, of parameters.</summary>
    [Fact]
    public async Task Letters_that_are_traps()
    {
        string[] traps =
        [
            string.Concat(Enumerable.Range(0, 10_000).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n")),
            string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\r\n\r\n", 10_000)),
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat("--b\r\n\r\n", 200_000)),
            string.Concat(Enumerable.Range(0, 100_000).Select(i => $"X-{i}: y\r\n")) + "\r\n",
            "To: " + string.Concat(Enumerable.Repeat("a@b.test,\r\n ", 200_000)) + "x@y.test\r\n\r\n",
            "Subject: " + string.Concat(Enumerable.Repeat("=?utf-8?q?", 100_000)) + "\r\n\r\n",
            "To: " + string.Join("\r\n ", Enumerable.Repeat(new string('(', 900), 1_000)) + "\r\n\r\n",
            "Content-Type: text/plain" + string.Concat(Enumerable.Range(0, 50_000).Select(i => $";\r\n name*{i}=x")) + "\r\n\r\n",
            "Content-Type: text/html\r\n\r\n" + string.Concat(Enumerable.Repeat("<div><b>", 100_000)),
        ];
        var most = await server.WatchAsync(async () =>
        {
            using var smtp = await LineConnection.OpenAsync(server.Process.Address, server.Process.Smtp);
            await smtp.ReplyAsync();
            await smtp.ReplyAsync("EHLO a.test");
            var taken = 0;
            foreach (var trap in traps)
            {
                await smtp.ReplyAsync("MAIL FROM:<bea@example.net>");
                await smtp.ReplyAsync("RCPT TO:<ann@example.test>");
                await smtp.ReplyAsync("DATA");
                await smtp.SendAsync(trap + "\r\n.\r\n");
                var reply = await smtp.ReplyAsync();
                Assert.Matches("^(250|5..) ", reply);
                taken += reply.StartsWith("250", StringComparison.Ordinal) ? 1 : 0;
            }

            Assert.True(taken > 4);
            using var imap = await server.LoginAsync("INBOX");
            Assert.StartsWith("OK", await imap.TaggedAsync($"FETCH 31:{30 + taken} (ENVELOPE BODYSTRUCTURE BODY.PEEK[1.1.1] PREVIEW)"), StringComparison.Ordinal);
            Assert.StartsWith("OK", await imap.TaggedAsync("SEARCH TEXT nowhere FROM nobody"), StringComparison.Ordinal);
            Assert.StartsWith("OK", await imap.TaggedAsync("THREAD REFERENCES UTF-8 ALL"), StringComparison.Ordinal);
            Assert.StartsWith("OK", await imap.TaggedAsync($"STORE 31:{30 + taken} +FLAGS.SILENT (\\Deleted)"), StringComparison.Ordinal);
            Assert.StartsWith("OK", await imap.TaggedAsync("EXPUNGE"), StringComparison.Ordinal);
        });
        output.WriteLine($"{most} MiB");
    }

    /// <summary>Sends all and a farewell, and reads until the farewell's answer or the end.</summary>
    private static async Task TalkAsync(LineConnection connection, string said, string last, string answer)
    {
        try
        {
            await connection.LineAsync();
            var sending = connection.SendAsync(Encoding.Latin1.GetBytes(said + (said.EndsWith('\n') ? last : "")));
            string line;
            do
            {
                line = await connection.LineAsync();
            }
            while (!line.StartsWith(answer, StringComparison.Ordinal));
            await sending;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Closed.
        }
    }
}
