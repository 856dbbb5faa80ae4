using System.Net;
using System.Text;
using Webmail.Testing;

namespace Webmail.Protocols.Tests;

/// <summary>A client of one line after another, in memory.</summary>
internal sealed class LineClient : IAsyncDisposable
{
    private readonly PipePair _pair = new(new IPEndPoint(IPAddress.Loopback, 40000), implicitTls: false, "test");
    private readonly Task _server;
    private readonly StreamReader _reader;

    public LineClient(MailWorld world, string protocol)
    {
        _server = world.Handler(protocol).RunAsync(_pair.Server);
        _reader = new(_pair.Client, Encoding.Latin1);
    }

    public async Task SendAsync(string line) => await _pair.Client.WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"));

    /// <summary>Waits less than the half minute after which idling sessions look around by themselves.</summary>
    public Task<string?> LineAsync() => _reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(15));

    public async ValueTask DisposeAsync()
    {
        await _pair.Client.DisposeAsync();
        await _server.WaitAsync(TimeSpan.FromSeconds(30));
        _pair.Dispose();
    }
}
