using System.Diagnostics;
using System.Globalization;

namespace Webmail.Load;

/// <summary>What idle connections cost, and how soon they hear of new mail.</summary>
internal static class IdleRows
{
    private const int Users = 100;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    public static void Run(Table table, IReadOnlyList<Server> servers, int connections)
    {
        foreach (var tls in new[] { false, true })
        {
            var results = servers.Select(s => Once(s, connections, tls)).ToList();
            table.Head(string.Create(CultureInfo.InvariantCulture, $"{connections} connections in IDLE{(tls ? " over TLS" : "")}, {Users} users"));
            table.Row("memory a connection", Better.Less, [.. results.Select(r => r.Memory)], v => string.Create(CultureInfo.InvariantCulture, $"{v / 1000:0.0} kB"), []);
            table.Row("to open one", Better.Less, [.. results.Select(r => r.Open)], Table.Milliseconds, [.. results.Select(r => Table.Milliseconds(r.Cpu))]);
            table.Row("append to EXISTS, median", Better.Less, [.. results.Select(r => Table.Median(r.Push))], Table.Milliseconds, []);
            table.Row("append to EXISTS, 95 of 100", Better.Less, [.. results.Select(r => r.Push[(int)(r.Push.Count * .95)])], Table.Milliseconds, []);
        }
    }

    private readonly record struct Outcome(double Memory, double Open, double Cpu, List<double> Push);

    private static Outcome Once(Server server, int connections, bool tls)
    {
        for (var n = 0; n < Users; n++)
            new ImapClient(server, 1 + n, tls, "INBOX").Dispose();
        Pause.For(Settle);
        var before = ProcessTree.MemoryBytes(server.Roots);
        var cpu = ProcessTree.CpuSeconds(server.Roots);
        var start = Stopwatch.GetTimestamp();
        var idlers = Enumerable.Range(0, connections).Select(n => Idle(server, 1 + n % Users, tls)).ToList();
        var open = Stopwatch.GetElapsedTime(start).TotalSeconds / connections;
        cpu = (ProcessTree.CpuSeconds(server.Roots) - cpu) / connections;
        Pause.For(Settle);
        var memory = (ProcessTree.MemoryBytes(server.Roots) - before) / (double)connections;
        var push = Push(server, idlers[0]);
        idlers.ForEach(i => i.Raw.Dispose());
        return new(memory, open, cpu, push);
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
}
