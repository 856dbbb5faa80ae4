using System.CommandLine;
using System.Net;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Model;

namespace Webmail.Web.Cli;

/// <summary>dns zone DOMAIN [--address IP…]</summary>
internal static class DnsZoneCommand
{
    public static Command Create(Terminal terminal)
    {
        var domain = new Argument<string>("domain") { Description = "One of this server's domains" };
        var addresses = new Option<string[]>("--address") { Description = "This server's public address (may be repeated); else the listeners' or the machine's own" };
        var command = new TaughtCommand(
            "zone", "Print the zone file (BIND) with every record that the domain's mail needs: MX, SPF, DKIM, DMARC and the clients' service names", "dns zone example.org", "dns zone example.org --address 192.0.2.10 > example.org.zone")
        {
            domain, addresses,
        };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var parsed = (line.GetValue(addresses) ?? []).Select(a =>
                IPAddress.TryParse(a, out var ip) ? ip : throw new MailException(MailError.Invalid, $"--address {a} isn't an IP address")).ToList();
            var zone = await bench.Get<DnsZone>().WriteAsync(line.GetRequiredValue(domain), parsed, ct);
            return await bench.SayAsync(new { zone }, zone.TrimEnd('\n'));
        });
        return command;
    }
}
