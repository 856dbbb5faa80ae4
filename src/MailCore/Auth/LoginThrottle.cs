using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Auth;

/// <summary>
/// Counts failed logins of the last fifteen minutes and refuses further ones unheard, for a minute at first, then twice as long each time.
/// Three counters: of an address for one account, of an address for all accounts, and of an account from all addresses. Nobody can lock a user
/// out from elsewhere: when an account is guessed at from many addresses, each address keeps one try, and an address from which the user has
/// logged in before keeps all of its own. The many users behind one proxy or on this machine don't pay for each other: loopback, proxies and
/// trusted networks have no counter for all accounts. In memory, one node, bounded; a restart forgets.
/// </summary>
internal sealed class LoginThrottle(WebmailSettings settings, TimeProvider time)
{
    private const int Capacity = 100_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan FirstBlock = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Counter> _counters = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _known = new(StringComparer.Ordinal);

    /// <exception cref="MailException"><see cref="MailError.Throttled"/></exception>
    public void Check(string account, IPAddress? address)
    {
        var limit = settings.Limits.LoginFailures;
        if (limit <= 0)
            return;
        var where = Where(address);
        var now = time.GetUtcNow();
        var pair = Pair(account, where);
        Refuse(Find(pair), now);
        if (_known.ContainsKey(pair))
            return;
        if (!IsShared(address))
            Refuse(Find(where), now);
        var own = Failures(Find(pair), now);
        if (own > 0 && Failures(Find(account), now) - own >= limit)
            throw new MailException(MailError.Throttled, "Too many failed logins; try again later");
    }

    public void Failed(string account, IPAddress? address)
    {
        var limit = settings.Limits.LoginFailures;
        if (limit <= 0)
            return;
        var where = Where(address);
        Count(Pair(account, where), limit);
        Count(account, limit);
        if (!IsShared(address))
            Count(where, limit);
    }

    public void Succeeded(string account, IPAddress? address)
    {
        var where = Where(address);
        var pair = Pair(account, where);
        if (_counters.TryRemove(pair, out var own) && Failures(own, time.GetUtcNow()) is > 0 and var failures)
        {
            TakeBack(where, failures);
            TakeBack(account, failures);
        }

        if (_known.Count >= Capacity)
            _known.Clear();
        _known[pair] = time.GetUtcNow();
    }

    // An account key holds '@' and no blank, an address key neither, a pair both.
    private static string Pair(string account, string where) => account + " " + where;

    /// <summary>An IPv6 client has a /64 to choose from: it counts as one.</summary>
    private static string Where(IPAddress? address)
    {
        if (address is null)
            return "unknown";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }

    private bool IsShared(IPAddress? address) =>
        address is null
        || IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
        || NetworkSettings.Contains(settings.Networks.Proxies, address)
        || NetworkSettings.Contains(settings.Networks.Trusted, address);

    private Counter? Find(string key) => _counters.GetValueOrDefault(key);

    private static void Refuse(Counter? counter, DateTimeOffset now)
    {
        if (counter is null)
            return;
        lock (counter)
        {
            if (now < counter.BlockedUntil)
                throw new MailException(MailError.Throttled, "Too many failed logins; try again later");
        }
    }

    private static int Failures(Counter? counter, DateTimeOffset now)
    {
        if (counter is null)
            return 0;
        lock (counter)
            return counter.Expires > now ? counter.Failures : 0;
    }

    // A program that tries SCRAM with the account's own password before it tries PLAIN doesn't shut out its neighbours.
    private void TakeBack(string key, int failures)
    {
        if (Find(key) is not { } counter)
            return;
        lock (counter)
            counter.Failures = Math.Max(0, counter.Failures - failures);
    }

    private void Count(string key, int limit)
    {
        var now = time.GetUtcNow();
        if (_counters.Count >= Capacity)
            Trim(now);
        var counter = _counters.GetOrAdd(key, _ => new());
        lock (counter)
        {
            if (counter.Expires <= now)
                (counter.Failures, counter.Blocks) = (0, 0);
            if (counter.Failures == 0)
                counter.Expires = now + Window;
            if (++counter.Failures < limit)
                return;
            counter.BlockedUntil = now + Min(FirstBlock * (1 << Math.Min(counter.Blocks, 10)), Window * 4);
            counter.Blocks++;
            counter.Expires = counter.BlockedUntil + Window;
        }
    }

    private void Trim(DateTimeOffset now)
    {
        foreach (var (key, counter) in _counters)
        {
            if (counter.Expires <= now)
                _counters.TryRemove(key, out _);
        }

        if (_counters.Count >= Capacity)
            _counters.Clear();
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>Locked by itself; nothing is called under the lock.</summary>
    private sealed class Counter
    {
        public int Failures { get; set; }

        public int Blocks { get; set; }

        public DateTimeOffset BlockedUntil { get; set; }

        public DateTimeOffset Expires { get; set; }
    }
}
