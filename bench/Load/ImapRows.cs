using System.Globalization;

namespace Webmail.Load;

/// <summary>What one IMAP client waits for, on a mailbox of some thousand messages.</summary>
internal static class ImapRows
{
    public static void Run(Table table, IReadOnlyList<Server> servers, int messages)
    {
        foreach (var server in servers)
        {
            using var client = new ImapClient(server);
            if (client.Count("INBOX") == 0)
                client.Fill("INBOX", messages);
        }

        table.Head(string.Create(CultureInfo.InvariantCulture, $"IMAP, one client, INBOX of {messages} messages of 5 KB"));
        table.Run("login and logout", _ => 0, (s, _) => new ImapClient(s).Dispose());
        Many(table, "NOOP × 2000", 2000, "INBOX", _ => "NOOP");
        Many(table, "STATUS × 200", 200, null, _ => "STATUS INBOX (MESSAGES UNSEEN UIDNEXT)");
        Command(table, "SELECT", null, "SELECT INBOX");
        Fetches(table, messages);
        Searches(table);
        Prepared(table, "STORE 1:* +FLAGS", c => c.Do("STORE 1:* -FLAGS.SILENT (\\Seen)"), c => c.Do("STORE 1:* +FLAGS (\\Seen)"));
        Prepared(table, "STORE 1:* -FLAGS.SILENT", c => c.Do("STORE 1:* +FLAGS.SILENT (\\Seen)"), c => c.Do("STORE 1:* -FLAGS.SILENT (\\Seen)"));
        Prepared(table, "STORE one × 500", c => c.Do("STORE 1:* -FLAGS.SILENT (\\Flagged)"), c => Repeat(c, 500, n => $"STORE {Anywhere(n, messages)} +FLAGS (\\Flagged)"));
        Prepared(table, "COPY 1:*", c => Fresh(c, "LoadCopy"), c => c.Do("COPY 1:* LoadCopy"));
        Prepared(table, "EXPUNGE all", Doomed, c => c.Do("EXPUNGE"));
        Appends(table);
    }

    private static void Fetches(Table table, int messages)
    {
        const string list = "UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE";
        Command(table, "FETCH 1:* FLAGS", "INBOX", "FETCH 1:* (FLAGS)");
        Command(table, "FETCH 1:* envelope and structure", "INBOX", "FETCH 1:* (UID RFC822.SIZE ENVELOPE BODYSTRUCTURE)");
        Command(table, "FETCH 1:* five header fields", "INBOX", "FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE REFERENCES)])");
        Command(table, "FETCH 1:* whole messages", "INBOX", "FETCH 1:* BODY.PEEK[]");
        Many(table, "FETCH one message anywhere × 500", 500, "INBOX", n => $"FETCH {Anywhere(n, messages)} (UID FLAGS BODY.PEEK[])");
        Many(table, "FETCH one message after the other × 500", 500, "INBOX", n => $"FETCH {1 + n} (UID FLAGS BODY.PEEK[])");
        Many(table, "FETCH a page of 50 anywhere × 100", 100, "INBOX", n => $"FETCH {Anywhere(n, messages - 50)}:{Anywhere(n, messages - 50) + 49} ({list})");
    }

    private static void Searches(Table table)
    {
        Command(table, "SEARCH TEXT", "INBOX", $"SEARCH TEXT {Messages.RareWord}");
        Command(table, "SEARCH BODY", "INBOX", $"SEARCH BODY {Messages.RareWord}");
        Command(table, "SEARCH SUBJECT", "INBOX", "SEARCH SUBJECT bazo");
        Command(table, "SEARCH FROM", "INBOX", "SEARCH FROM \"p17@\"");
        Command(table, "SEARCH UNSEEN SINCE", "INBOX", "SEARCH UNSEEN SINCE 1-Jan-2024");
        Command(table, "SORT REVERSE DATE", "INBOX", "SORT (REVERSE DATE) UTF-8 ALL");
        Command(table, "SORT SUBJECT", "INBOX", "SORT (SUBJECT) UTF-8 ALL");
        Command(table, "THREAD REFERENCES", "INBOX", "THREAD REFERENCES UTF-8 ALL");
    }

    private static void Appends(Table table)
    {
        var batch = Enumerable.Range(0, 200).Select(n => Messages.Make(n + 1_000_000)).ToList();
        Prepared(table, "APPEND × 200, one by one", c => Fresh(c, "LoadAppend"), c => batch.ForEach(m => c.Append("LoadAppend", m, wait: true)));
        Prepared(table, "APPEND × 200 with LITERAL+", c => Fresh(c, "LoadAppend"), c => batch.ForEach(m => c.Append("LoadAppend", m, wait: false)));
        Prepared(table, "MULTIAPPEND of 200", c => Fresh(c, "LoadAppend"), c => c.AppendAll("LoadAppend", batch));
    }

    /// <summary>Message numbers all over the mailbox, none twice for as long as there are others.</summary>
    private static int Anywhere(int n, int messages) => 1 + (int)(n * 7919L % messages);

    private static void Command(Table table, string name, string? select, string command) =>
        table.Run(name, s => new ImapClient(s, select: select), (_, c) => c.Do(command));

    private static void Many(Table table, string name, int count, string? select, Func<int, string> command) =>
        table.Run(name, s => new ImapClient(s, select: select), (_, c) => Repeat(c, count, command));

    private static void Repeat(ImapClient client, int count, Func<int, string> command)
    {
        for (var n = 0; n < count; n++)
            client.Do(command(n));
    }

    private static void Prepared(Table table, string name, Action<ImapClient> prepare, Action<ImapClient> act) =>
        table.Run(
            name,
            s =>
            {
                var client = new ImapClient(s, select: "INBOX");
                prepare(client);
                return client;
            },
            (_, c) => act(c));

    private static void Fresh(ImapClient client, string mailbox)
    {
        client.Try($"DELETE {mailbox}");
        client.Do($"CREATE {mailbox}");
    }

    private static void Doomed(ImapClient client)
    {
        Fresh(client, "LoadCopy");
        client.Do("COPY 1:* LoadCopy");
        client.Do("SELECT LoadCopy");
        client.Do("STORE 1:* +FLAGS.SILENT (\\Deleted)");
    }
}
