using System.Net;

namespace Webmail.MailCore.Settings;

/// <summary>
/// The whole configuration, checked: section "Webmail" of appsettings.json, environment (Webmail__Key__Key) and command line, in that order.
/// docs/operations.md lists every key with its default. Made once at the start by the composition root; nothing below reads IConfiguration.
/// </summary>
public sealed record WebmailSettings
{
    /// <summary>The name this server gives itself: EHLO, greetings, Received, Message-ID.</summary>
    public required string Hostname { get; init; }

    /// <summary>An absolute path. Holds the PostgreSQL cluster (where it is ours), keys, certificates and spool files.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Null: PostgreSQL is ours, in the data directory.</summary>
    public string? ConnectionString { get; init; }

    public ListenerSettings Listeners { get; init; } = new();

    public TlsSettings Tls { get; init; } = new();

    public ImapSettings Imap { get; init; } = new();

    public LoginSettings Login { get; init; } = new();

    public OutboundSettings Outbound { get; init; } = new();

    public NetworkSettings Networks { get; init; } = new();

    public LimitSettings Limits { get; init; } = new();

    /// <summary>Name servers; empty: the system's.</summary>
    public IReadOnlyList<IPEndPoint> DnsServers { get; init; } = [];

    /// <summary>Domains that we take mail for and pass on (backup MX), in lower case; each stands for itself, not for the domains below it.</summary>
    public IReadOnlyList<string> RelayDomains { get; init; } = [];

    /// <summary>How long to wait for work under way when stopping.</summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(10);
}

public sealed record ListenerSettings
{
    public IReadOnlyList<IPEndPoint> Smtp { get; init; } = [];
    public IReadOnlyList<IPEndPoint> Submission { get; init; } = [];
    public IReadOnlyList<IPEndPoint> Submissions { get; init; } = [];
    public IReadOnlyList<IPEndPoint> Lmtp { get; init; } = [];
    public IReadOnlyList<IPEndPoint> Pop3 { get; init; } = [];
    public IReadOnlyList<IPEndPoint> Pop3s { get; init; } = [];
    public IReadOnlyList<IPEndPoint> Imap { get; init; } = [];
    public IReadOnlyList<IPEndPoint> Imaps { get; init; } = [];
    public IReadOnlyList<IPEndPoint> Http { get; init; } = [];
    public IReadOnlyList<IPEndPoint> Https { get; init; } = [];
}

/// <summary>PEM files; null: a self-signed pair kept in the data directory.</summary>
public sealed record TlsSettings
{
    public string? CertificatePath { get; init; }
    public string? KeyPath { get; init; }

    /// <summary>A PEM file of authorities whose client certificates log their owners in (SASL EXTERNAL); null: none.</summary>
    public string? ClientCaPath { get; init; }

    /// <summary>Ask mail clients for a certificate in the handshake: so that users can register their own, of whatever issuer. On by itself with <see cref="ClientCaPath"/>.</summary>
    public bool ClientCertificates { get; init; }
}

public sealed record ImapSettings
{
    /// <summary>Capabilities that aren't offered, to some users or clients or to all.</summary>
    public IReadOnlyList<CapabilityRule> Without { get; init; } = [];
}

/// <param name="Capability">As CAPABILITY says it.</param>
/// <param name="Client">For programs that say this of themselves (ID), as "name/version" with * for anything; null: all, also those that say nothing.</param>
/// <param name="User">For these addresses, with * for anything; null: all.</param>
public sealed record CapabilityRule(string Capability, string? Client, string? User);

public sealed record LoginSettings
{
    public ScramOffer Scram { get; init; } = ScramOffer.Auto;
}

/// <summary>
/// When SCRAM is offered. It takes app passwords only, and programs that pick the strongest mechanism by themselves then fail with an account's own password.
/// </summary>
public enum ScramOffer
{
    /// <summary>As soon as anybody here has an app password.</summary>
    Auto,

    Always,

    /// <summary>Neither offered nor taken.</summary>
    Never,
}

/// <param name="Domain">In lower case, or "*".</param>
public sealed record OutboundRoute(string Domain, string Host, int Port);

public sealed record OutboundSettings
{
    public int Port { get; init; } = 25;

    public IPAddress? BindAddress { get; init; }

    /// <summary>A domain's own route goes before "*"; both before MX lookup.</summary>
    public IReadOnlyList<OutboundRoute> Routes { get; init; } = [];

    /// <summary>How long a message is tried before it is given back.</summary>
    public TimeSpan Expiry { get; init; } = TimeSpan.FromDays(5);

    /// <summary>After how long the sender is told of the delay; zero: never.</summary>
    public TimeSpan DelayNotice { get; init; } = TimeSpan.FromHours(4);

    /// <summary>The wait after the first failed try; it doubles to at most <see cref="RetryMax"/>.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan RetryMax { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Deliveries at once on this node.</summary>
    public int Workers { get; init; } = 20;
}

public sealed record NetworkSettings
{
    /// <summary>Postfix's mynetworks: who may relay without login. Empty unless set; loopback is not in it by itself.</summary>
    public IReadOnlyList<IPNetwork> Trusted { get; init; } = [];

    /// <summary>Where login without TLS is allowed. Loopback unless set.</summary>
    public IReadOnlyList<IPNetwork> PlaintextLogin { get; init; } = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    /// <summary>Who may use XCLIENT and the PROXY protocol.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>True when the address (an IPv4-mapped one as IPv4) is in one of the networks.</summary>
    public static bool Contains(IReadOnlyList<IPNetwork> networks, IPAddress? address)
    {
        if (address is null)
            return false;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        foreach (var network in networks)
        {
            if (network.Contains(address))
                return true;
        }

        return false;
    }
}

/// <summary>Bounds; 0 switches one off (no bound).</summary>
public sealed record LimitSettings
{
    /// <summary>Connections to the mail listeners of this node, all together.</summary>
    public int Connections { get; init; } = 20_000;

    /// <summary>Connections from one address (an IPv6 /64 counts as one). Loopback has no such bound.</summary>
    public int ConnectionsByAddress { get; init; } = 1_000;

    /// <summary>Bad commands on one connection before it is closed.</summary>
    public int Errors { get; init; } = 20;

    /// <summary>Failed logins from one address or for one account within fifteen minutes before further ones are refused unheard.</summary>
    public int LoginFailures { get; init; } = 10;

    /// <summary>The largest message, in bytes.</summary>
    public long MessageSize { get; init; } = 50L * 1024 * 1024;

    /// <summary>Recipients of one message.</summary>
    public int Recipients { get; init; } = 1_000;

    /// <summary>The quota of a new account in bytes.</summary>
    public long Quota { get; init; }

    /// <summary>Seconds without a command before a connection is closed: IMAP.</summary>
    public int ImapIdleSeconds { get; init; } = 30 * 60;

    /// <summary>Seconds after which IMAP says that a long command goes on, and then again and again (RFC 9585).</summary>
    public int ImapProgressSeconds { get; init; } = 10;

    /// <summary>Seconds without a command before a connection is closed: POP3 (RFC 1939 asks for 600 at least).</summary>
    public int Pop3IdleSeconds { get; init; } = 600;

    /// <summary>Seconds without a command before a connection is closed: SMTP, submission and LMTP (RFC 5321 section 4.5.3.2.7).</summary>
    public int SmtpIdleSeconds { get; init; } = 300;

    /// <summary>Seconds that port 25 waits before it greets a stranger; who talks before is refused. 0: greets at once.</summary>
    public int SmtpGreetingDelaySeconds { get; init; }

    /// <summary>Seconds a client has to log in, and to finish a TLS handshake.</summary>
    public int LoginSeconds { get; init; } = 60;
}
