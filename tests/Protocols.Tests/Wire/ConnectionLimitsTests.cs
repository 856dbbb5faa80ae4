using System.Net;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Tests.Wire;

public sealed class ConnectionLimitsTests
{
    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2")]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1")]
    public void OneAddressHasItsShareAndLeavesTheRestToOthers(string one, string same, string other)
    {
        var limits = new ConnectionLimits(all: 10, byAddress: 2);
        var first = limits.TryEnter(IPAddress.Parse(one));
        Assert.NotNull(first);
        Assert.NotNull(limits.TryEnter(IPAddress.Parse(same)));
        Assert.Null(limits.TryEnter(IPAddress.Parse(one)));
        Assert.NotNull(limits.TryEnter(IPAddress.Parse(other)));
        first.Dispose();
        first.Dispose();
        Assert.NotNull(limits.TryEnter(IPAddress.Parse(same)));
        Assert.Null(limits.TryEnter(IPAddress.Parse(one)));
        Assert.Equal(3, limits.Open);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void LoopbackIsBoundedOnlyByTheWhole(string loopback)
    {
        var limits = new ConnectionLimits(all: 5, byAddress: 2);
        for (var i = 0; i < 5; i++)
            Assert.NotNull(limits.TryEnter(IPAddress.Parse(loopback)));
        Assert.Null(limits.TryEnter(IPAddress.Parse(loopback)));
    }
}
