using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Webmail.Testing;

namespace Webmail.Protocols.Tests.Login;

/// <summary>A client of IMAP over TLS, of a chosen version and with a certificate of its own if need be.</summary>
internal sealed class TlsClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly PipePair _pair = new(new IPEndPoint(IPAddress.Loopback, 40000), implicitTls: true, "test");
    private readonly Task _server;
    private StreamReader? _reader;

    private TlsClient(MailWorld world, string protocol)
    {
        _server = world.Handler(protocol).RunAsync(_pair.Server);
        Stream = new SslStream(_pair.Client);
    }

    public SslStream Stream { get; }

    /// <summary>The server's first line.</summary>
    public string Greeting { get; private set; } = "";

    public static async Task<TlsClient> ConnectAsync(MailWorld world, SslProtocols version = SslProtocols.None, X509Certificate2? certificate = null, string protocol = "imap")
    {
        var client = new TlsClient(world, protocol);
        await client.Stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "mx.example.test",
            EnabledSslProtocols = version,
            ClientCertificates = certificate is null ? null : [certificate],
            LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
            RemoteCertificateValidationCallback = static (_, presented, _, _) => TestCertificate.IsIt(presented),
        }).WaitAsync(Patience);
        client.Greeting = await client.LineAsync() ?? "";
        return client;
    }

    public async Task<string?> SayAsync(string line)
    {
        await Stream.WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"));
        return await LineAsync();
    }

    public Task<string?> LineAsync() => (_reader ??= new(Stream, Encoding.Latin1)).ReadLineAsync().WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        await _server.WaitAsync(Patience);
        _pair.Dispose();
    }
}
