using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;

namespace Webmail.EndToEnd.Durability;

/// <summary>Messages of 50 MiB, the most that is taken: ten at once go in and out without passing through memory whole, and one octet more is refused at every door.</summary>
[Collection("durability")]
public sealed class LargeMessagesTests(ITestOutputHelper output)
{
    private const int Limit = 50 * 1024 * 1024;
    private const int AtOnce = 10;
    private const string Lisi = "lisi@example.test";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_at_once_come_in_and_go_out_in_bounded_memory()
    {
        await using var server = await ServerProcess.StartAsync();
        // What every first use costs (compiled code, pools) is not the messages'.
        await DeliverAsync(server, 99, 1024 * 1024);
        await FetchAsync(server, 1);

        var coming = await GrowthAsync(server, () => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(n => DeliverAsync(server, n, Limit))));
        var going = await GrowthAsync(server, () => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(n => FetchAsync(server, n + 2))));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Ten messages of 50 MiB: memory grew by {coming} MiB as they came in, by {going} MiB as they were fetched"));

        // Whole messages would be 500 MiB at least. A piece is 1 MiB, and leaves its garbage until the next full collection.
        Assert.InRange(coming, 0, 250);
        Assert.InRange(going, 0, 250);
    }

    [Fact]
    public async Task One_octet_too_many_is_refused_at_every_door()
    {
        await using var server = await ServerProcess.StartAsync();
        await SmtpRefusesAsync(server, server.Smtp, "EHLO load.test", "250");
        await SmtpRefusesAsync(server, server.Lmtp, "LHLO load.test", "250");
        await BdatIsRefusedAsync(server);
        await AppendIsRefusedAsync(server);
        await RestIsRefusedAsync(server);
        Assert.Equal("OK", (await SelectAsync(server, []))[..2]);
        var lines = new List<string>();
        await SelectAsync(server, lines);
        Assert.Contains("* 0 EXISTS", lines);
    }

    /// <summary>By its announced size at MAIL, and by its octets where it announced none.</summary>
    private static async Task SmtpRefusesAsync(ServerProcess server, int port, string hello, string welcome)
    {
        using var connection = await GreetAsync(server, port, hello);
        var extensions = string.Create(CultureInfo.InvariantCulture, $"MAIL FROM:<a@far.test> SIZE={Limit + 1}");
        Assert.StartsWith("552 5.3.4", await connection.ReplyAsync(extensions), StringComparison.Ordinal);
        Assert.StartsWith(welcome, await connection.ReplyAsync("MAIL FROM:<a@far.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await connection.ReplyAsync($"RCPT TO:<{Lisi}>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await connection.ReplyAsync("DATA"), StringComparison.Ordinal);
        await foreach (var piece in Pieces(1, Limit + 1))
            await connection.SendAsync(piece);
        Assert.StartsWith("552 5.3.4", await connection.ReplyAsync("\r\n."), StringComparison.Ordinal);
        Assert.StartsWith("250", await connection.ReplyAsync("NOOP"), StringComparison.Ordinal);
    }

    private static async Task BdatIsRefusedAsync(ServerProcess server)
    {
        using var connection = await GreetAsync(server, server.Smtp, "EHLO load.test");
        Assert.StartsWith("250", await connection.ReplyAsync("MAIL FROM:<a@far.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await connection.ReplyAsync($"RCPT TO:<{Lisi}>"), StringComparison.Ordinal);
        var answer = "";
        foreach (var (size, last) in new[] { (Limit / 2, false), (Limit / 2, false), (1, true) })
        {
            await connection.SendAsync(string.Create(CultureInfo.InvariantCulture, $"BDAT {size}{(last ? " LAST" : "")}\r\n"));
            await foreach (var piece in Pieces(2, size))
                await connection.SendAsync(piece);
            answer = await connection.ReplyAsync();
        }

        Assert.StartsWith("552 5.3.4", answer, StringComparison.Ordinal);
    }

    /// <summary>RFC 7889: [TOOBIG] before the octets are sent; a client that doesn't wait (RFC 7888) is told so too, and goes on or is let go.</summary>
    private static async Task AppendIsRefusedAsync(ServerProcess server)
    {
        using var waits = await LogInAsync(server);
        var reply = await waits.TaggedAsync(string.Create(CultureInfo.InvariantCulture, $"APPEND INBOX {{{Limit + 1}}}"));
        Assert.StartsWith("NO [TOOBIG]", reply, StringComparison.Ordinal);

        using var doesNot = await LogInAsync(server);
        var tag = doesNot.NextTag();
        await doesNot.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{tag} APPEND INBOX {{{Limit + 1}+}}\r\n"));
        string? answer = null;
        try
        {
            await foreach (var piece in Pieces(3, Limit + 1))
                await doesNot.SendAsync(piece);
            await doesNot.SendAsync("\r\n");
            answer = await doesNot.LineAsync();
        }
        catch (IOException)
        {
            // It hung up on so much that it had refused.
        }

        Assert.True(answer is null || answer.Contains("[TOOBIG]", StringComparison.Ordinal), answer);
    }

    private static async Task RestIsRefusedAsync(ServerProcess server)
    {
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(2) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Lisi}:{server.Passwords[Lisi]}")));
        // As base64 in the message it is a third larger than the file.
        var file = new { name = "large.bin", type = "application/octet-stream", content = RandomNumberGenerator.GetBytes(Limit * 3 / 4) };
        using var answer = await http.PostAsJsonAsync("api/v1/send", new { to = new[] { Lisi }, subject = "large", text = "x", files = new[] { file } }, Ct);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    /// <summary>By how many MiB the most that the process held exceeds what it holds before.</summary>
    private static async Task<long> GrowthAsync(ServerProcess server, Func<Task> work)
    {
        // 5 sets the high-water mark back (proc(5)).
        await File.WriteAllTextAsync($"/proc/{server.ProcessId}/clear_refs", "5", Ct);
        var before = await MemoryAsync(server, "VmRSS");
        await work();
        return await MemoryAsync(server, "VmHWM") - before;
    }

    private static async Task<long> MemoryAsync(ServerProcess server, string name)
    {
        var line = (await File.ReadAllLinesAsync($"/proc/{server.ProcessId}/status", Ct)).First(l => l.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    private static async Task DeliverAsync(ServerProcess server, int n, int size)
    {
        using var connection = await GreetAsync(server, server.Smtp, "EHLO load.test");
        Assert.StartsWith("250", await connection.ReplyAsync(string.Create(CultureInfo.InvariantCulture, $"MAIL FROM:<a@far.test> SIZE={size}")), StringComparison.Ordinal);
        Assert.StartsWith("250", await connection.ReplyAsync($"RCPT TO:<{Lisi}>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await connection.ReplyAsync("DATA"), StringComparison.Ordinal);
        await foreach (var piece in Pieces(n, size))
            await connection.SendAsync(piece);
        Assert.StartsWith("250", await connection.ReplyAsync("."), StringComparison.Ordinal);
    }

    /// <summary>The message is one of those sent, behind the fields that the server put in front.</summary>
    private static async Task FetchAsync(ServerProcess server, int uid)
    {
        using var connection = await LogInAsync(server);
        await connection.TaggedAsync("EXAMINE INBOX");
        var tag = connection.NextTag();
        await connection.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{tag} UID FETCH {uid} BODY.PEEK[]\r\n"));
        var line = await connection.LineAsync();
        var size = int.Parse(line.AsSpan(line.LastIndexOf('{') + 1).TrimEnd('}'), CultureInfo.InvariantCulture);
        var n = -1;
        var left = size;
        for (var header = "-"; header.Length > 0; left -= header.Length + 2)
        {
            header = await connection.LineAsync();
            if (header.StartsWith("Subject: ", StringComparison.Ordinal))
                n = int.Parse(header.AsSpan(9), CultureInfo.InvariantCulture);
        }

        var length = left + HeaderOf(n).Length;
        using var sent = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (var piece in Pieces(n, length))
            sent.AppendData(piece.Span);
        using var got = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        got.AppendData(HeaderOf(n));
        for (; left > 0; left -= Math.Min(left, 1024 * 1024))
            got.AppendData(await connection.OctetsAsync(Math.Min(left, 1024 * 1024)));
        Assert.Equal(Convert.ToHexString(sent.GetHashAndReset()), Convert.ToHexString(got.GetHashAndReset()));
        await connection.TaggedLineAsync(tag);
    }

    private static byte[] HeaderOf(int n) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Subject: {n}\r\n\r\n"));

    /// <summary>A message of exactly so many octets, its lines unlike those of any other.</summary>
    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces(int n, int size)
    {
        await Task.Yield();
        if (size < 100)
        {
            yield return new byte[size];
            yield break;
        }

        yield return HeaderOf(n);
        var random = new byte[57 * 16 * 1024];
        new Random(n).NextBytes(random);
        var lines = Encoding.ASCII.GetBytes(Convert.ToBase64String(random, Base64FormattingOptions.InsertLineBreaks) + "\r\n");
        var left = size - HeaderOf(n).Length;
        for (; left > lines.Length; left -= lines.Length)
            yield return lines;
        var rest = lines[..left];
        "\r\n"u8.CopyTo(rest.AsSpan(left - 2));
        if (rest[left - 3] == '\r')
            rest[left - 3] = (byte)'x';
        yield return rest;
    }

    private static async Task<LineConnection> GreetAsync(ServerProcess server, int port, string hello)
    {
        var connection = await LineConnection.OpenAsync(server.Address, port);
        Assert.StartsWith("220", await connection.ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250", await connection.ReplyAsync(hello), StringComparison.Ordinal);
        return connection;
    }

    private static async Task<LineConnection> LogInAsync(ServerProcess server)
    {
        var connection = await LineConnection.OpenAsync(server.Address, server.Imap);
        await connection.LineAsync();
        Assert.StartsWith("OK", await connection.TaggedAsync($"LOGIN {Lisi} {server.Passwords[Lisi]}"), StringComparison.Ordinal);
        return connection;
    }

    private static async Task<string> SelectAsync(ServerProcess server, List<string> lines)
    {
        using var connection = await LogInAsync(server);
        return await connection.TaggedAsync("SELECT INBOX", (line, _) => lines.Add(line));
    }
}
