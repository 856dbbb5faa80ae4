using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Webmail.MailCore.Dns;
using Webmail.MailCore.Outbound;
using Webmail.MailCore.Settings;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Outbound;

/// <summary>From a domain to hosts, with a real BIND to ask.</summary>
public sealed class RoutingTests(RoutingTests.Server server) : IClassFixture<RoutingTests.Server>
{
    private const string Zone = """
        $ORIGIN test.
        $TTL 60
        @ IN SOA ns hostmaster 1 3600 900 1209600 30
        @ IN NS ns
        ns IN A 127.0.0.1
        two IN MX 20 b
        two IN MX 10 a
        a IN A 127.0.0.10
        b IN A 127.0.0.11
        equal IN MX 5 a
        equal IN MX 5 b
        plain IN A 127.0.0.12
        empty IN TXT "no address, no MX"
        null IN MX 0 .
        backup IN MX 10 a
        backup IN MX 20 us
        backup IN MX 30 b
        loop IN MX 10 us
        byaddress IN MX 10 other-name-of-us
        other-name-of-us IN A 127.0.0.2
        us IN A 127.0.0.2
        gone IN MX 10 missing
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Routing Routing(params OutboundRoute[] routes) => new(
        new Resolver([server.Named.Address], TimeSpan.FromSeconds(2), TimeProvider.System, NullLogger<Resolver>.Instance),
        new WebmailSettings
        {
            Hostname = "us.test",
            DataDirectory = "/nowhere",
            Outbound = new() { Routes = routes },
            Listeners = new() { Smtp = [new(IPAddress.Parse("127.0.0.2"), 25)] },
        });

    [Theory]
    [InlineData("two.test", "a.test b.test")]
    [InlineData("plain.test", "plain.test")]
    [InlineData("backup.test", "a.test")]
    public async Task HostsComeInOrder(string domain, string hosts)
    {
        var route = await Routing().FindAsync(domain, Ct);
        Assert.Equal(hosts, string.Join(' ', route.Hosts.Select(h => h.Host)));
        Assert.All(route.Hosts, h => Assert.Equal(25, h.Port));
    }

    [Theory]
    [InlineData("null.test", RecipientState.Failed, "5.1.10")]
    [InlineData("missing.test", RecipientState.Failed, "5.1.2")]
    [InlineData("loop.test", RecipientState.Failed, "5.4.6")]
    [InlineData("byaddress.test", RecipientState.Failed, "5.4.6")]
    [InlineData("elsewhere.invalid", RecipientState.Deferred, "4.4.3")]
    public async Task SomeGoNowhere(string domain, RecipientState state, string status)
    {
        var route = await Routing().FindAsync(domain, Ct);
        Assert.Equal((state, status), (route.Failure?.State, route.Failure?.Status));
    }

    [Theory]
    [InlineData("gone.test", RecipientState.Failed, "5.4.4")]
    [InlineData("empty.test", RecipientState.Failed, "5.4.4")]
    public async Task AHostWithoutAnAddressIsNone(string domain, RecipientState state, string status)
    {
        var routing = Routing();
        var route = await routing.FindAsync(domain, Ct);
        var (target, failure) = await routing.ResolveAsync(Assert.Single(route.Hosts), Ct);
        Assert.Null(target);
        Assert.Equal((state, status), (failure!.State, failure.Status));
    }

    [Fact]
    public async Task EqualHostsComeInEitherOrder()
    {
        var routing = Routing();
        var firsts = new HashSet<string>();
        for (var i = 0; i < 200; i++)
            firsts.Add((await routing.FindAsync("equal.test", Ct)).Hosts[0].Host);
        Assert.Equal(2, firsts.Count);
    }

    [Fact]
    public async Task RoutesGoBeforeDns()
    {
        var routing = Routing(new("two.test", "127.0.0.99", 2525), new("*", "plain.test", 26));
        var own = Assert.Single((await routing.FindAsync("two.test", Ct)).Hosts);
        Assert.Equal(("127.0.0.99", 2525), (own.Host, own.Port));
        var other = Assert.Single((await routing.FindAsync("anything.invalid", Ct)).Hosts);
        Assert.Equal(IPAddress.Parse("127.0.0.12"), Assert.Single((await routing.ResolveAsync(other, Ct)).Target!.Addresses));
        Assert.Equal(("127.0.0.99:2525", "plain.test:26"), (routing.DestinationOf("two.test"), routing.DestinationOf("x.y")));
    }

    [Theory]
    [InlineData("[127.0.0.5]", "127.0.0.5")]
    [InlineData("[ipv6:::1]", "::1")]
    public async Task AddressLiteralsNeedNoDns(string literal, string address) =>
        Assert.Equal([IPAddress.Parse(address)], Assert.Single((await Routing().FindAsync(literal, Ct)).Hosts).Addresses);

    public sealed class Server : IAsyncLifetime
    {
        public NamedServer Named { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            Named = await NamedServer.StartAsync(new Dictionary<string, string> { ["test"] = Zone }, CancellationToken.None);

        public ValueTask DisposeAsync() => Named.DisposeAsync();
    }
}
