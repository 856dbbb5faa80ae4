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
        table.Run("RETR × 1000", Open, (_, c) =>
        {
            for (var n = 1; n <= 1000; n++)
                Many(c, string.Create(CultureInfo.InvariantCulture, $"RETR {n}"));
        });
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

    private static void Pipelined(RawClient client)
    {
        var count = int.Parse(One(client, "STAT").Split(' ')[1], CultureInfo.InvariantCulture);
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
