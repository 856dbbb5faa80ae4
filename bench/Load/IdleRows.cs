using System.Diagnostics;
using System.Globalization;

namespace Webmail.Load;

/// <summary>What idle connections cost, and how soon they hear of new mail.</summary>
internal static class IdleRows
{
    private const int Users = 100;

    public static void Run(Table table, IReadOnlyList<Server> servers, int connections)
    {
        foreach (var tls in new[] { false, true })
        {
            var results = servers.Select(s => Once(s, connections, tls)).ToList();
            table.Head(string.Create(CultureInfo.InvariantCulture, $"{connections} connections in IDLE{(tls ? " over TLS" : "")}, {Users} users"));
            table.Row("memory a connection", [.. results.Select(r => r.Memory)], v => string.Create(CultureInfo.InvariantCulture, $"{v / 1000:0.0} kB"));
            table.Row("to open one", [.. results.Select(r => r.Open)], Table.Milliseconds);
            table.Row("append to EXISTS, median", [.. results.Select(r => Table.Median(r.Push))], Table.Milliseconds);
            table.Row("append to EXISTS, 95 of 100", [.. results.Select(r => r.Push[(int)(r.Push.Count * .95)])], Table.Milliseconds);
        }
    }

    private static (double Memory, double Open, List<double> Push) Once(Server server, int connections, bool tls)
    {
        new ImapClient(server, 1, tls, "INBOX").Dispose();
        Thread.Yield();
        var before = ProcessTree.MemoryBytes(server.Pid);
        var start = Stopwatch.GetTimestamp();
        var idlers = Enumerable.Range(0, connections).Select(n => Idle(server, 1 + n % Users, tls)).ToList();
        var open = Stopwatch.GetElapsedTime(start).TotalSeconds / connections;
        Settle(5);
        var memory = (ProcessTree.MemoryBytes(server.Pid) - before) / (double)connections;
        var push = Push(server, idlers[0]);
        idlers.ForEach(i => i.Raw.Dispose());
        return (memory, open, push);
    }

    private static ImapClient Idle(Server server, int user, bool tls)
    {
        var client = new ImapClient(server, user, tls, "INBOX");
        client.Raw.Send($"{client.NextTag()} IDLE");
        while (!client.Raw.Line().StartsWith('+'))
        {
        }

        return client;
    }

    private static List<double> Push(Server server, ImapClient idler)
    {
        using var writer = new ImapClient(server);
        var times = new List<double>();
        for (var n = 0; n < 50; n++)
        {
            var message = Messages.Make(2_000_000 + n, 1500);
            var start = Stopwatch.GetTimestamp();
            writer.Append("INBOX", message, wait: false);
            while (!idler.Raw.Line().Contains("EXISTS", StringComparison.OrdinalIgnoreCase))
            {
            }

            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        times.Sort();
        return times;
    }

    private static void Settle(int seconds)
    {
        using var never = new ManualResetEventSlim();
        never.Wait(TimeSpan.FromSeconds(seconds));
    }
}
