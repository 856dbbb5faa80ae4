using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Webmail.MailCore.Dns;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Dns;

public sealed class ZoneFileTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static ZoneFacts Facts(string domain, string host)
    {
        using var key = RSA.Create(2048);
        return new(
            domain, host, [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")], [IPAddress.Parse("192.0.2.9")], "s2026",
            Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()), [("_imaps", 993), ("_submissions", 465), ("_pop3s", 0)], 7);
    }

    [Theory]
    [InlineData("sina.com", "mail.sina.com")]
    [InlineData("sina.com", "sina.com")]
    [InlineData("sina.com", "mx.elsewhere.test")]
    [InlineData("xn--6qqa088eba.test", "mail.xn--6qqa088eba.test")]
    public async Task NamedTakesIt(string domain, string host) =>
        Assert.Null(await NamedServer.CheckZoneAsync(domain, ZoneFile.Write(Facts(domain, host)), Ct));

    [Fact]
    public async Task WhatNamedServesFromItIsWhatWeMeant()
    {
        var facts = Facts("sina.com", "mail.sina.com");
        await using var named = await NamedServer.StartAsync(new Dictionary<string, string> { ["sina.com"] = ZoneFile.Write(facts) }, Ct);
        var dns = new Resolver([named.Address], TimeSpan.FromSeconds(2), TimeProvider.System, NullLogger<Resolver>.Instance);
        Assert.Equal([("mail.sina.com", 10)], (await dns.MxAsync("sina.com", Ct)).Records);
        Assert.Equal(facts.Addresses, (await dns.AddressesAsync("mail.sina.com", Ct)).Records);
        Assert.Equal(["v=spf1 mx ip4:192.0.2.9 -all"], (await dns.TxtAsync("sina.com", Ct)).Records);
        Assert.Equal(["v=spf1 a ip4:192.0.2.9 -all"], (await dns.TxtAsync("mail.sina.com", Ct)).Records);
        Assert.Equal([$"v=DKIM1; k=rsa; p={facts.DkimPublicKey}"], (await dns.TxtAsync("s2026._domainkey.sina.com", Ct)).Records);
        Assert.Equal(["v=DMARC1; p=quarantine; rua=mailto:postmaster@sina.com"], (await dns.TxtAsync("_dmarc.sina.com", Ct)).Records);
    }
}
