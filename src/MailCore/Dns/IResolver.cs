using System.Net;

namespace Webmail.MailCore.Dns;

/// <param name="Addresses">A and AAAA of the host.</param>
public sealed record MxHost(string Host, int Preference, IReadOnlyList<IPAddress> Addresses);

public enum DnsOutcome
{
    Found,

    /// <summary>The name has no such record (NOERROR without data).</summary>
    NoData,

    NxDomain,

    /// <summary>SERVFAIL, time-out or a refusal: ask again later.</summary>
    TemporaryFailure,
}

/// <summary>Records of one name, with how the question ended.</summary>
public sealed record DnsAnswer<T>(DnsOutcome Outcome, IReadOnlyList<T> Records)
{
    public bool IsFound => Outcome == DnsOutcome.Found;
}

/// <summary>The one face of DNS. Answers are cached for their TTL (failures briefly). Names are A-labels without a trailing dot.</summary>
public interface IResolver
{
    /// <summary>MX records in order of preference, without addresses. A null MX (RFC 7505) is one record with an empty host.</summary>
    ValueTask<DnsAnswer<(string Host, int Preference)>> MxAsync(string name, CancellationToken ct);

    /// <summary>A and AAAA.</summary>
    ValueTask<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken ct);

    /// <summary>TXT records, the strings of each joined.</summary>
    ValueTask<DnsAnswer<string>> TxtAsync(string name, CancellationToken ct);

    ValueTask<DnsAnswer<string>> PtrAsync(IPAddress address, CancellationToken ct);
}
