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
        Command(table, "STATUS", null, "STATUS INBOX (MESSAGES UNSEEN UIDNEXT)");
        Command(table, "SELECT", null, "SELECT INBOX");
        Command(table, "FETCH 1:* FLAGS", "INBOX", "FETCH 1:* (FLAGS)");
        Command(table, "FETCH 1:* envelope and structure", "INBOX", "FETCH 1:* (UID RFC822.SIZE ENVELOPE BODYSTRUCTURE)");
        Command(table, "FETCH 1:* five header fields", "INBOX", "FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE REFERENCES)])");
        Command(table, "FETCH 1:* whole messages", "INBOX", "FETCH 1:* BODY.PEEK[]");
        Many(table, "FETCH one message × 500", 500, "INBOX", n => $"FETCH {1 + n * 7 % messages} (UID FLAGS BODY.PEEK[])");
        Many(table, "FETCH a page of 50 × 100", 100, "INBOX", n => $"FETCH {1 + n * 97 % (messages - 50)}:{51 + n * 97 % (messages - 50)} (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)");
        Command(table, "SEARCH TEXT", "INBOX", $"SEARCH TEXT {Messages.RareWord}");
        Command(table, "SEARCH BODY", "INBOX", $"SEARCH BODY {Messages.RareWord}");
        Command(table, "SEARCH SUBJECT", "INBOX", "SEARCH SUBJECT bazo");
        Command(table, "SEARCH UNSEEN SINCE", "INBOX", "SEARCH UNSEEN SINCE 1-Jan-2024");
        Prepared(table, "STORE 1:* +FLAGS", c => c.Do("STORE 1:* -FLAGS.SILENT (\\Seen)"), c => c.Do("STORE 1:* +FLAGS (\\Seen)"));
        Many(table, "STORE one × 500", 500, "INBOX", n => $"STORE {1 + n * 7 % messages} +FLAGS (\\Flagged)");
        Prepared(table, "COPY 1:*", c => Fresh(c, "LoadCopy"), c => c.Do("COPY 1:* LoadCopy"));
        Prepared(table, "EXPUNGE all", Doomed, c => c.Do("EXPUNGE"));
        Appends(table);
    }

    private static void Appends(Table table)
    {
        var batch = Enumerable.Range(0, 200).Select(n => Messages.Make(n + 1_000_000)).ToList();
        Prepared(table, "APPEND × 200, one by one", c => Fresh(c, "LoadAppend"), c => batch.ForEach(m => c.Append("LoadAppend", m, wait: true)));
        Prepared(table, "APPEND × 200 with LITERAL+", c => Fresh(c, "LoadAppend"), c => batch.ForEach(m => c.Append("LoadAppend", m, wait: false)));
    }

    private static void Command(Table table, string name, string? select, string command) =>
        table.Run(name, s => new ImapClient(s, select: select), (_, c) => c.Do(command));

    private static void Many(Table table, string name, int count, string select, Func<int, string> command) =>
        table.Run(name, s => new ImapClient(s, select: select), (_, c) =>
        {
            for (var n = 0; n < count; n++)
                c.Do(command(n));
        });

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
