using System.CommandLine;
using Webmail.MailCore.Admin;

namespace Webmail.Web.Cli;

/// <summary>queue retry [ID…]</summary>
internal static class QueueRetry
{
    public static Command Create(Terminal terminal)
    {
        var ids = new Argument<string[]>("id") { Description = "As `queue list` shows them; none: all that aren't held", Arity = ArgumentArity.ZeroOrMore };
        var command = new TaughtCommand("retry", "Try messages again now, without waiting for their time", "queue retry", "queue retry 42") { ids };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var queue = bench.Get<QueueAdmin>();
            var chosen = line.GetValue(ids) ?? [];
            foreach (var id in chosen)
                await queue.RetryAsync(bench.Actor, id, ct);
            var count = chosen.Length > 0 ? chosen.Length : await queue.RetryAllAsync(bench.Actor, ct);
            return await bench.SayAsync(new { retried = count }, $"{count} message{(count == 1 ? " is" : "s are")} tried again by the running server.");
        });
        return command;
    }
}
