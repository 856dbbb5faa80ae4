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
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var ct = limit.Token;
        var (offset, dnsPort) = (Offset(), NamedServer.FreePort());
        Sina = new("sina.com", IPAddress.Parse("127.0.0.2"), offset, dnsPort);
        Sohu = new("sohu.com", IPAddress.Parse("127.0.0.3"), offset, dnsPort);
        await Task.WhenAll(Sina.StartAsync(ct), Sohu.StartAsync(ct));

        await Task.WhenAll(SetUpAsync(Sina, "lisi", "zhaoliu"), SetUpAsync(Sohu, "wangwu", "root"));
        await Sohu.RunAsync(null, "alias", "add", "bin@sohu.com", "root@sohu.com");

        var zones = new Dictionary<string, string>
        {
            ["sina.com"] = await Sina.RunAsync(null, "dns", "zone", "sina.com", "--address", "127.0.0.2"),
            ["sohu.com"] = await Sohu.RunAsync(null, "dns", "zone", "sohu.com", "--address", "127.0.0.3"),
        };
        Names = await NamedServer.StartAsync(zones, ct, dnsPort);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Sina.DisposeAsync().AsTask(), Sohu.DisposeAsync().AsTask());
        await Names.DisposeAsync();
    }

    private static async Task SetUpAsync(Site site, params string[] users)
    {
        await site.RunAsync(null, "domain", "add", site.Domain);
        foreach (var user in users)
            await site.RunAsync(Password, "user", "add", $"{user}@{site.Domain}", "--password-stdin");
    }

    /// <summary>Port 25 itself needs a privilege, and may be taken by the machine's own mail server.</summary>
    private static int Offset()
    {
        try
        {
            foreach (var address in new[] { "127.0.0.2", "127.0.0.3" })
            {
                using var probe = new TcpListener(IPAddress.Parse(address), 25);
                probe.Start();
            }

            return 0;
        }
        catch (SocketException)
        {
            return 20_000;
        }
    }
}
