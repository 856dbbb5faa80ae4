using Webmail.MailCore.Store;

namespace Webmail.MailCore.Outbound;

/// <summary>
/// One worker's way to one destination: the connection that carries message after message, and the hosts to try when there is none. Used by one worker.
/// </summary>
internal sealed class DestinationSession(Routing routing, IMailTransport transport) : IAsyncDisposable
{
    // A connection that carries on for ever holds on to one host of several; most servers close after some hundred messages anyway.
    private const int MostMessages = 100;

    private IMailConnection? _connection;
    private int _sent;

    /// <summary>The last try found no host that would talk: the others that wait for this destination need not try now.</summary>
    public RecipientResult? Unreachable { get; private set; }

    /// <summary>The peer that took the last message reports to the sender itself (RFC 3461).</summary>
    public bool PeerReports => _connection is { OffersDsn: true };

    public string? TlsDescription => _connection?.TlsDescription;

    public async Task<IReadOnlyList<RecipientResult>> SendAsync(string domain, TransportMessage message, CancellationToken ct)
    {
        Unreachable = null;
        if (_connection is not null && (!_connection.IsUsable || _sent >= MostMessages))
            await CloseAsync();

        // A kept connection may have been closed meanwhile: that is no failed try, as long as nothing was taken over it.
        if (_connection is not null && await SendOnceAsync(message, ct) is var kept && !WasLost(kept))
            return kept;
        await CloseAsync();
        return await SendAnewAsync(domain, message, ct);
    }

    public ValueTask DisposeAsync() => CloseAsync();

    private async Task<IReadOnlyList<RecipientResult>> SendAnewAsync(string domain, TransportMessage message, CancellationToken ct)
    {
        var route = await routing.FindAsync(domain, ct);
        if (route.Failure is { } none)
            return NoWay(message, none);
        RouteFailure? last = null;
        string? mta = null;
        IReadOnlyList<RecipientResult>? results = null;
        foreach (var host in route.Hosts)
        {
            var (target, unresolved) = await routing.ResolveAsync(host, ct);
            if (target is null)
            {
                // One host that may have an address later is reason enough to wait.
                last = last is { State: RecipientState.Deferred } ? last : unresolved;
                continue;
            }

            try
            {
                _connection = await transport.ConnectAsync(target, ct);
                _sent = 0;
                results = await SendOnceAsync(message, ct);
                if (!WasLost(results))
                    return results;
                await CloseAsync();
            }
            catch (MailTransportException e)
            {
                (last, mta) = (last is { State: RecipientState.Deferred } && e.State == RecipientState.Failed ? last : new(e.State, e.Status, e.Reply), e.RemoteMta);
            }
        }

        if (results is not null)
            return results;
        return NoWay(message, last ?? new(RecipientState.Deferred, "4.4.4", $"No host for {domain}"), mta);
    }

    private async Task<IReadOnlyList<RecipientResult>> SendOnceAsync(TransportMessage message, CancellationToken ct)
    {
        _sent++;
        return await _connection!.SendAsync(message, ct);
    }

    /// <summary>The connection went and nobody got anything over it: the next host may do better.</summary>
    private bool WasLost(IReadOnlyList<RecipientResult> results) =>
        _connection is { IsUsable: false } && results.All(r => r is { State: RecipientState.Deferred, Status: not "4.3.0" });

    private IReadOnlyList<RecipientResult> NoWay(TransportMessage message, RouteFailure failure, string? mta = null)
    {
        RecipientResult Say(RemoteRecipient r) => new(r, failure.State, failure.Status, failure.Text, mta);
        if (message.Recipients.Count > 0)
            Unreachable = Say(message.Recipients[0]);
        return [.. message.Recipients.Select(Say)];
    }

    private async ValueTask CloseAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        _connection = null;
    }
}
