using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Webmail.Testing;

/// <param name="Connection">Numbered from 1.</param>
public sealed record SunkMessage(int Connection, string Mail, IReadOnlyList<string> Recipients, byte[] Octets)
{
    public string Text => Encoding.Latin1.GetString(Octets);
}

/// <summary>Another mail server, small and obedient: takes mail on a loopback port, remembers it, and refuses what it is told to refuse.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly ConcurrentBag<TcpClient> _clients = [];
    private readonly Task _accepting;
    private int _connections;

    public SmtpSink(int port = 0)
    {
        _listener = new(IPAddress.Loopback, port);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => _connections;

    public ConcurrentQueue<SunkMessage> Messages { get; } = new();

    /// <summary>What EHLO offers.</summary>
    public IReadOnlyList<string> Extensions { get; set; } = ["PIPELINING", "8BITMIME", "SMTPUTF8"];

    /// <summary>The answer to RCPT, by its path ("a@b").</summary>
    public Func<string, string> OnRcpt { get; set; } = _ => "250 2.1.5 ok";

    /// <summary>The answer to a whole message.</summary>
    public Func<SunkMessage, string> OnMessage { get; set; } = _ => "250 2.0.0 taken";

    /// <summary>Waits until so many messages have come.</summary>
    public async Task<IReadOnlyList<SunkMessage>> ExpectAsync(int count, double seconds = 20)
    {
        for (var i = 0; i < seconds * 50 && Messages.Count < count; i++)
            await Task.Delay(20);
        return Messages.Count >= count ? [.. Messages] : throw new TimeoutException($"{Messages.Count} of {count} messages came");
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (var client in _clients)
            client.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                _clients.Add(client);
                _ = ServeAsync(client, Interlocked.Increment(ref _connections));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client, int number)
    {
        try
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
            await using var writer = new StreamWriter(client.GetStream(), Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
            await writer.WriteLineAsync("220 sink.test ESMTP");
            await ServeAsync(reader, writer, number);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The client went.
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task ServeAsync(StreamReader reader, StreamWriter writer, int number)
    {
        var mail = "";
        var recipients = new List<string>();
        while (await reader.ReadLineAsync() is { } line)
        {
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await writer.WriteLineAsync("250-sink.test");
                    await writer.WriteLineAsync(string.Join("\r\n", Extensions.Select((e, i) => (i < Extensions.Count - 1 ? "250-" : "250 ") + e)));
                    break;
                case "MAIL":
                    (mail, recipients) = (line, []);
                    await writer.WriteLineAsync("250 2.1.0 ok");
                    break;
                case "RCPT":
                    var answer = OnRcpt(line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)]);
                    if (answer[0] == '2')
                        recipients.Add(line);
                    await writer.WriteLineAsync(answer);
                    break;
                case "DATA":
                    if (!await TakeAsync(reader, writer, number, mail, recipients))
                        return;
                    break;
                case "QUIT":
                    await writer.WriteLineAsync("221 2.0.0 bye");
                    return;
                default:
                    await writer.WriteLineAsync("250 2.0.0 ok");
                    break;
            }
        }
    }

    /// <summary>False: the connection ended within the message, which is none then.</summary>
    private async Task<bool> TakeAsync(StreamReader reader, StreamWriter writer, int number, string mail, List<string> recipients)
    {
        if (recipients.Count == 0)
        {
            await writer.WriteLineAsync("554 5.5.1 no recipients");
            return true;
        }

        await writer.WriteLineAsync("354 go");
        var text = new StringBuilder();
        string? line;
        while ((line = await reader.ReadLineAsync()) is not null and not ".")
            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        if (line is null)
            return false;
        var message = new SunkMessage(number, mail, [.. recipients], Encoding.Latin1.GetBytes(text.ToString()));
        var answer = OnMessage(message);
        if (answer[0] == '2')
            Messages.Enqueue(message);
        await writer.WriteLineAsync(answer);
        return true;
    }
}
