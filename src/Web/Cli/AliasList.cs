using System.CommandLine;
using Webmail.MailCore.Admin;

namespace Webmail.Web.Cli;

/// <summary>alias list [--domain NAME]</summary>
internal static class AliasList
{
    public static Command Create(Terminal terminal)
    {
        var domain = new Option<string?>("--domain") { Description = "Only this domain's aliases" };
        var command = new TaughtCommand("list", "Show the aliases and where they lead", "alias list", "alias list --domain example.org --json") { domain };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var aliases = new List<AliasInfo>();
            string? after = null;
            do
            {
                var page = await bench.Get<AliasAdmin>().ListAsync(bench.Actor, new AliasQuery { Domain = line.GetValue(domain), After = after, Limit = 500 }, ct);
                aliases.AddRange(page.Items);
                after = page.Next;
            }
            while (after is not null);
            return await bench.SayAsync(aliases, all => Table.Of(["ALIAS", "LEADS TO"], all.Select(a => new[] { a.Address, string.Join(", ", a.Targets) })));
        });
        return command;
    }
}
