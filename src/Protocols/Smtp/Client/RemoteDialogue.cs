using System.Buffers;
using System.Net.Security;
using System.Text;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Smtp.Client;

/// <summary>How long we wait for another server (RFC 5321 section 4.5.3.2).</summary>
internal sealed record RemoteTimeouts
{
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan Greeting { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan Handshake { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan Command { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan DataStart { get; init; } = TimeSpan.FromMinutes(2);

    public TimeSpan DataBlock { get; init; } = TimeSpan.FromMinutes(3);

    public TimeSpan DataEnd { get; init; } = TimeSpan.FromMinutes(10);

    public TimeSpan Quit { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>
/// Commands and replies over one connection. A reply that doesn't come, or can't be one, breaks the dialogue for good: nothing more is sent or
/// read, since commands and replies would no longer belong together.
/// </summary>
internal sealed class RemoteDialogue(WirePipe wire, string host)
{
    // RFC 5321 section 4.5.3.1.5 allows 512 octets a line; peers send more.
    private const int LongestLine = 4096;
    private const int MostLines = 200;

    public WirePipe Wire => wire;

    public bool IsBroken { get; private set; }

    /// <summary>Puts a command into the output; it leaves with the next read. No argument may hold a line end.</summary>
    public void Write(string command)
    {
        var bytes = Encoding.UTF8.GetBytes(command + "\r\n");
        if (bytes.AsSpan(..^2).IndexOfAnyInRange((byte)0, (byte)31) >= 0)
            throw new ArgumentException("A command holds a control character", nameof(command));
        wire.Output.Write(bytes);
    }

    public ValueTask<RemoteReply> AskAsync(string command, TimeSpan timeout, CancellationToken ct)
    {
        Write(command);
        return ReadReplyAsync(timeout, ct);
    }

    public async ValueTask<RemoteReply> ReadReplyAsync(TimeSpan timeout, CancellationToken ct)
    {
        if (IsBroken)
            return Lost();
        wire.SetTimeout(timeout);
        var lines = new List<string>(1);
        while (true)
        {
            var line = await wire.ReadLineAsync(LongestLine, LineEnding.CrLfOrLf, ct);
            ct.ThrowIfCancellationRequested();
            if (line.Status != ReadStatus.Data)
                return Break(line.Status);
            if (!RemoteReply.TryParseLine(line.Bytes.Span, out var code, out var isLast, out var text) || lines.Count == MostLines)
                return Broken("sent a line that is no SMTP reply");
            lines.Add(text);
            if (!isLast)
                continue;
            // RFC 5321 section 3.8: 421 to any command means that the peer is going away.
            if (code == 421)
                IsBroken = true;
            return new(code, lines);
        }
    }

    public async ValueTask<bool> StartTlsAsync(TimeSpan timeout, CancellationToken ct)
    {
        // Opportunistic (RFC 3207 section 4.1): whoever can't be verified is still better than plain text, which is the alternative.
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        };
        wire.SetTimeout(TimeSpan.Zero);
        return await wire.StartTlsAsync(options, timeout, ct);
    }

    /// <summary>Nothing more can be sent or read.</summary>
    public RemoteReply Lost()
    {
        IsBroken = true;
        return RemoteReply.None("4.4.2", $"The connection with {host} was lost");
    }

    private RemoteReply Break(ReadStatus status) => status switch
    {
        ReadStatus.TimedOut => Broken("did not answer in time"),
        ReadStatus.Stopping => Broken("was left: this server is stopping"),
        ReadStatus.TooLong or ReadStatus.BareNewline => Broken("sent a line that is no SMTP reply"),
        _ => Lost(),
    };

    private RemoteReply Broken(string what)
    {
        IsBroken = true;
        return RemoteReply.None("4.4.2", $"{host} {what}");
    }
}
