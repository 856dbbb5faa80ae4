using System.CommandLine;
using Webmail.MailCore.Admin;

namespace Webmail.Web.Cli;

/// <summary>domain remove NAME [--with-users]</summary>
internal static class DomainRemove
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "The domain" };
        var withUsers = new Option<bool>("--with-users") { Description = "Remove its users with all their mail, and its aliases, too" };
        var command = new TaughtCommand(
            "remove", "Stop taking mail for a domain. One that has users or aliases is kept unless --with-users is given.", "domain remove example.org", "domain remove example.org --with-users") { name, withUsers };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var domain = line.GetRequiredValue(name);
            await bench.Get<DomainAdmin>().RemoveAsync(bench.Actor, domain, line.GetValue(withUsers), ct);
            return await bench.SayAsync(new { removed = domain }, $"{domain} removed.");
        });
        return command;
    }
}
