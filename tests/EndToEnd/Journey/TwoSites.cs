using System.Net;
using System.Net.Sockets;
using Webmail.Testing;

namespace Webmail.EndToEnd.Journey;

/// <summary>
/// The world of the first mail: sina.com and sohu.com, each a server of ours on a loopback address of its own, and a real name server for both, whose zones
/// are what our own command prints.
/// </summary>
public sealed class TwoSites : IAsyncLifetime
{
    public const string Password = "correct-horse-battery";

    internal Site Sina { get; private set; } = null!;

    internal Site Sohu { get; private set; } = null!;

    internal NamedServer Names { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var (wellKnown, dnsPort) = (MayUseWellKnownPorts(), NamedServer.FreePort());
        var starting = new[] { ("sina.com", "127.0.0.2"), ("sohu.com", "127.0.0.3") }.Select(s => Site.StartAsync(s.Item1, IPAddress.Parse(s.Item2), wellKnown, dnsPort));
        var started = await Task.WhenAll(starting);
        (Sina, Sohu) = (started[0], started[1]);

        await Task.WhenAll(SetUpAsync(Sina, "lisi", "zhaoliu"), SetUpAsync(Sohu, "wangwu", "root"));
        await Sohu.Server.RunAsync("alias", "add", "bin@sohu.com", "root@sohu.com");

        var zones = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["sina.com"] = await Sina.Server.RunAsync("dns", "zone", "sina.com", "--address", "127.0.0.2"),
            ["sohu.com"] = await Sohu.Server.RunAsync("dns", "zone", "sohu.com", "--address", "127.0.0.3"),
        };
        Names = await NamedServer.StartAsync(zones, CancellationToken.None, dnsPort);
    }

    public async ValueTask DisposeAsync()
    {
        // After a failed start some of them are missing.
        await Task.WhenAll(new[] { Sina, Sohu }.OfType<Site>().Select(s => s.Server.DisposeAsync().AsTask()));
        if (Names is { } names)
            await names.DisposeAsync();
    }

    private static async Task SetUpAsync(Site site, params string[] users)
    {
        await site.Server.RunAsync("domain", "add", site.Domain);
        foreach (var user in users)
            await site.Server.AddUserAsync($"{user}@{site.Domain}", Password);
    }

    /// <summary>Port 25 needs a privilege, and may be taken by the machine's own mail server.</summary>
    private static bool MayUseWellKnownPorts()
    {
        try
        {
            foreach (var address in new[] { "127.0.0.2", "127.0.0.3" })
            {
                using var probe = new TcpListener(IPAddress.Parse(address), 25);
                probe.Start();
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
