using System.Diagnostics;
using System.Globalization;

namespace Webmail.Load;

/// <summary>Messages a second from many connections into mailboxes: accepted (the 250), and readable by IMAP.</summary>
internal static class SmtpRows
{
    private const int Users = 20;

    public static void Run(Table table, IReadOnlyList<Server> servers, int messages, int sessions, int runs)
    {
        table.Head(string.Create(CultureInfo.InvariantCulture, $"SMTP, {sessions} connections, {messages} messages of 5 KB to {Users} users (messages a second: more is better)"));
        var accepted = servers.Select(_ => new List<double>()).ToArray();
        var readable = servers.Select(_ => new List<double>()).ToArray();
        for (var run = 0; run < runs; run++)
        {
            for (var s = 0; s < servers.Count; s++)
            {
                var (first, second) = Once(servers[s], messages, sessions);
                accepted[s].Add(messages / first);
                readable[s].Add(messages / second);
            }
        }

        table.Row("accepted", [.. accepted.Select(Table.Median)], Rate);
        table.Row("readable by IMAP", [.. readable.Select(Table.Median)], Rate);
    }

    private static (double Accepted, double Readable) Once(Server server, int messages, int sessions)
    {
        var readers = Enumerable.Range(1, Users).Select(n => new ImapClient(server, n)).ToList();
        var before = readers.Sum(r => r.Count("INBOX"));
        var start = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, sessions).Select(n => new Thread(() => Send(server, n, messages / sessions))).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        var accepted = Stopwatch.GetElapsedTime(start).TotalSeconds;
        while (readers.Sum(r => r.Count("INBOX")) - before < messages / sessions * sessions)
        {
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > 300)
                throw new InvalidOperationException($"{server.Name}: not all that was accepted can be read after 300 s");
            Thread.Yield();
        }

        var readable = Stopwatch.GetElapsedTime(start).TotalSeconds;
        readers.ForEach(r => r.Dispose());
        return (accepted, readable);
    }

    private static void Send(Server server, int session, int count)
    {
        using var client = new RawClient(server.Host, server.Smtp);
        Expect(client, '2');
        client.Send("EHLO load.test");
        Expect(client, '2');
        for (var n = 0; n < count; n++)
        {
            var user = server.UserNumber(1 + (session + n) % Users);
            client.Send($"MAIL FROM:<sender@bench.test>\r\nRCPT TO:<{user}>\r\nDATA");
            Expect(client, '2');
            Expect(client, '2');
            Expect(client, '3');
            client.Send([.. Messages.Make(session * 100_000 + n), .. ".\r\n"u8]);
            Expect(client, '2');
        }

        client.Send("QUIT");
    }

    private static void Expect(RawClient client, char first)
    {
        var line = client.Line();
        while (line.Length > 3 && line[3] == '-')
            line = client.Line();
        if (line[0] != first)
            throw new InvalidOperationException(line);
    }

    private static string Rate(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0}/s");
}
