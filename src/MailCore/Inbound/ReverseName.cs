using System.Net;
using Webmail.MailCore.Dns;

namespace Webmail.MailCore.Inbound;

/// <summary>The name of a client as DNS confirms it: a name of its address (PTR) that has that address itself (RFC 8601 section 2.7.3, iprev).</summary>
public sealed class ReverseName(IResolver resolver, TimeProvider time)
{
    private const int MaxNames = 5;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    /// <summary>Null: none, or DNS didn't answer in time. Never throws.</summary>
    public async Task<string?> LookAsync(IPAddress address, CancellationToken ct)
    {
        if (IPAddress.IsLoopback(address))
            return "localhost";
        using var limit = new CancellationTokenSource(Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            var names = await resolver.PtrAsync(address, both.Token);
            foreach (var name in names.Records.Take(MaxNames))
            {
                var addresses = await resolver.AddressesAsync(name, both.Token);
                if (addresses.Records.Contains(address) && IsSafe(name))
                    return name;
            }
        }
        catch (OperationCanceledException)
        {
            // No name, then.
        }

        return null;
    }

    /// <summary>Whoever owns the address writes the PTR record; it goes into a header as it stands.</summary>
    private static bool IsSafe(string name) => name.Length is > 0 and <= 253 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
}
