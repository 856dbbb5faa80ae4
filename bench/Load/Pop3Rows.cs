using System.Globalization;

namespace Webmail.Load;

/// <summary>What one POP3 client waits for, on the mailbox that the IMAP rows have filled.</summary>
internal static class Pop3Rows
{
    public static void Run(Table table)
    {
        table.Head("POP3, one client, the same INBOX");
        table.Run("login, STAT and QUIT", _ => 0, (s, _) => Open(s).Dispose());
        table.Run("UIDL", Open, (_, c) => Many(c, "UIDL"));
        table.Run("LIST", Open, (_, c) => Many(c, "LIST"));
        table.Run("NOOP × 2000", Open, (_, c) => Each(2000, _ => One(c, "NOOP")));
        table.Run("TOP 0 × 1000", Open, (_, c) => Each(1000, n => Many(c, $"TOP {n} 0")));
        table.Run("RETR × 1000", Open, (_, c) => Each(1000, n => Many(c, $"RETR {n}")));
        table.Run("RETR of all", Open, (_, c) => Each(Count(c), n => Many(c, $"RETR {n}")));
        table.Run("RETR of all, fifty at once", Open, (_, c) => Pipelined(c));
    }

    private static RawClient Open(Server server)
    {
        var client = new RawClient(server.Host, server.Pop3);
        client.Line();
        One(client, $"USER {server.UserNumber(1)}");
        One(client, $"PASS {server.Password}");
        return client;
    }

    private static string One(RawClient client, string command)
    {
        client.Send(command);
        var line = client.Line();
        return line.StartsWith("+OK", StringComparison.Ordinal) ? line : throw new InvalidOperationException($"{command}: {line}");
    }

    private static void Many(RawClient client, string command)
    {
        One(client, command);
        client.Until(".\r");
    }

    private static int Count(RawClient client) => int.Parse(One(client, "STAT").Split(' ')[1], CultureInfo.InvariantCulture);

    private static void Each(int count, Action<int> command)
    {
        for (var n = 1; n <= count; n++)
            command(n);
    }

    private static void Pipelined(RawClient client)
    {
        var count = Count(client);
        for (var first = 1; first <= count; first += 50)
        {
            var batch = Enumerable.Range(first, Math.Min(50, count - first + 1)).ToList();
            client.Send(string.Join("\r\n", batch.Select(n => string.Create(CultureInfo.InvariantCulture, $"RETR {n}"))));
            foreach (var _ in batch)
            {
                client.Line();
                client.Until(".\r");
            }
        }
    }
}
