using System.CommandLine;
using Webmail.MailCore.Admin;

namespace Webmail.Web.Cli;

/// <summary>domain add NAME</summary>
internal static class DomainAdd
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "The domain, e.g. example.org" };
        var command = new TaughtCommand("add", "Take mail for a domain. Makes its DKIM key; postmaster@ and abuse@ exist at once.", "domain add example.org") { name };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var domain = await bench.Get<DomainAdmin>().AddAsync(bench.Actor, line.GetRequiredValue(name), ct);
            return await bench.SayAsync(
                domain, $"{domain.Name} added. Its DNS records: {CommandLine.ProgramName} dns zone {domain.Name}");
        });
        return command;
    }
}
