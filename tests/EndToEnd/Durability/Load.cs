using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Webmail.EndToEnd.Durability;

/// <summary>
/// Clients that send letters without a pause, each one again and again until it is acknowledged, and write down what they were told. They go on over
/// every outage and end when asked, none with a letter in hand.
/// </summary>
internal sealed partial class Load(ServerProcess server, Ledger ledger, CancellationToken enough)
{
    private const string Lisi = "lisi@example.test";
    private const string Wangwu = "wangwu@example.test";
    private const string Admin = "admin@example.test";
    private const string Stranger = "stranger@far.test";

    /// <summary>The mailbox that APPEND fills.</summary>
    private const string Kept = "Archive";

    /// <summary>What each client sends before it ends by itself.</summary>
    public int LettersOfEach { get; init; } = int.MaxValue;

    /// <summary>Goes into the letters' names, for several loads on one server.</summary>
    public string Name { get; init; } = "";

    /// <summary>Every place that is a mailbox, with the header fields that the server itself puts in front there.</summary>
    public static IReadOnlyList<(string Address, string Mailbox, string[] Added)> Mailboxes { get; } =
    [
        (Lisi, "INBOX", ["Return-Path", "Received"]),
        (Wangwu, "INBOX", ["Return-Path", "Received"]),
        (Admin, Kept, []),
    ];

    /// <summary>Mail from outside for one or both users.</summary>
    public Task DeliverAsync(int client) => RepeatAsync(
        server.Smtp,
        GreetAsync,
        n => Begin("s", client, n, Stranger, n % 3 == 0 ? [Lisi, Wangwu] : [n % 2 == 0 ? Lisi : Wangwu]),
        (connection, sent) => SendAsync(connection, sent, Stranger));

    /// <summary>Mail of lisi to somebody outside, now and then with a copy for a neighbour.</summary>
    public Task SubmitAsync(int client) => RepeatAsync(
        server.Submission,
        LogInAsync,
        n => Begin("q", client, n, Lisi, n % 5 == 0 ? [FarAddress(client, n), Wangwu] : [FarAddress(client, n)]),
        (connection, sent) => SendAsync(connection, sent, Lisi));

    /// <summary>Messages that an IMAP client keeps.</summary>
    public Task AppendAsync(int client) => RepeatAsync(
        server.Imap,
        async connection => (await connection.LineAsync()).StartsWith("* OK", StringComparison.Ordinal)
            && Agrees(await connection.TaggedAsync($"LOGIN {Admin} {server.Passwords[Admin]}")),
        n => Begin("a", client, n, Admin, [Admin]),
        AppendAsync);

    /// <summary>A POP3 session of somebody who has mail.</summary>
    public async Task<LineConnection> OpenMaildropAsync()
    {
        var connection = await LineConnection.OpenAsync(server.Address, server.Pop3);
        await connection.LineAsync();
        Assert.StartsWith("+OK", await AskAsync(connection, $"USER {Wangwu}"), StringComparison.Ordinal);
        Assert.StartsWith("+OK", await AskAsync(connection, $"PASS {server.Passwords[Wangwu]}"), StringComparison.Ordinal);
        return connection;
    }

    /// <summary>Reads one message by POP3 over and over: an outage is no error of the client's, so however many commands it costs, the session goes on after it.</summary>
    public async Task RetrieveAsync(LineConnection connection)
    {
        for (var isLast = false; !isLast;)
        {
            isLast = enough.IsCancellationRequested;
            isLast &= await RetrieveAsync(connection, times: 10);
            await Task.Delay(50, CancellationToken.None);
        }

        Pop3Accepts(await AskAsync(connection, "QUIT"));
    }

    private static async Task<string> AskAsync(LineConnection connection, string line)
    {
        await connection.SendAsync(line + "\r\n");
        return await connection.LineAsync();
    }

    /// <summary>Pipelined. True: all came.</summary>
    private async Task<bool> RetrieveAsync(LineConnection connection, int times)
    {
        var came = 0;
        await connection.SendAsync(string.Concat(Enumerable.Repeat("RETR 1\r\n", times)));
        for (var i = 0; i < times; i++)
        {
            if (!Pop3Accepts(await connection.LineAsync()))
                continue;
            came++;
            while (await connection.LineAsync() != ".")
            {
            }
        }

        return came == times;
    }

    private bool Pop3Accepts(string reply)
    {
        if (reply.StartsWith("+OK", StringComparison.Ordinal))
            return true;
        ledger.Refused(reply, mayBeTried: reply.StartsWith("-ERR [SYS/TEMP]", StringComparison.Ordinal));
        return false;
    }

    private string FarAddress(int client, int n) => string.Create(CultureInfo.InvariantCulture, $"q{Name}{client}n{n}@far.test");

    private Sent Begin(string kind, int client, int n, string from, string[] to)
    {
        // One in thirty goes the way of large messages: through a spool file, in chunks of its own.
        var size = n % 30 == 7 ? 400_000 + (n * 1_000) : 500 + (n * 37 % 6_000);
        var letter = Letter.Write(string.Create(CultureInfo.InvariantCulture, $"{kind}{Name}{client}n{n}"), from, to[0], size);
        return ledger.Begin(letter, to, [.. to.Select(a => a.EndsWith("@far.test", StringComparison.Ordinal) ? Ledger.Far : $"{a}/{(kind == "a" ? Kept : "INBOX")}")]);
    }

    /// <param name="greet">Makes a new connection ready; false: not now.</param>
    /// <param name="send">One try; false: try again.</param>
    private async Task RepeatAsync(
        int port, Func<LineConnection, Task<bool>> greet, Func<int, Sent> begin, Func<LineConnection, Sent, Task<bool>> send)
    {
        await Task.Yield();
        Sent? inHand = null;
        for (var n = 0; inHand is not null || IsWanted(n);)
        {
            try
            {
                using var connection = await LineConnection.OpenAsync(server.Address, port);
                var isReady = await greet(connection);
                while (isReady && (inHand is not null || IsWanted(n)))
                {
                    inHand ??= begin(n++);
                    if (await send(connection, inHand))
                        inHand = null;
                    else
                        await Task.Delay(50, CancellationToken.None);
                }

                if (!isReady)
                    await Task.Delay(50, CancellationToken.None);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                if (e is not SocketException { SocketErrorCode: SocketError.ConnectionRefused })
                    ledger.Cut($"{port} {e.Message}");
                await Task.Delay(50, CancellationToken.None);
            }
            catch (TimeoutException e)
            {
                ledger.Blame($"{inHand?.Letter.Id}: {e.Message}");
                return;
            }
        }
    }

    private bool IsWanted(int n) => n < LettersOfEach && !enough.IsCancellationRequested;

    private async Task<bool> GreetAsync(LineConnection connection) =>
        Accepts(await connection.ReplyAsync()) && Accepts(await connection.ReplyAsync("EHLO load.test"));

    private async Task<bool> LogInAsync(LineConnection connection)
    {
        var login = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{Lisi}\0{server.Passwords[Lisi]}"));
        return await GreetAsync(connection) && Accepts(await connection.ReplyAsync("AUTH PLAIN " + login));
    }

    private async Task<bool> SendAsync(LineConnection connection, Sent sent, string from)
    {
        var accepted = Accepts(await connection.ReplyAsync($"MAIL FROM:<{from}>"));
        foreach (var to in sent.To)
            accepted = accepted && Accepts(await connection.ReplyAsync($"RCPT TO:<{to}>"));
        if (!accepted || !Accepts(await connection.ReplyAsync("DATA")))
        {
            Accepts(await connection.ReplyAsync("RSET"));
            return false;
        }

        // Until its last octets are on their way nothing can have been stored.
        var octets = sent.Letter.Stuffed();
        await connection.SendAsync(octets.AsMemory(..^3));
        sent.Doubts++;
        await connection.SendAsync(octets.AsMemory(^3..));
        return Accepts(await connection.ReplyAsync()) && Acknowledge(sent);
    }

    // Alternately by a literal that waits and by one that doesn't (RFC 7888).
    private async Task<bool> AppendAsync(LineConnection connection, Sent sent)
    {
        var octets = sent.Letter.Octets;
        var waits = octets.Length % 2 == 0;
        var tag = connection.NextTag();
        await connection.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{tag} APPEND {Kept} (\\Seen) {{{octets.Length}{(waits ? "" : "+")}}}\r\n"));
        if (waits && await connection.LineAsync() is var answer && !answer.StartsWith('+'))
            return Agrees(answer[(tag.Length + 1)..]);
        await connection.SendAsync(octets);
        sent.Doubts++;
        await connection.SendAsync("\r\n");
        var reply = await connection.TaggedLineAsync(tag);
        if (!Agrees(reply))
            return false;
        var uid = AppendUid().Match(reply);
        sent.Uid = (long.Parse(uid.Groups["validity"].Value, CultureInfo.InvariantCulture), long.Parse(uid.Groups["uid"].Value, CultureInfo.InvariantCulture));
        return Acknowledge(sent);
    }

    private bool Acknowledge(Sent sent)
    {
        sent.Doubts--;
        ledger.Acknowledge(sent);
        return true;
    }

    private bool Accepts(string reply)
    {
        if (reply[0] is '2' or '3')
            return true;
        ledger.Refused(reply, mayBeTried: reply[0] == '4');
        return false;
    }

    private bool Agrees(string reply)
    {
        if (reply.StartsWith("OK", StringComparison.Ordinal))
            return true;
        ledger.Refused(reply, mayBeTried: reply.StartsWith("NO", StringComparison.Ordinal));
        return false;
    }

    [GeneratedRegex(@"\[APPENDUID (?<validity>\d+) (?<uid>\d+)\]", RegexOptions.None, 1000)]
    private static partial Regex AppendUid();
}
