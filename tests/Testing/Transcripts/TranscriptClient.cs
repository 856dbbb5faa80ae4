using System.Net;
using System.Net.Security;
using System.Text;
using Webmail.Protocols.Wire;

namespace Webmail.Testing.Transcripts;

/// <summary>One named client of a transcript: its end of the pipe, and the server's handler running at the other. Octets are Latin-1 text.</summary>
public sealed class TranscriptClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly PipePair _pair;
    private readonly Task _server;
    private readonly bool _fragmented;
    private readonly byte[] _chunk = new byte[16 * 1024];
    private readonly List<byte> _received = [];
    private readonly Random _random = new(1);
    private Stream _stream;

    private TranscriptClient(PipePair pair, Task server, bool fragmented)
    {
        _pair = pair;
        _server = server;
        _stream = pair.Client;
        _fragmented = fragmented;
    }

    public static async Task<TranscriptClient> ConnectAsync(IWireHandler handler, IPAddress from, bool implicitTls, string id)
    {
        var pair = new PipePair(new IPEndPoint(from, 40000), implicitTls, id);
        var client = new TranscriptClient(pair, handler.RunAsync(pair.Server), fragmented: implicitTls);
        if (implicitTls)
            await client.StartTlsAsync();
        return client;
    }

    public async Task StartTlsAsync()
    {
        var tls = new SslStream(_stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "mx.example.test",
            RemoteCertificateValidationCallback = static (_, certificate, _, _) => TestCertificate.IsIt(certificate),
        }).WaitAsync(Patience);
        _stream = tls;
    }

    /// <summary>From here on both directions are raw DEFLATE.</summary>
    public void StartDeflate() => _stream = new DeflatedStream(_stream);

    /// <summary>Sends octets; over TLS in splits of one to three, so that nothing depends on what arrives together.</summary>
    public async Task SendAsync(string latin1)
    {
        var octets = Encoding.Latin1.GetBytes(latin1);
        if (!_fragmented || octets.Length > 20_000)
        {
            await _stream.WriteAsync(octets).AsTask().WaitAsync(Patience);
            return;
        }

        for (var at = 0; at < octets.Length;)
        {
            var n = Math.Min(_random.Next(1, 4), octets.Length - at);
            await _stream.WriteAsync(octets.AsMemory(at, n)).AsTask().WaitAsync(Patience);
            at += n;
        }
    }

    /// <summary>The next line without its CRLF; null at the end of the connection.</summary>
    public async Task<string?> ReadLineAsync()
    {
        while (true)
        {
            var end = _received.IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = Encoding.Latin1.GetString(_received.ToArray(), 0, end > 0 && _received[end - 1] == '\r' ? end - 1 : end);
                _received.RemoveRange(0, end + 1);
                return line;
            }

            int n;
            try
            {
                n = await _stream.ReadAsync(_chunk).AsTask().WaitAsync(Patience);
            }
            catch (IOException)
            {
                n = 0;
            }

            if (n == 0)
                return _received.Count == 0 ? null : throw new InvalidOperationException("The connection ended in the middle of a line");
            _received.AddRange(_chunk.AsSpan(0, n));
        }
    }

    public void Stop() => _pair.Stop();

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _server.WaitAsync(Patience);
        _pair.Dispose();
    }
}
