using System.CommandLine;
using Webmail.MailCore.Admin;

namespace Webmail.Web.Cli;

/// <summary>domain list</summary>
internal static class DomainList
{
    public static Command Create(Terminal terminal)
    {
        var command = new TaughtCommand("list", "Show the domains with their numbers of users and aliases", "domain list", "domain list --json");
        Workbench.Run(command, terminal, async (bench, _, ct) =>
            await bench.SayAsync(
                await bench.Get<DomainAdmin>().ListAsync(bench.Actor, ct),
                domains => Table.Of(["DOMAIN", "USERS", "ALIASES", "DKIM"], domains.Select(d => new[] { d.Name, $"{d.Users}", $"{d.Aliases}", $"{d.DkimSelector}._domainkey" }))));
        return command;
    }
}
