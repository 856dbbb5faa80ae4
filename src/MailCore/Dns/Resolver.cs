using System.Net;
using DnsClient;
using DnsClient.Protocol;
using Microsoft.Extensions.Logging;
using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Dns;

/// <summary>
/// DNS on DnsClient: UDP first, TCP when truncated, each server asked twice. We keep our own cache, since the client's is not bounded and can't
/// tell a name without records from a server that fails. Holds no lock.
/// </summary>
internal sealed partial class Resolver : IResolver
{
    // RFC 2308 section 5 caps negative answers by the SOA; a mail server that just was set up should not wait longer than this.
    private static readonly TimeSpan NegativeAtMost = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FailureFor = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PositiveAtMost = TimeSpan.FromDays(1);

    private readonly LookupClient _client;
    private readonly AnswerCache _cache;
    private readonly ILogger<Resolver> _log;

    public Resolver(WebmailSettings settings, TimeProvider time, ILogger<Resolver> log)
        : this(settings.DnsServers, TimeSpan.FromSeconds(4), time, log)
    {
    }

    internal Resolver(IReadOnlyList<IPEndPoint> servers, TimeSpan timeout, TimeProvider time, ILogger<Resolver> log)
    {
        var options = servers.Count > 0 ? new LookupClientOptions([.. servers]) : new LookupClientOptions();
        options.UseCache = false;
        options.Timeout = timeout;
        options.Retries = 1;
        options.UseTcpFallback = true;
        options.ThrowDnsErrors = false;
        options.ContinueOnDnsError = true;
        options.ContinueOnEmptyResponse = false;
        options.ExtendedDnsBufferSize = 1232;
        _client = new(options);
        _cache = new(time, capacity: 20_000);
        _log = log;
    }

    public async ValueTask<DnsAnswer<(string Host, int Preference)>> MxAsync(string name, CancellationToken ct)
    {
        var answer = await AskAsync(name, QueryType.MX, static r => r is MxRecord mx ? (Host(mx.Exchange), (int)mx.Preference) : default((string, int)?), ct);
        return new(answer.Outcome, [.. answer.Records.Select(r => r!.Value).OrderBy(r => r.Item2)]);
    }

    public async ValueTask<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken ct)
    {
        if (IPAddress.TryParse(name, out _))
            return new(DnsOutcome.NxDomain, []);
        var (a, aaaa) = (AskAsync(name, QueryType.A, Address, ct).AsTask(), AskAsync(name, QueryType.AAAA, Address, ct).AsTask());
        var (v4, v6) = (await a, await aaaa);
        if (v4.IsFound || v6.IsFound)
            return new(DnsOutcome.Found, [.. v4.Records, .. v6.Records]);

        // One half unknown: there may be an address that we don't see.
        var outcome = v4.Outcome == DnsOutcome.TemporaryFailure || v6.Outcome == DnsOutcome.TemporaryFailure ? DnsOutcome.TemporaryFailure
            : v4.Outcome == DnsOutcome.NxDomain || v6.Outcome == DnsOutcome.NxDomain ? DnsOutcome.NxDomain
            : DnsOutcome.NoData;
        return new(outcome, []);

        static IPAddress? Address(DnsResourceRecord record) => (record as AddressRecord)?.Address;
    }

    public ValueTask<DnsAnswer<string>> TxtAsync(string name, CancellationToken ct) =>
        AskAsync(name, QueryType.TXT, static r => r is TxtRecord txt ? string.Concat(txt.Text) : null, ct);

    public ValueTask<DnsAnswer<string>> PtrAsync(IPAddress address, CancellationToken ct)
    {
        var name = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetArpaName();
        return AskAsync(name.TrimEnd('.'), QueryType.PTR, static r => r is PtrRecord ptr ? Host(ptr.PtrDomainName) : null, ct);
    }

    private static string Host(DnsString name) => name.Value.TrimEnd('.').ToLowerInvariant();

    private async ValueTask<DnsAnswer<T>> AskAsync<T>(string name, QueryType type, Func<DnsResourceRecord, T?> pick, CancellationToken ct)
    {
        name = name.ToLowerInvariant();
        var typeName = type.ToString();
        if (_cache.Find<T>(name, typeName) is { } known)
            return known;
        if (!IsName(name))
            return new(DnsOutcome.NxDomain, []);
        var (answer, timeToLive) = await AskServersAsync(name, type, pick, ct);
        _cache.Keep(name, typeName, answer, timeToLive);
        return answer;
    }

    private async ValueTask<(DnsAnswer<T> Answer, TimeSpan TimeToLive)> AskServersAsync<T>(
        string name, QueryType type, Func<DnsResourceRecord, T?> pick, CancellationToken ct)
    {
        try
        {
            var reply = await _client.QueryAsync(new DnsQuestion(DnsString.Parse(name + "."), type), ct);
            return reply.Header.ResponseCode switch
            {
                DnsHeaderResponseCode.NoError => Read(reply, pick),
                DnsHeaderResponseCode.NotExistentDomain => (new(DnsOutcome.NxDomain, []), NegativeTimeToLive(reply)),
                _ => Failed<T>(name, reply.Header.ResponseCode.ToString()),
            };
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            // No answer from any server, or one that can't be read: both may be right next time.
            return Failed<T>(name, e.Message);
        }
    }

    private (DnsAnswer<T>, TimeSpan) Failed<T>(string name, string why)
    {
        LogFailed(name, why);
        return (new(DnsOutcome.TemporaryFailure, []), FailureFor);
    }

    private static (DnsAnswer<T>, TimeSpan) Read<T>(IDnsQueryResponse reply, Func<DnsResourceRecord, T?> pick)
    {
        var found = new List<T>();
        var timeToLive = PositiveAtMost;
        foreach (var record in reply.Answers)
        {
            // CNAMEs on the way count: the answer is no longer good when one of them has changed.
            timeToLive = Min(timeToLive, TimeSpan.FromSeconds(record.InitialTimeToLive));
            if (pick(record) is { } value)
                found.Add(value);
        }

        return found.Count > 0 ? (new(DnsOutcome.Found, found), timeToLive) : (new(DnsOutcome.NoData, []), NegativeTimeToLive(reply));
    }

    private static TimeSpan NegativeTimeToLive(IDnsQueryResponse reply) =>
        reply.Authorities.OfType<SoaRecord>().FirstOrDefault() is { } soa
            ? Min(NegativeAtMost, TimeSpan.FromSeconds(Math.Min(soa.Minimum, (uint)soa.InitialTimeToLive)))
            : FailureFor;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 253 && name.Split('.').All(label => label.Length is > 0 and <= 63 && label.All(c => c is > ' ' and < (char)127 and not '\\'));

    [LoggerMessage(Level = LogLevel.Debug, Message = "No answer from DNS for {Name}: {Why}")]
    private partial void LogFailed(string name, string why);
}
