using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using Webmail.MailCore.Dns;
using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Outbound;

/// <summary>Where mail for a domain goes: hosts in the order to try them, or why it can go nowhere.</summary>
internal sealed record Route(IReadOnlyList<RouteHost> Hosts, RouteFailure? Failure)
{
    public static Route To(IEnumerable<RouteHost> hosts) => new([.. hosts], null);

    public static Route None(RecipientState state, string status, string text) => new([], new(state, status, text));
}

/// <param name="Addresses">Null: ask DNS for them when this host's turn comes.</param>
internal sealed record RouteHost(string Host, IReadOnlyList<IPAddress>? Addresses, int Port);

internal sealed record RouteFailure(RecipientState State, string Status, string Text);

/// <summary>
/// From a domain to hosts: the routes of the settings, else address literals, else MX records by RFC 5321 section 5.1. Stateless; DNS remembers.
/// </summary>
internal sealed class Routing(IResolver dns, WebmailSettings settings)
{
    // More than enough for any domain in use, and a bound for a zone that lists thousands.
    private const int MostHosts = 10;

    /// <summary>What shares a connection: the route's host where the settings name one, else the domain.</summary>
    public string DestinationOf(string domain) => RouteOf(domain) is { } route ? $"{route.Host}:{route.Port}" : domain;

    /// <summary>A destination that the settings name, in place of one of the world's domains.</summary>
    public bool IsRoute(string destination) => settings.Outbound.Routes.Any(r => destination == $"{r.Host}:{r.Port}");

    /// <param name="domain">A-labels, or an address literal in brackets.</param>
    public async ValueTask<Route> FindAsync(string domain, CancellationToken ct)
    {
        if (RouteOf(domain) is { } route)
            return Route.To([new(route.Host, IPAddress.TryParse(route.Host, out var fixedAddress) ? [fixedAddress] : null, route.Port)]);
        if (domain.StartsWith('['))
            return OfLiteral(domain);

        var mx = await dns.MxAsync(domain, ct);
        return mx.Outcome switch
        {
            DnsOutcome.Found => await OfMxAsync(domain, mx.Records, ct),
            // RFC 5321 section 5.1: no MX, so the domain itself is the host, as if with preference 0.
            DnsOutcome.NoData => Route.To([new(domain, null, settings.Outbound.Port)]),
            DnsOutcome.NxDomain => Route.None(RecipientState.Failed, "5.1.2", $"The domain {domain} does not exist"),
            _ => Route.None(RecipientState.Deferred, "4.4.3", $"DNS does not answer for {domain}"),
        };
    }

    /// <summary>The addresses of a host of a route; a failure when it has none.</summary>
    public async ValueTask<(TransportTarget? Target, RouteFailure? Failure)> ResolveAsync(RouteHost host, CancellationToken ct)
    {
        if (host.Addresses is { } known)
            return (new(host.Host, known, host.Port, IsLmtp: false), null);
        var found = await dns.AddressesAsync(host.Host, ct);
        return found.Outcome switch
        {
            DnsOutcome.Found => (new(host.Host, found.Records, host.Port, IsLmtp: false), null),
            DnsOutcome.TemporaryFailure => (null, new(RecipientState.Deferred, "4.4.3", $"DNS does not answer for {host.Host}")),
            _ => (null, new(RecipientState.Failed, "5.4.4", $"The host {host.Host} has no address")),
        };
    }

    private OutboundRoute? RouteOf(string domain) =>
        settings.Outbound.Routes.FirstOrDefault(r => string.Equals(r.Domain, domain, StringComparison.OrdinalIgnoreCase))
        ?? settings.Outbound.Routes.FirstOrDefault(r => r.Domain == "*");

    private Route OfLiteral(string literal)
    {
        var text = literal.Trim('[', ']');
        return IPAddress.TryParse(text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? text[5..] : text, out var address)
            ? Route.To([new(literal, [address], settings.Outbound.Port)])
            : Route.None(RecipientState.Failed, "5.1.2", $"{literal} is no address");
    }

    private async ValueTask<Route> OfMxAsync(string domain, IReadOnlyList<(string Host, int Preference)> records, CancellationToken ct)
    {
        // RFC 7505: "." means that the domain takes no mail at all.
        var named = records.Where(r => r.Host.Length > 0).ToList();
        if (named.Count == 0)
            return Route.None(RecipientState.Failed, "5.1.10", $"{domain} takes no mail (null MX)");

        var usable = new List<RouteHost>();
        foreach (var level in named.GroupBy(r => r.Preference).OrderBy(g => g.Key))
        {
            var hosts = level.Select(r => r.Host).ToArray();
            // RFC 5321 section 5.1: where we stand in the list, only what is better than us is left, or mail would go in circles.
            if (await ContainsUsAsync(hosts, ct))
                return usable.Count > 0 ? Route.To(usable) : Route.None(RecipientState.Failed, "5.4.6", $"Mail for {domain} loops back to this server, which does not take it");
            RandomNumberGenerator.Shuffle(hosts.AsSpan());
            usable.AddRange(hosts.Take(MostHosts - usable.Count).Select(h => new RouteHost(h, null, settings.Outbound.Port)));
        }

        return Route.To(usable);
    }

    private async ValueTask<bool> ContainsUsAsync(string[] hosts, CancellationToken ct)
    {
        foreach (var host in hosts)
        {
            if (string.Equals(host, settings.Hostname, StringComparison.OrdinalIgnoreCase))
                return true;
            var listeners = settings.Listeners.Smtp.Where(l => l.Port == settings.Outbound.Port).ToList();
            if (listeners.Count > 0 && (await dns.AddressesAsync(host, ct)).Records.Any(a => listeners.Exists(l => IsOurs(l.Address, a))))
                return true;
        }

        return false;
    }

    private static bool IsOurs(IPAddress listening, IPAddress address)
    {
        if (!listening.Equals(IPAddress.Any) && !listening.Equals(IPAddress.IPv6Any))
            return listening.Equals(address);
        return IPAddress.IsLoopback(address) || NetworkInterface.GetAllNetworkInterfaces()
            .Any(i => i.GetIPProperties().UnicastAddresses.Any(u => u.Address.Equals(address)));
    }
}
