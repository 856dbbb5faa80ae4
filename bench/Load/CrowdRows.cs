using System.Diagnostics;
using System.Globalization;

namespace Webmail.Load;

/// <summary>A hundred people who search at once, and what others feel of it.</summary>
internal static class CrowdRows
{
    private const int Messages = 500;
    private const string Search = $"SEARCH TEXT {LargeMailbox.RareWord}";

    /// <summary>What someone does meanwhile who doesn't search.</summary>
    private static readonly byte[] Note = Load.Messages.Make(7);

    public static void Run(Table table, IReadOnlyList<Server> servers, int people)
    {
        foreach (var server in servers)
            Parallel.For(1, people + 1, new() { MaxDegreeOfParallelism = 4 }, user => Fill(server, user));
        table.Head(string.Create(CultureInfo.InvariantCulture, $"{people} people with {Messages} messages each search TEXT at once"));
        table.Run("all have their answers", s => new Crowd(s, people), (_, crowd) => crowd.Once());
        Beside(table, servers, people, "APPEND beside them, median", (client, _) => client.Append("INBOX", Note, wait: false));
        Beside(table, servers, people, "a page of 50 beside them, median", (client, n) => client.Do($"FETCH {1 + (n * 31 % (Messages - 50))}:{50 + (n * 31 % (Messages - 50))} (FLAGS ENVELOPE)"));
    }

    private static void Fill(Server server, int user)
    {
        using var client = new ImapClient(server, user);
        LargeMailbox.Fill(client, "INBOX", Messages);
    }

    /// <summary>The last of the people does something over and over while all others search without a pause.</summary>
    private static void Beside(Table table, IReadOnlyList<Server> servers, int people, string name, Action<ImapClient, int> act)
    {
        var medians = servers.Select(server =>
        {
            using var crowd = new Crowd(server, people - 1);
            using var client = new ImapClient(server, people, select: "INBOX");
            var searching = new Thread(crowd.UntilStopped);
            searching.Start();
            var times = new List<double>();
            for (var n = 0; n < 30 * table.Runs; n++)
            {
                var start = Stopwatch.GetTimestamp();
                act(client, n);
                times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            crowd.Stop();
            searching.Join();
            return Table.Median(times);
        }).ToList();
        table.Row(name, Better.Less, medians, Table.Milliseconds, []);
    }

    /// <summary>One connection a person, each on a thread of its own.</summary>
    private sealed class Crowd(Server server, int people) : IDisposable
    {
        private readonly ImapClient[] _clients = [.. Enumerable.Range(1, people).Select(user => new ImapClient(server, user, select: "INBOX"))];

        private volatile bool _isStopped;

        public void Stop() => _isStopped = true;

        public void Once() => ForAll(static client => client.Do(Search));

        public void UntilStopped() => ForAll(client =>
        {
            while (!_isStopped)
                client.Do(Search);
        });

        public void Dispose() => Array.ForEach(_clients, static client => client.Dispose());

        private void ForAll(Action<ImapClient> act)
        {
            var threads = Array.ConvertAll(_clients, client => new Thread(() => act(client)));
            Array.ForEach(threads, static thread => thread.Start());
            Array.ForEach(threads, static thread => thread.Join());
        }
    }
}
