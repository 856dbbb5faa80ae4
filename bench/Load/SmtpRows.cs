using System.Diagnostics;
using System.Globalization;

namespace Webmail.Load;

/// <summary>Messages a second from many connections into mailboxes: accepted (the 250), and readable by IMAP.</summary>
internal static class SmtpRows
{
    private const int Users = 20;

    private readonly record struct Outcome(double Accepted, double Readable, double Cpu);

    public static void Run(Table table, IReadOnlyList<Server> servers, int messages, int sessions)
    {
        var made = Enumerable.Range(0, 500).Select(n => (byte[])[.. Messages.Make(n), .. ".\r\n"u8]).ToList();
        table.Head(string.Create(CultureInfo.InvariantCulture, $"SMTP to mailbox: {sessions} connections, {messages} messages of 5 KB to {Users} users"));
        foreach (var stays in new[] { true, false })
        {
            var outcomes = servers.Select(_ => new List<Outcome>()).ToArray();
            for (var run = -1; run < table.Runs; run++)
            {
                for (var s = 0; s < servers.Count; s++)
                {
                    var outcome = Once(servers[s], made, messages / sessions, sessions, stays);
                    if (run >= 0)
                        outcomes[s].Add(outcome);
                }
            }

            Show(table, stays ? "" : ", a connection a message", outcomes, messages / sessions * sessions);
        }
    }

    private static void Show(Table table, string how, List<Outcome>[] outcomes, int messages)
    {
        double Of(List<Outcome> of, Func<Outcome, double> what) => Table.Median([.. of.Select(what)]);
        var cpu = outcomes.Select(o => Table.Milliseconds(Of(o, x => x.Cpu) / messages) + " each").ToList();
        table.Row("accepted" + how, Better.More, [.. outcomes.Select(o => messages / Of(o, x => x.Accepted))], Table.Rate, []);
        table.Row("readable by IMAP" + how, Better.More, [.. outcomes.Select(o => messages / Of(o, x => x.Readable))], Table.Rate, cpu);
    }

    private static Outcome Once(Server server, List<byte[]> made, int each, int sessions, bool stays)
    {
        var readers = Enumerable.Range(1, Users).Select(n => new ImapClient(server, n)).ToList();
        var before = readers.Sum(r => r.Count("INBOX"));
        var cpu = ProcessTree.CpuSeconds(server.Roots);
        var start = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, sessions).Select(n => new Thread(() => Send(server, made, n, each, stays))).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        var accepted = Stopwatch.GetElapsedTime(start).TotalSeconds;
        while (readers.Sum(r => r.Count("INBOX")) - before < each * sessions)
        {
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > 300)
                throw new InvalidOperationException($"{server.Name}: not all that was accepted can be read after 300 s");
            Pause.For(TimeSpan.FromMilliseconds(20));
        }

        var readable = Stopwatch.GetElapsedTime(start).TotalSeconds;
        cpu = ProcessTree.CpuSeconds(server.Roots) - cpu;
        readers.ForEach(r => r.Dispose());
        return new(accepted, readable, cpu);
    }

    private static void Send(Server server, List<byte[]> made, int session, int count, bool stays)
    {
        var client = Greet(server);
        for (var n = 0; n < count; n++)
        {
            if (n > 0 && !stays)
            {
                Leave(client);
                client = Greet(server);
            }

            var user = server.UserNumber(1 + (session + n) % Users);
            Say(client, "MAIL FROM:<sender@bench.test>", '2');
            Say(client, $"RCPT TO:<{user}>", '2');
            Say(client, "DATA", '3');
            client.Send(made[(session * 37 + n) % made.Count]);
            Expect(client, '2');
        }

        Leave(client);
    }

    private static RawClient Greet(Server server)
    {
        var client = new RawClient(server.Host, server.Smtp);
        Expect(client, '2');
        Say(client, "EHLO load.test", '2');
        return client;
    }

    private static void Leave(RawClient client)
    {
        Say(client, "QUIT", '2');
        client.Dispose();
    }

    private static void Say(RawClient client, string line, char first)
    {
        client.Send(line);
        Expect(client, first);
    }

    private static void Expect(RawClient client, char first)
    {
        var line = client.Line();
        while (line.Length > 3 && line[3] == '-')
            line = client.Line();
        if (line[0] != first)
            throw new InvalidOperationException(line);
    }
}
