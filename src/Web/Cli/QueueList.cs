using System.CommandLine;
using System.Globalization;
using Webmail.MailCore.Admin;

namespace Webmail.Web.Cli;

/// <summary>queue list [--domain NAME] [--search TEXT]</summary>
internal static class QueueList
{
    public static Command Create(Terminal terminal)
    {
        var domain = new Option<string?>("--domain") { Description = "Only messages to this domain" };
        var search = new Option<string?>("--search") { Description = "Part of the sender or of a recipient" };
        var command = new TaughtCommand("list", "Show the messages that wait to be sent, and why", "queue list", "queue list --domain example.net --json") { domain, search };
        Workbench.Run(command, terminal, (bench, line, ct) => RunAsync(bench, line.GetValue(domain), line.GetValue(search), ct));
        return command;
    }

    internal static async Task<int> RunAsync(Workbench bench, string? domain, string? search, CancellationToken ct)
    {
        var entries = new List<QueueEntry>();
        string? after = null;
        do
        {
            var page = await bench.Get<QueueAdmin>().ListAsync(bench.Actor, new QueueQuery { Domain = domain, Search = search, After = after, Limit = 500 }, ct);
            entries.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);
        return await bench.SayAsync(entries, all => all.Count == 0 ? ["The queue is empty."] : all.SelectMany(Lines));
    }

    static IEnumerable<string> Lines(QueueEntry entry)
    {
        var held = entry.HeldUntil is { } until ? until == DateTimeOffset.MaxValue ? ", held" : $", held until {Time(until)}" : "";
        yield return $"{entry.Id}  from {(entry.Sender.Length > 0 ? entry.Sender : "<>")}, {Table.Bytes(entry.Size)}, since {Time(entry.CreatedAt)}{held}";
        foreach (var recipient in entry.Recipients)
        {
            var state = recipient.IsUnderWay ? "under way" : $"tried {recipient.Attempts}x, next {Time(recipient.NextAttempt)}";
            yield return $"    to {recipient.Address}: {state}{(recipient.LastReply is { } reply ? $"; {recipient.LastStatus} {reply}" : "")}";
        }
    }

    static string Time(DateTimeOffset at) => at.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
