using System.CommandLine;
using Webmail.MailCore.Admin;

namespace Webmail.Web.Cli;

/// <summary>queue remove ID…</summary>
internal static class QueueRemove
{
    public static Command Create(Terminal terminal)
    {
        var ids = new Argument<string[]>("id") { Description = "As `queue list` shows them", Arity = ArgumentArity.OneOrMore };
        var command = new TaughtCommand("remove", "Remove messages from the queue for good; their senders are not told", "queue remove 42") { ids };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var chosen = line.GetRequiredValue(ids);
            foreach (var id in chosen)
                await bench.Get<QueueAdmin>().RemoveAsync(bench.Actor, id, ct);
            return await bench.SayAsync(new { removed = chosen }, $"{string.Join(", ", chosen)} removed.");
        });
        return command;
    }
}
