using System.Net;
using Microsoft.Extensions.Time.Testing;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Tests.Auth;

public sealed class LoginThrottleTests
{
    private const string Ann = "ann@example.test";
    private const string Bob = "bob@example.test";
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Elsewhere = IPAddress.Parse("198.51.100.7");

    private readonly FakeTimeProvider _time = new();
    private readonly LoginThrottle _throttle;

    public LoginThrottleTests() => _throttle = Make(new LimitSettings { LoginFailures = 3 });

    [Fact]
    public void TheThirdFailureShutsTheDoorForAMinuteThenForTwo()
    {
        Fail(Ann, Home, 2);
        Assert.True(IsHeard(Ann, Home));
        Fail(Ann, Home, 1);
        Assert.False(IsHeard(Ann, Home));
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.True(IsHeard(Ann, Home));
        Fail(Ann, Home, 1);
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.False(IsHeard(Ann, Home));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(IsHeard(Ann, Home));
    }

    [Fact]
    public void AnAddressIsShutForAllAccounts()
    {
        Fail(Ann, Elsewhere, 1);
        Fail(Bob, Elsewhere, 1);
        Fail("nobody@example.test", Elsewhere, 1);
        Assert.False(IsHeard("carl@example.test", Elsewhere));
        Assert.True(IsHeard("carl@example.test", Home));
    }

    [Fact]
    public void ThoseWhoLoggedInFromAnAddressDontPayForTheirNeighbours()
    {
        _throttle.Succeeded(Ann, Home);
        Fail(Bob, Home, 3);
        Assert.True(IsHeard(Ann, Home));
        Assert.False(IsHeard(Bob, Home));
    }

    [Fact]
    public void NobodyLocksAUserOutFromElsewhere()
    {
        for (var i = 1; i <= 50; i++)
            Fail(Ann, IPAddress.Parse($"203.0.113.{i}"), 1);
        Assert.True(IsHeard(Ann, Home));
    }

    [Fact]
    public void GuessingFromManyAddressesLeavesEachOneTry()
    {
        for (var i = 1; i <= 3; i++)
            Fail(Ann, IPAddress.Parse($"203.0.113.{i}"), 1);
        Assert.True(IsHeard(Ann, Home));
        Fail(Ann, Home, 1);
        Assert.False(IsHeard(Ann, Home));
    }

    [Fact]
    public void AnIpv6ClientIsItsNetwork()
    {
        Fail(Ann, IPAddress.Parse("2001:db8::1"), 1);
        Fail(Ann, IPAddress.Parse("2001:db8::2"), 1);
        Fail(Ann, IPAddress.Parse("2001:db8::3"), 1);
        Assert.False(IsHeard(Bob, IPAddress.Parse("2001:db8::ffff")));
        Assert.True(IsHeard(Bob, IPAddress.Parse("2001:db8:0:1::1")));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("10.1.2.3")]
    public void BehindAProxyOrOnThisMachineOneUserDoesntShutOutTheOthers(string address)
    {
        var shared = IPAddress.Parse(address);
        Fail(Bob, shared, 30);
        Assert.False(IsHeard(Bob, shared));
        Assert.True(IsHeard(Ann, shared));
    }

    [Fact]
    public void ASuccessForgets()
    {
        Fail(Ann, Home, 2);
        _throttle.Succeeded(Ann, Home);
        Fail(Ann, Home, 2);
        Assert.True(IsHeard(Ann, Home));
    }

    // A program that tries SCRAM first with a password that can't do it, connection after connection.
    [Fact]
    public void ASuccessTakesBackOnlyItsOwnFailures()
    {
        for (var i = 0; i < 5; i++)
        {
            Fail(Ann, Home, 2);
            _throttle.Succeeded(Ann, Home);
        }

        Assert.True(IsHeard(Bob, Home));
        Fail(Bob, Home, 2);
        Fail(Ann, Home, 2);
        _throttle.Succeeded(Ann, Home);
        Assert.False(IsHeard("carl@example.test", Home));
    }

    [Fact]
    public void FifteenMinutesForget()
    {
        Fail(Ann, Home, 2);
        _time.Advance(TimeSpan.FromMinutes(15.1));
        Fail(Ann, Home, 2);
        Assert.True(IsHeard(Ann, Home));
    }

    [Fact]
    public void ZeroSwitchesItOff()
    {
        var off = Make(new LimitSettings { LoginFailures = 0 });
        for (var i = 0; i < 100; i++)
            off.Failed(Ann, Home);
        off.Check(Ann, Home);
    }

    private LoginThrottle Make(LimitSettings limits) => new(
        new WebmailSettings { Hostname = "mx.example.test", DataDirectory = "/", Limits = limits, Networks = new() { Proxies = [IPNetwork.Parse("10.0.0.0/8")] } }, _time);

    private void Fail(string account, IPAddress address, int times)
    {
        for (var i = 0; i < times; i++)
            _throttle.Failed(account, address);
    }

    private bool IsHeard(string account, IPAddress address)
    {
        try
        {
            _throttle.Check(account, address);
            return true;
        }
        catch (MailException e) when (e.Error == MailError.Throttled)
        {
            return false;
        }
    }
}
