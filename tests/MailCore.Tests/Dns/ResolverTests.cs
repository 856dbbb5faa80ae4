using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Webmail.MailCore.Dns;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Dns;

/// <summary>The resolver against a real BIND.</summary>
public sealed class ResolverTests(ResolverTests.Server server) : IClassFixture<ResolverTests.Server>
{
    private static readonly string Zone = $$"""
        $ORIGIN sohu.com.
        $TTL 60
        @ IN SOA ns hostmaster 1 3600 900 1209600 30
        @ IN NS ns
        ns IN A 127.0.0.1
        @ IN MX 20 mx2
        @ IN MX 10 mx1.sohu.com.
        mx1 IN A 127.0.0.3
        mx1 IN AAAA ::1
        mx2 IN A 127.0.0.4
        null IN MX 0 .
        alias IN CNAME mx1
        @ IN TXT "v=spf1 " "mx -all"
        big IN TXT {{string.Join(" ", Enumerable.Repeat("\"" + new string('x', 250) + "\"", 20))}}
        empty IN TXT "only text"
        xn--6qqa088eba IN MX 5 mx1
        """;

    private const string Reverse = """
        $ORIGIN 0.0.127.in-addr.arpa.
        $TTL 60
        @ IN SOA ns.sohu.com. hostmaster.sohu.com. 1 3600 900 1209600 30
        @ IN NS ns.sohu.com.
        3 IN PTR mx1.sohu.com.
        """;

    private readonly Resolver _dns = new([server.Named.Address], TimeSpan.FromSeconds(2), TimeProvider.System, NullLogger<Resolver>.Instance);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MxComesInOrderOfPreference()
    {
        var mx = await _dns.MxAsync("sohu.com", Ct);
        Assert.Equal(DnsOutcome.Found, mx.Outcome);
        Assert.Equal([("mx1.sohu.com", 10), ("mx2.sohu.com", 20)], mx.Records);
        Assert.Equal([("mx1.sohu.com", 5)], (await _dns.MxAsync("xn--6qqa088eba.sohu.com", Ct)).Records);
    }

    [Fact]
    public async Task ANullMxIsOneRecordWithoutAHost() =>
        Assert.Equal([("", 0)], (await _dns.MxAsync("null.sohu.com", Ct)).Records);

    [Fact]
    public async Task AddressesOfBothKindsFollowAliases()
    {
        Assert.Equal([IPAddress.Parse("127.0.0.3"), IPAddress.IPv6Loopback], (await _dns.AddressesAsync("MX1.sohu.com", Ct)).Records);
        Assert.Equal([IPAddress.Parse("127.0.0.3"), IPAddress.IPv6Loopback], (await _dns.AddressesAsync("alias.sohu.com", Ct)).Records);
    }

    [Fact]
    public async Task TextIsJoinedAndComesOverTcpWhenItIsLarge()
    {
        Assert.Equal(["v=spf1 mx -all"], (await _dns.TxtAsync("sohu.com", Ct)).Records);
        Assert.Equal([new string('x', 5000)], (await _dns.TxtAsync("big.sohu.com", Ct)).Records);
    }

    [Fact]
    public async Task ReverseNames() =>
        Assert.Equal(["mx1.sohu.com"], (await _dns.PtrAsync(IPAddress.Parse("::ffff:127.0.0.3"), Ct)).Records);

    [Theory]
    [InlineData("empty.sohu.com", DnsOutcome.NoData)]
    [InlineData("missing.sohu.com", DnsOutcome.NxDomain)]
    [InlineData("elsewhere.test", DnsOutcome.TemporaryFailure)]
    [InlineData("not a name", DnsOutcome.NxDomain)]
    [InlineData("a..b", DnsOutcome.NxDomain)]
    [InlineData("127.0.0.1", DnsOutcome.NxDomain)]
    public async Task WhatIsMissingIsToldApart(string name, DnsOutcome outcome)
    {
        Assert.Equal(outcome, (await _dns.AddressesAsync(name, Ct)).Outcome);
        if (name != "127.0.0.1")
            Assert.Equal(outcome, (await _dns.MxAsync(name, Ct)).Outcome);
    }

    [Fact]
    public async Task ANameServerThatIsSilentIsATemporaryFailure()
    {
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var dns = new Resolver([(IPEndPoint)silent.Client.LocalEndPoint!], TimeSpan.FromMilliseconds(100), TimeProvider.System, NullLogger<Resolver>.Instance);
        Assert.Equal(DnsOutcome.TemporaryFailure, (await dns.MxAsync("sohu.com", Ct)).Outcome);
    }

    [Fact]
    public async Task AnswersAreKeptForTheirTimeToLiveAndNoLonger()
    {
        var time = new FakeTimeProvider();
        var named = await NamedServer.StartAsync(new Dictionary<string, string> { ["sohu.com"] = Zone }, Ct);
        var dns = new Resolver([named.Address], TimeSpan.FromMilliseconds(200), time, NullLogger<Resolver>.Instance);
        Assert.True((await dns.MxAsync("sohu.com", Ct)).IsFound);
        Assert.Equal(DnsOutcome.NxDomain, (await dns.MxAsync("missing.sohu.com", Ct)).Outcome);
        await named.DisposeAsync();

        time.Advance(TimeSpan.FromSeconds(29));
        Assert.True((await dns.MxAsync("sohu.com", Ct)).IsFound);
        Assert.Equal(DnsOutcome.NxDomain, (await dns.MxAsync("missing.sohu.com", Ct)).Outcome);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True((await dns.MxAsync("sohu.com", Ct)).IsFound);
        Assert.Equal(DnsOutcome.TemporaryFailure, (await dns.MxAsync("missing.sohu.com", Ct)).Outcome);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(DnsOutcome.TemporaryFailure, (await dns.MxAsync("sohu.com", Ct)).Outcome);
    }

    [Fact]
    public void TheCacheIsBounded()
    {
        var cache = new AnswerCache(TimeProvider.System, capacity: 100);
        for (var i = 0; i < 1_000; i++)
            cache.Keep($"n{i}", "A", new DnsAnswer<string>(DnsOutcome.Found, ["x"]), TimeSpan.FromHours(1));
        Assert.InRange(cache.Count, 50, 101);
        Assert.NotNull(cache.Find<string>("n999", "A"));
    }

    public sealed class Server : IAsyncLifetime
    {
        public NamedServer Named { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Named = await NamedServer.StartAsync(
            new Dictionary<string, string> { ["sohu.com"] = Zone, ["0.0.127.in-addr.arpa"] = Reverse }, CancellationToken.None);

        public ValueTask DisposeAsync() => Named.DisposeAsync();
    }
}
