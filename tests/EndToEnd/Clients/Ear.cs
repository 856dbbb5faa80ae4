using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Webmail.EndToEnd.Clients;

/// <summary>
/// Stands between a client and one door of the server and hears what they say. TLS, and STARTTLS, end here with the server's certificate, and begin again
/// towards the server: both sides speak it as they would without the ear.
/// </summary>
internal sealed class Ear : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly List<Dialogue> _dialogues = [];
    private readonly List<Task> _connections = [];
    private readonly ClientServer _site;
    private readonly IPEndPoint _door;
    private readonly bool _implicitTls;
    private readonly bool _tagged;
    private readonly Task _accepting;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="door">The server's.</param>
    /// <param name="implicitTls">TLS begins with the connection, on both sides.</param>
    /// <param name="tagged">IMAP; else POP3.</param>
    public Ear(ClientServer site, IPEndPoint door, bool implicitTls, bool tagged)
    {
        (_site, _door, _implicitTls, _tagged) = (site, door, implicitTls, tagged);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>On 127.0.0.1, which is "localhost".</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public SentCommand[] Commands => [.. Dialogues.SelectMany(d => d.Commands)];

    private Dialogue[] Dialogues
    {
        get
        {
            lock (_dialogues)
                return [.. _dialogues];
        }
    }

    /// <summary>All that was said, for people.</summary>
    public override string ToString() => string.Join("\n", Dialogues.Select((d, i) => $"-- connection {i + 1}\n{d}"));

    /// <summary>Waits until a command that begins so was sent, and answered, behind the first <paramref name="after"/> of all commands.</summary>
    /// <returns>How many commands were sent by then.</returns>
    public async Task<int> AnsweredAsync(string start, int after = 0)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var changed = Volatile.Read(ref _changed);
            var commands = Commands;
            if (commands.Skip(after).Any(c => c.Answered && c.Text.StartsWith(start, StringComparison.OrdinalIgnoreCase)))
                return commands.Length;
            try
            {
                await changed.Task.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"The client never sent {start}, or had no answer.\n{this}", e);
            }
        }
    }

    /// <summary>Waits until every connection has ended: all is heard.</summary>
    public async Task SilenceAsync()
    {
        Task[] all;
        lock (_dialogues)
            all = [.. _connections];
        await Task.WhenAll(all).WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        await SilenceAsync();
        _end.Dispose();
    }

    private void Changed() => Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_end.Token);
                var dialogue = new Dialogue(_tagged, Changed);
                lock (_dialogues)
                {
                    _dialogues.Add(dialogue);
                    _connections.Add(CarryAsync(socket, dialogue));
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task CarryAsync(Socket socket, Dialogue dialogue)
    {
        using var far = new Socket(_door.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.NoDelay = true;
        using (socket)
        {
            try
            {
                await far.ConnectAsync(_door, _end.Token);
                await using var carried = new Carried(new NetworkStream(socket), new NetworkStream(far), dialogue, _site);
                if (_implicitTls)
                    await carried.TlsAsync(_end.Token);
                await carried.RunAsync(_end.Token);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
                // One side left.
            }
        }

        await dialogue.Client.EndAsync();
        await dialogue.Server.EndAsync();
    }

    /// <summary>One connection, both ways.</summary>
    private sealed class Carried(Stream client, Stream server, Dialogue dialogue, ClientServer site) : IAsyncDisposable
    {
        private Stream _client = client;
        private Stream _server = server;
        private readonly TaskCompletionSource _secured = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task TlsAsync(CancellationToken ct)
        {
            var tls = new SslStream(_server, false, (_, certificate, _, _) => certificate?.GetCertHashString() == site.Certificate.GetCertHashString());
            _server = tls;
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, ct);
            var near = new SslStream(_client, false);
            _client = near;
            await near.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = site.Certificate }, ct);
        }

        public async Task RunAsync(CancellationToken ct)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct);
            Task[] both = [UpAsync(either.Token), DownAsync(either.Token)];
            await Task.WhenAny(both);

            // Whoever ends, what the other has said is carried before both close.
            either.CancelAfter(TimeSpan.FromSeconds(2));
            await Task.WhenAll(both);
        }

        public async ValueTask DisposeAsync()
        {
            await _client.DisposeAsync();
            await _server.DisposeAsync();
        }

        private async Task UpAsync(CancellationToken ct)
        {
            var buffer = new byte[32 * 1024];
            while (await _client.ReadAsync(buffer, ct) is > 0 and var n)
            {
                await dialogue.Client.FeedAsync(buffer.AsMemory(0, n));
                var waits = dialogue.WaitsForTls;
                await _server.WriteAsync(buffer.AsMemory(0, n), ct);
                if (waits)
                    await _secured.Task.WaitAsync(ct);
            }

            (_server as NetworkStream)?.Socket.Shutdown(SocketShutdown.Send);
            if (_server is SslStream { IsAuthenticated: true } tls)
                await tls.ShutdownAsync();
        }

        private async Task DownAsync(CancellationToken ct)
        {
            var buffer = new byte[32 * 1024];
            while (await _server.ReadAsync(buffer, ct) is > 0 and var n)
            {
                var waited = dialogue.WaitsForTls;
                await dialogue.Server.FeedAsync(buffer.AsMemory(0, n));
                await _client.WriteAsync(buffer.AsMemory(0, n), ct);
                if (waited && !dialogue.WaitsForTls)
                {
                    await TlsAsync(ct);
                    _secured.TrySetResult();
                }
            }

            (_client as NetworkStream)?.Socket.Shutdown(SocketShutdown.Send);
            if (_client is SslStream { IsAuthenticated: true } tls)
                await tls.ShutdownAsync();
        }
    }
}
