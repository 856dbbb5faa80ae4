using System.Data.Common;
using System.Globalization;
using System.Net;
using Webmail.MailCore.Settings;

namespace Webmail.Web.Configuration;

/// <summary>
/// Makes the checked settings from IConfiguration. Each value is read in one line here, with its default; docs/operations.md lists them (a test
/// holds the two together). A wrong value throws <see cref="SettingsException"/>; a key that nothing reads is reported, since a misspelt one would
/// silently change nothing.
/// </summary>
internal sealed class SettingsReader
{
    const string Root = "Webmail";

    readonly IConfiguration configuration;
    readonly string home;
    readonly Values values;

    /// <param name="home">Where relative paths start.</param>
    public SettingsReader(IConfiguration configuration, string home)
    {
        this.configuration = configuration;
        this.home = home;
        values = new Values(configuration);
    }

    /// <summary>Every key that <see cref="Read"/> asked for.</summary>
    public IReadOnlyCollection<string> KnownKeys => values.Known;

    public static WebmailSettings Read(IConfiguration configuration) => new SettingsReader(configuration, ConfigurationSources.Home).Read();

    public WebmailSettings Read() => new()
    {
        Hostname = values.Read("Webmail:Hostname", "mail.example.com", HostnameOrNull, SystemHostname()),
        DataDirectory = Path.GetFullPath(values.Text("Webmail:DataDirectory") ?? "data", home),
        ConnectionString = ConnectionString(),
        Listeners = Listeners(),
        Tls = Tls(),
        Imap = new()
        {
            Without = values.List("Webmail:Imap:Without", "COMPRESS=DEFLATE client=Foo/1.* user=*@example.org, QRESYNC", ValueParsers.CapabilityRuleOrNull, []),
        },
        Login = new() { Scram = values.Read("Webmail:Login:Scram", "auto (or always, never)", ValueParsers.EnumOrNull<ScramOffer>, new LoginSettings().Scram) },
        Outbound = Outbound(),
        Networks = Networks(),
        Limits = Limits(),
        DnsServers = values.List("Webmail:Dns:Servers", "192.0.2.53:53", t => ValueParsers.EndPointOrNull(t, defaultPort: 53), []),
        RelayDomains = values.List("Webmail:RelayDomains", "example.org", MailCore.Model.EmailAddress.NormaliseDomain, []),
        ShutdownGrace = values.Read("Webmail:ShutdownGrace", "10s", ValueParsers.DurationOrNull, TimeSpan.FromSeconds(10)),
    };

    /// <summary>Keys under Webmail that mean nothing, each with the nearest one that does.</summary>
    public IEnumerable<(string Key, string? Nearest)> UnknownKeys() =>
        from pair in configuration.GetSection(Root).AsEnumerable()
        where pair.Value is not null && !values.Known.Any(k => IsAt(pair.Key, k))
        select (pair.Key, values.Known.OrderBy(k => Distance(k, pair.Key)).FirstOrDefault(k => Distance(k, pair.Key) <= 4));

    // A list in JSON has its items below the key.
    static bool IsAt(string key, string known) =>
        key.Equals(known, StringComparison.OrdinalIgnoreCase) || key.StartsWith(known + ":", StringComparison.OrdinalIgnoreCase);

    ListenerSettings Listeners() => new()
    {
        Smtp = Doors("Smtp", 2525),
        Submission = Doors("Submission", 2587),
        Submissions = Doors("Submissions", 2465),
        Lmtp = Doors("Lmtp", 2424),
        Pop3 = Doors("Pop3", 2110),
        Pop3s = Doors("Pop3s", 2995),
        Imap = Doors("Imap", 2143),
        Imaps = Doors("Imaps", 2993),
        Http = Doors("Http", 8080),
        Https = Doors("Https", null),
    };

    IReadOnlyList<IPEndPoint> Doors(string name, int? port) =>
        values.List(
            "Webmail:Listeners:" + name, $"127.0.0.1:{port ?? 8443}", t => ValueParsers.EndPointOrNull(t, defaultPort: null),
            port is { } p ? [new IPEndPoint(IPAddress.Loopback, p)] : []);

    TlsSettings Tls()
    {
        var certificate = PathOf("Webmail:Tls:CertificatePath");
        var key = PathOf("Webmail:Tls:KeyPath");
        if (certificate is null != key is null)
            throw new SettingsException(
                certificate is null ? "Webmail:Tls:CertificatePath" : "Webmail:Tls:KeyPath", "is missing while the other of the pair is set; set both PEM files, or neither for a self-signed certificate.");
        return new()
        {
            CertificatePath = certificate,
            KeyPath = key,
            ClientCaPath = PathOf("Webmail:Tls:ClientCaPath"),
            ClientCertificates = values.Read("Webmail:Tls:ClientCertificates", "false (or true)", ValueParsers.YesNoOrNull, new TlsSettings().ClientCertificates),
        };
    }

    string? PathOf(string key)
    {
        if (values.Text(key) is not { } text)
            return null;
        var path = Path.GetFullPath(text, home);
        return File.Exists(path) ? path : throw new SettingsException(key, $"there is no file {path}; give the path of a PEM file that the server may read.");
    }

    OutboundSettings Outbound()
    {
        var defaults = new OutboundSettings();
        return new()
        {
            Port = values.Read("Webmail:Outbound:Port", "25", ValueParsers.PortOrNull, defaults.Port),
            BindAddress = values.Read<IPAddress?>("Webmail:Outbound:BindAddress", "192.0.2.1", t => IPAddress.TryParse(t, out var a) ? a : null, null),
            Routes = values.List("Webmail:Outbound:Routes", "example.org=relay.example.net:25, *=smarthost.example.net:587", ValueParsers.RouteOrNull, []),
            Expiry = Duration("Webmail:Outbound:Expiry", "5d", defaults.Expiry),
            DelayNotice = Duration("Webmail:Outbound:DelayNotice", "4h", defaults.DelayNotice),
            RetryFirst = Duration("Webmail:Outbound:RetryFirst", "5m", defaults.RetryFirst),
            RetryMax = Duration("Webmail:Outbound:RetryMax", "4h", defaults.RetryMax),
            Workers = values.Read("Webmail:Outbound:Workers", "20", t => ValueParsers.NumberOrNull(t) is > 0 and <= 1000 and { } n ? (int)n : null, defaults.Workers),
        };
    }

    NetworkSettings Networks() => new()
    {
        Trusted = values.List("Webmail:Networks:Trusted", "192.0.2.0/24, 2001:db8::/32", ValueParsers.NetworkOrNull, []),
        PlaintextLogin = values.List("Webmail:Networks:PlaintextLogin", "127.0.0.0/8, ::1", ValueParsers.NetworkOrNull, new NetworkSettings().PlaintextLogin),
        Proxies = values.List("Webmail:Networks:Proxies", "10.0.0.5, 10.1.0.0/16", ValueParsers.NetworkOrNull, []),
    };

    LimitSettings Limits()
    {
        var defaults = new LimitSettings();
        return new()
        {
            Connections = Count("Connections", defaults.Connections),
            ConnectionsByAddress = Count("ConnectionsByAddress", defaults.ConnectionsByAddress),
            Errors = Count("Errors", defaults.Errors),
            LoginFailures = Count("LoginFailures", defaults.LoginFailures),
            MessageSize = Size("MessageSize", defaults.MessageSize),
            Recipients = Count("Recipients", defaults.Recipients),
            Quota = Size("Quota", defaults.Quota),
            ImapIdleSeconds = Count("ImapIdleSeconds", defaults.ImapIdleSeconds),
            ImapProgressSeconds = Count("ImapProgressSeconds", defaults.ImapProgressSeconds),
            Pop3IdleSeconds = Count("Pop3IdleSeconds", defaults.Pop3IdleSeconds),
            SmtpIdleSeconds = Count("SmtpIdleSeconds", defaults.SmtpIdleSeconds),
            LoginSeconds = Count("LoginSeconds", defaults.LoginSeconds),
            SmtpGreetingDelaySeconds = Count("SmtpGreetingDelaySeconds", defaults.SmtpGreetingDelaySeconds),
        };
    }

    int Count(string name, int fallback) =>
        values.Read("Webmail:Limits:" + name, fallback.ToString(CultureInfo.InvariantCulture) + " (0: no limit)",
            t => ValueParsers.NumberOrNull(t) is >= 0 and <= int.MaxValue and { } n ? (int)n : null, fallback);

    long Size(string name, long fallback) =>
        values.Read("Webmail:Limits:" + name, "50M, 1G or a number of bytes (0: no limit)", ValueParsers.SizeOrNull, fallback);

    TimeSpan Duration(string key, string example, TimeSpan fallback) => values.Read(key, example, ValueParsers.DurationOrNull, fallback);

    // Never echoes the value: it holds a password.
    string? ConnectionString()
    {
        if (configuration.GetConnectionString(Root) is not { Length: > 0 } text)
            return null;
        const string mend = "isn't a connection string; write for example Host=db;Username=webmail;Password=…;Database=webmail, or leave it unset for a private PostgreSQL.";
        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = text };
            return parts.ContainsKey("Host") || parts.ContainsKey("Server") ? text : throw new SettingsException("ConnectionStrings:Webmail", mend);
        }
        catch (ArgumentException)
        {
            throw new SettingsException("ConnectionStrings:Webmail", mend);
        }
    }

    static string? HostnameOrNull(string text)
    {
        var name = text.TrimEnd('.');
        return Uri.CheckHostName(name) == UriHostNameType.Dns && name.Length <= 253 && !name.Contains('_', StringComparison.Ordinal) ? name.ToLowerInvariant() : null;
    }

    // As Postfix does: the machine's own name, completed where it has no domain.
    static string SystemHostname()
    {
        var name = HostnameOrNull(Dns.GetHostName()) ?? "localhost";
        return name.Contains('.', StringComparison.Ordinal) ? name : name + ".localdomain";
    }

    static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var before = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (before, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, before + cost));
            }
        }

        return row[^1];
    }
}
