using System.CommandLine;
using Webmail.MailCore.Admin;

namespace Webmail.Web.Cli;

/// <summary>alias remove ADDRESS</summary>
internal static class AliasRemove
{
    public static Command Create(Terminal terminal)
    {
        var address = new Argument<string>("address") { Description = "The alias, or @domain" };
        var command = new TaughtCommand("remove", "Remove an alias", "alias remove info@example.org") { address };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var alias = line.GetRequiredValue(address);
            await bench.Get<AliasAdmin>().RemoveAsync(bench.Actor, alias, ct);
            return await bench.SayAsync(new { removed = alias }, $"{alias} removed.");
        });
        return command;
    }
}
