using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Webmail.Protocols.Wire;

/// <summary>
/// How many connections the mail listeners of this node hold, all together and from one address. An IPv6 client counts by its /64, since one host
/// owns at least that much; loopback doesn't count by address, since a front end on this machine speaks for many. Limits of 0 are none.
/// </summary>
public sealed class ConnectionLimits(int all, int byAddress)
{
    private readonly ConcurrentDictionary<IPAddress, int> _byAddress = new();
    private int _all;

    public int Open => Volatile.Read(ref _all);

    /// <summary>Takes a place, given back by disposing; null: there is none, refuse the client.</summary>
    public IDisposable? TryEnter(IPAddress client)
    {
        var key = KeyOf(client);
        if (Interlocked.Increment(ref _all) > all && all > 0)
        {
            Interlocked.Decrement(ref _all);
            return null;
        }

        if (_byAddress.AddOrUpdate(key, 1, static (_, n) => n + 1) > byAddress && byAddress > 0 && !IPAddress.IsLoopback(client))
        {
            Leave(key);
            return null;
        }

        return new Place(this, key);
    }

    private static IPAddress KeyOf(IPAddress client)
    {
        if (client.IsIPv4MappedToIPv6)
            return client.MapToIPv4();
        if (client.AddressFamily != AddressFamily.InterNetworkV6)
            return client;
        var octets = client.GetAddressBytes();
        octets.AsSpan(8).Clear();
        return new IPAddress(octets);
    }

    private void Leave(IPAddress key)
    {
        Interlocked.Decrement(ref _all);
        var left = _byAddress.AddOrUpdate(key, 0, static (_, n) => n - 1);
        if (left <= 0)
            _byAddress.TryRemove(new KeyValuePair<IPAddress, int>(key, left));
    }

    private sealed class Place(ConnectionLimits limits, IPAddress key) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                limits.Leave(key);
        }
    }
}
