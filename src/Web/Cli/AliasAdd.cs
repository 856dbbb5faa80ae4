using System.CommandLine;
using Webmail.MailCore.Admin;

namespace Webmail.Web.Cli;

/// <summary>alias add ADDRESS TARGET…</summary>
internal static class AliasAdd
{
    public static Command Create(Terminal terminal)
    {
        var address = new Argument<string>("address") { Description = "The alias, or @domain for everything that has no address of its own" };
        var targets = new Argument<string[]>("targets") { Description = "Where it leads: addresses here or elsewhere", Arity = ArgumentArity.OneOrMore };
        var command = new TaughtCommand(
            "add", "Let an address lead to others", "alias add info@example.org ann@example.org bob@example.net", "alias add @example.org ann@example.org") { address, targets };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var alias = await bench.Get<AliasAdmin>().AddAsync(bench.Actor, line.GetRequiredValue(address), line.GetRequiredValue(targets), ct);
            return await bench.SayAsync(alias, $"{alias.Address} leads to {string.Join(", ", alias.Targets)}.");
        });
        return command;
    }
}
