using System.Globalization;

namespace Webmail.Load;

/// <summary>What one client waits for on a mailbox of many thousand messages.</summary>
internal static class LargeRows
{
    private const string Mailbox = "Large";

    public static void Run(Table table, IReadOnlyList<Server> servers, int messages)
    {
        foreach (var server in servers)
        {
            using var client = new ImapClient(server);
            client.Try($"CREATE {Mailbox}");
            LargeMailbox.Fill(client, Mailbox, messages);
        }

        table.Head(string.Create(CultureInfo.InvariantCulture, $"IMAP, one client, a mailbox of {messages} messages"));
        table.Run("SELECT", s => new ImapClient(s), (_, c) => c.Do($"SELECT {Mailbox}"));
        Command(table, "UID FETCH 1:* (FLAGS)", "UID FETCH 1:* (FLAGS)");
        Command(table, "FETCH the newest 50", string.Create(
            CultureInfo.InvariantCulture, $"FETCH {Math.Max(1, messages - 49)}:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE PREVIEW)"));
        foreach (var key in new[]
        {
            $"TEXT {LargeMailbox.RareWord}", $"BODY {LargeMailbox.RareWord}", "SUBJECT bazo", "FROM bazo", "HEADER Message-ID m777@", "TEXT nowhere-to-be-found",
            "BODY ba", "BODY e", "TEXT received",
        })
            Command(table, $"SEARCH {key}", $"SEARCH {key}");
        Command(table, "SEARCH TEXT, two Chinese characters", $"SEARCH CHARSET UTF-8 TEXT \"{LargeMailbox.RarePair}\"");
        Command(table, "SEARCH SUBJECT, one Chinese character", "SEARCH CHARSET UTF-8 SUBJECT \"一\"");
        Command(table, "SEARCH UNSEEN SINCE", "SEARCH UNSEEN SINCE 1-Jan-2024");
        Command(table, "SORT by date", "SORT (REVERSE DATE) UTF-8 ALL");
        Command(table, "SORT by arrival", "SORT (REVERSE ARRIVAL) UTF-8 ALL");
        Command(table, "SORT by subject", "SORT (SUBJECT) UTF-8 ALL");
        Command(table, "SORT by sender", "SORT (FROM DATE) UTF-8 ALL");
        Command(table, "THREAD REFERENCES", "THREAD REFERENCES UTF-8 ALL");
        Command(table, "THREAD ORDEREDSUBJECT", "THREAD ORDEREDSUBJECT UTF-8 ALL");
    }

    private static void Command(Table table, string name, string command) =>
        table.Run(name, s => new ImapClient(s, select: Mailbox), (_, c) => c.Do(command));
}
