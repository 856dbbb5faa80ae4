using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Webmail.MailCore.Settings;
using Webmail.Protocols.Wire;

namespace Webmail.Web;

/// <summary>
/// Stands between Kestrel and a protocol's handler: the client's true address (PROXY protocol, from trusted proxies only), the connection limits,
/// and word of the server's stop.
/// </summary>
internal sealed class WireGate(IWireHandler handler, ConnectionLimits limits, IReadOnlyList<IPNetwork> proxies, bool implicitTls)
{
    // A proxy sends its header at once. A client at a trusted address that speaks for itself waits for our greeting, so we can't wait for long.
    static readonly TimeSpan ProxyHeaderWait = TimeSpan.FromMilliseconds(250);

    public async Task RunAsync(ConnectionContext connection)
    {
        if (connection.RemoteEndPoint is not IPEndPoint peer || connection.LocalEndPoint is not IPEndPoint local)
            return;
        var client = Plain(peer);
        if (NetworkSettings.Contains(proxies, client.Address))
        {
            if (await ReadProxyHeaderAsync(connection, client) is not { } proxied)
            {
                connection.Abort();
                return;
            }

            client = Plain(proxied);
        }

        // Over the limit: closed without a word. A greeting that says why would cost what the limit is there to save.
        using var place = limits.TryEnter(client.Address);
        if (place is null)
            return;
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        await handler.RunAsync(new WireConnection(
            connection.Transport, client, Plain(local), implicitTls, connection.ConnectionId, connection.Abort, stopping, connection.ConnectionClosed));
    }

    /// <summary>Null: a malformed header.</summary>
    static async Task<IPEndPoint?> ReadProxyHeaderAsync(ConnectionContext connection, IPEndPoint peer)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        wait.CancelAfter(ProxyHeaderWait);
        try
        {
            var (ok, client) = await ProxyProtocol.ReadAsync(connection.Transport.Input, peer, wait.Token);
            return ok ? client : null;
        }
        catch (OperationCanceledException)
        {
            return connection.ConnectionClosed.IsCancellationRequested ? null : peer;
        }
        catch (IOException)
        {
            return null;
        }
    }

    static IPEndPoint Plain(IPEndPoint endPoint) => endPoint.Address.IsIPv4MappedToIPv6 ? new(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;
}
