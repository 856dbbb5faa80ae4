using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Webmail.Protocols.Tests.Smtp.Client;

/// <summary>The other side of a real socket, doing what real servers do only on bad days. One script a connection, in order; the last one repeats.</summary>
internal sealed class ScriptedPeer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<PeerLine, Task>[] _scripts;
    private readonly List<Task> _running = [];
    private readonly Task _accepting;

    public ScriptedPeer(params Func<PeerLine, Task>[] scripts)
    {
        _scripts = scripts;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public List<PeerLine> Connections { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        foreach (var connection in Connections)
            connection.Close();
        foreach (var script in _running)
        {
            try
            {
                await script;
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or AuthenticationFailure)
            {
                // Our side went first.
            }
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var line = new PeerLine(await _listener.AcceptTcpClientAsync());
                var script = _scripts[Math.Min(Connections.Count, _scripts.Length - 1)];
                Connections.Add(line);
                _running.Add(RunAsync(script, line));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped, while accepting or between two.
        }
    }

    private static async Task RunAsync(Func<PeerLine, Task> script, PeerLine line)
    {
        await script(line);
        line.Close();
    }
}

internal sealed class AuthenticationFailure(Exception inner) : Exception("No handshake", inner);

/// <summary>One connection as its script sees it: commands in, lines out, and a record of both.</summary>
internal sealed class PeerLine(TcpClient client)
{
    private static readonly X509Certificate2 Certificate = MakeCertificate();
    private Stream _stream = client.GetStream();

    /// <summary>The client's command lines so far (not the message).</summary>
    public List<string> Commands { get; } = [];

    public byte[] Message { get; private set; } = [];

    public void Close() => client.Dispose();

    public async Task SendAsync(params string[] lines)
    {
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(string.Join("\r\n", lines) + "\r\n"));
        await _stream.FlushAsync();
    }

    public async Task<string> ReadAsync()
    {
        var line = await ReadLineAsync();
        Commands.Add(line);
        return line;
    }

    /// <summary>Reads one command, checks how it begins, and answers.</summary>
    public async Task ExpectAsync(string begins, params string[] answer)
    {
        var line = await ReadAsync();
        if (!line.StartsWith(begins, StringComparison.Ordinal))
            throw new InvalidOperationException($"Expected {begins}, got {line}");
        if (answer.Length > 0)
            await SendAsync(answer);
    }

    public async Task ReadMessageAsync(params string[] answer)
    {
        var message = new MemoryStream();
        while (await ReadLineAsync() is var line && line != ".")
            message.Write(Encoding.Latin1.GetBytes((line.StartsWith('.') ? line[1..] : line) + "\r\n"));
        Message = message.ToArray();
        if (answer.Length > 0)
            await SendAsync(answer);
    }

    public async Task StartTlsAsync()
    {
        var tls = new SslStream(_stream);
        try
        {
            await tls.AuthenticateAsServerAsync(Certificate);
        }
        catch (Exception e)
        {
            throw new AuthenticationFailure(e);
        }

        _stream = tls;
    }

    private async Task<string> ReadLineAsync()
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await _stream.ReadAsync(one) == 1)
        {
            line.Add(one[0]);
            if (line.Count > 1 && line[^2] == '\r' && line[^1] == '\n')
                return Encoding.Latin1.GetString([.. line.SkipLast(2)]);
        }

        throw new IOException("The client closed");
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=mx.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
