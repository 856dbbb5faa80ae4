using System.Net;
using Microsoft.Extensions.Configuration;
using Webmail.MailCore.Settings;
using Webmail.Web.Configuration;

namespace Webmail.Web.Tests.Configuration;

public sealed class SettingsReaderTests
{
    static SettingsReader Reader(params (string Key, string? Value)[] values) => new(
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => new KeyValuePair<string, string?>(v.Key, v.Value))).Build(), "/srv/webmail");

    static string Checkout
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(directory.FullName, "Webmail.sln")))
                directory = directory.Parent!;
            return directory.FullName;
        }
    }

    [Fact]
    public void Nothing_set_gives_the_local_defaults()
    {
        var settings = Reader().Read();
        Assert.Equal("/srv/webmail/data", settings.DataDirectory);
        Assert.Null(settings.ConnectionString);
        Assert.Contains('.', settings.Hostname);
        Assert.Equal(
            "127.0.0.1:8080 127.0.0.1:2525 127.0.0.1:2587 127.0.0.1:2465 127.0.0.1:2424 127.0.0.1:2110 127.0.0.1:2995 127.0.0.1:2143 127.0.0.1:2993",
            string.Join(' ', new[]
            {
                settings.Listeners.Http, settings.Listeners.Smtp, settings.Listeners.Submission, settings.Listeners.Submissions, settings.Listeners.Lmtp,
                settings.Listeners.Pop3, settings.Listeners.Pop3s, settings.Listeners.Imap, settings.Listeners.Imaps,
            }.Select(l => Assert.Single(l).ToString())));
        Assert.Empty(settings.Listeners.Https);
        Assert.Empty(settings.Networks.Trusted);
        Assert.Equivalent(new LimitSettings(), settings.Limits);
    }

    [Fact]
    public void Values_are_read_in_their_forms()
    {
        var settings = Reader(
            ("Webmail:Hostname", "MX.Example.org."),
            ("Webmail:Listeners:Smtp", "*:25, [::1]:2525,localhost:26"),
            ("Webmail:Listeners:Imap", ""),
            ("Webmail:Listeners:Pop3:0", "127.0.0.2:110"),
            ("Webmail:Networks:Trusted", "192.0.2.77/24,2001:db8::1"),
            ("Webmail:Limits:MessageSize", "10 MiB"),
            ("Webmail:Limits:Errors", "0"),
            ("Webmail:Imap:Without", "COMPRESS=DEFLATE client=Foo/1.* user=*@example.org,qresync client=iPhone Mail/19*, MOVE user=ann@example.org,IMAP4rev2"),
            ("Webmail:Outbound:Expiry", "2d"),
            ("Webmail:Outbound:Routes", "Example.org=[::1]:2525, *=smarthost.example.net:587"),
            ("Webmail:Dns:Servers", "127.0.0.1:5353, ::1")).Read();
        Assert.Equal("mx.example.org", settings.Hostname);
        Assert.Equal(
            [new("COMPRESS=DEFLATE", "Foo/1.*", "*@example.org"), new("qresync", "iPhone Mail/19*", null), new("MOVE", null, "ann@example.org"), new("IMAP4rev2", null, null)],
            settings.Imap.Without);
        Assert.Equal([new(IPAddress.IPv6Any, 25), new(IPAddress.IPv6Loopback, 2525), new(IPAddress.Loopback, 26)], settings.Listeners.Smtp);
        Assert.Empty(settings.Listeners.Imap);
        Assert.Equal([IPEndPoint.Parse("127.0.0.2:110")], settings.Listeners.Pop3);
        Assert.Equal([IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8::1/128")], settings.Networks.Trusted);
        Assert.Equal(10 << 20, settings.Limits.MessageSize);
        Assert.Equal(0, settings.Limits.Errors);
        Assert.Equal(TimeSpan.FromDays(2), settings.Outbound.Expiry);
        Assert.Equal([new("example.org", "::1", 2525), new("*", "smarthost.example.net", 587)], settings.Outbound.Routes);
        Assert.Equal([IPEndPoint.Parse("127.0.0.1:5353"), IPEndPoint.Parse("[::1]:53")], settings.DnsServers);
    }

    [Theory]
    [InlineData("Webmail:Listeners:Smtp", "25")]
    [InlineData("Webmail:Listeners:Smtp", "1:25")]
    [InlineData("Webmail:Listeners:Smtp", "::1:25")]
    [InlineData("Webmail:Listeners:Smtp", "127.0.0.1:65536")]
    [InlineData("Webmail:Networks:Proxies", "10.0.0.0/33")]
    [InlineData("Webmail:Networks:Trusted", "example.org")]
    [InlineData("Webmail:Limits:Connections", "-1")]
    [InlineData("Webmail:Limits:Quota", "5 apples")]
    [InlineData("Webmail:Imap:Without", "IMAP4rev1")]
    [InlineData("Webmail:Imap:Without", "MOVE, NOSUCH client=Foo/*")]
    [InlineData("Webmail:Imap:Without", "MOVE client=")]
    [InlineData("Webmail:Imap:Without", "MOVE for=ann@example.org")]
    [InlineData("Webmail:Outbound:Port", "0")]
    [InlineData("Webmail:Outbound:RetryFirst", "soon")]
    [InlineData("Webmail:Outbound:Routes", "example.org=host:port")]
    [InlineData("Webmail:ShutdownGrace", "-5s")]
    [InlineData("Webmail:Hostname", "a b")]
    [InlineData("Webmail:Tls:KeyPath", "/nowhere/key.pem")]
    public void A_wrong_value_names_its_key_in_one_line(string key, string value)
    {
        var refused = Assert.Throws<SettingsException>(() => Reader((key, value)).Read());
        Assert.StartsWith(SettingsException.EnvironmentName(key) + ": ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void A_connection_string_is_never_echoed()
    {
        var refused = Assert.Throws<SettingsException>(() => Reader(("ConnectionStrings:Webmail", "geheim;=x")).Read());
        Assert.DoesNotContain("geheim", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_key_is_reported_with_its_nearest()
    {
        var reader = Reader(("Webmail:Listeners:Smpt", "127.0.0.1:25"), ("Webmail:Limits:Errors", "3"));
        reader.Read();
        Assert.Equal([("Webmail:Listeners:Smpt", "Webmail:Listeners:Smtp")], reader.UnknownKeys());
    }

    [Fact]
    public void The_handbook_lists_every_key()
    {
        var reader = Reader();
        reader.Read();
        var handbook = File.ReadAllText(Path.Combine(Checkout, "docs", "operations.md"));
        Assert.All(reader.KnownKeys, key => Assert.Contains($"| `{SettingsException.EnvironmentName(key)}` |", handbook, StringComparison.Ordinal));
        Assert.Contains("| `ConnectionStrings__Webmail` |", handbook, StringComparison.Ordinal);
    }
}
