using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Webmail.MailCore.Outbound;
using Webmail.MailCore.Settings;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Smtp.Client;

/// <summary>
/// The queue's way to other servers: SMTP and LMTP as a client (RFC 5321, RFC 2033). Sends stored octets as they are, several messages over a
/// connection, STARTTLS where it is offered. Stateless; the sessions that it makes are used by one delivery at a time. No locks.
/// </summary>
public sealed partial class RemoteSmtp : IMailTransport
{
    private readonly string _hostname;
    private readonly IPAddress? _bind;
    private readonly WireClock _clock;
    private readonly RemoteTimeouts _timeouts;
    private readonly ILogger<RemoteSmtp> _log;
    private int _connections;

    public RemoteSmtp(WebmailSettings settings, WireClock clock, ILogger<RemoteSmtp> log)
        : this(settings, clock, new RemoteTimeouts(), log)
    {
    }

    internal RemoteSmtp(WebmailSettings settings, WireClock clock, RemoteTimeouts timeouts, ILogger<RemoteSmtp> log)
    {
        _hostname = settings.Hostname;
        _bind = settings.Outbound.BindAddress;
        _clock = clock;
        _timeouts = timeouts;
        _log = log;
    }

    public async ValueTask<IMailConnection> ConnectAsync(TransportTarget target, CancellationToken ct)
    {
        MailTransportException? last = null;
        foreach (var address in target.Addresses)
        {
            try
            {
                return await OpenAsync(target, address, ct);
            }
            catch (MailTransportException e)
            {
                LogNoSession(target.Host, address, e.Reply);
                last = last is { State: RecipientState.Deferred } && e.State == RecipientState.Failed ? last : e;
            }
        }

        throw last ?? new MailTransportException(RecipientState.Deferred, "4.4.1", $"{target.Host} has no address that can be reached from here", null);
    }

    private async ValueTask<IMailConnection> OpenAsync(TransportTarget target, IPAddress address, CancellationToken ct)
    {
        var (session, tlsFailed) = await OpenAsync(target, address, withTls: true, ct);
        // RFC 3207 leaves it open; for an opportunistic client a failed handshake must not be worse than no STARTTLS at all.
        if (session is null && tlsFailed)
            (session, _) = await OpenAsync(target, address, withTls: false, ct);
        return session ?? throw new MailTransportException(RecipientState.Deferred, "4.7.5", $"No TLS with {target.Host}", target.Host);
    }

    private async ValueTask<(RemoteSession? Session, bool TlsFailed)> OpenAsync(TransportTarget target, IPAddress address, bool withTls, CancellationToken ct)
    {
        var remote = new IPEndPoint(address, target.Port);
        var socket = await ConnectSocketAsync(target, remote, ct);
        var stream = new NetworkStream(socket, ownsSocket: true);
        var transport = new StreamTransport(stream);
        var id = $"out-{Interlocked.Increment(ref _connections)}";
        var wire = new WirePipe(
            new(transport, remote, (IPEndPoint)socket.LocalEndPoint!, ImplicitTls: false, id, stream.Dispose, CancellationToken.None), _clock);
        var session = new RemoteSession(new RemoteDialogue(wire, target.Host), target, _timeouts, stream);
        try
        {
            switch (await session.BeginAsync(_hostname, withTls, ct))
            {
                case { } refused:
                    throw new MailTransportException(GreetingState(refused), refused.Status, refused.ToString(), target.Host);
                case null when session.TlsFailed:
                    await session.AbandonAsync();
                    return (null, true);
                default:
                    LogSession(id, target.Host, address, session.TlsDescription);
                    return (session, false);
            }
        }
        catch
        {
            await session.AbandonAsync();
            throw;
        }
    }

    /// <summary>
    /// A 5xx greeting is mostly a block list's or an overloaded front's word, so it counts as "later", as with Postfix; only 521 and 556
    /// (RFC 7504: this host takes no mail) are for ever.
    /// </summary>
    private static RecipientState GreetingState(RemoteReply reply) => reply.Code is 521 or 556 ? RecipientState.Failed : RecipientState.Deferred;

    private async ValueTask<Socket> ConnectSocketAsync(TransportTarget target, IPEndPoint remote, CancellationToken ct)
    {
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_timeouts.Connect);
        try
        {
            if (_bind is not null)
            {
                if (_bind.AddressFamily != remote.AddressFamily)
                    throw NoConnection(target, remote, $"not reachable from {_bind}");
                socket.Bind(new IPEndPoint(_bind, 0));
            }

            await socket.ConnectAsync(remote, limit.Token);
            return socket;
        }
        catch (Exception e)
        {
            socket.Dispose();
            ct.ThrowIfCancellationRequested();
            throw e switch
            {
                SocketException => NoConnection(target, remote, e.Message),
                OperationCanceledException => NoConnection(target, remote, "no answer in time"),
                _ => e,
            };
        }
    }

    private static MailTransportException NoConnection(TransportTarget target, IPEndPoint remote, string why) =>
        new(RecipientState.Deferred, "4.4.1", $"No connection to {target.Host} [{remote.Address}]:{remote.Port}: {why}", null);

    [LoggerMessage(Level = LogLevel.Information, Message = "No session with {Host} [{Address}]: {Why}")]
    private partial void LogNoSession(string host, IPAddress address, string why);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Id}: session with {Host} [{Address}], TLS: {Tls}")]
    private partial void LogSession(string id, string host, IPAddress address, string? tls);

    private sealed class StreamTransport(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
