using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Webmail.EndToEnd.Durability;

/// <summary>
/// A plain connection of lines and octets, for clients that must know exactly what they sent and what was answered. A connection that ends is an
/// <see cref="IOException"/> or a <see cref="SocketException"/>; a server that says nothing for too long is a <see cref="TimeoutException"/>.
/// </summary>
internal sealed class LineConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private int _tag;

    private LineConnection(Socket socket)
    {
        _socket = socket;
        _stream = new(socket);
    }

    public static async Task<LineConnection> OpenAsync(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, port).WaitAsync(Patience);
            return new(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A line without its CRLF.</summary>
    public async Task<string> LineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            var end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            var length = end >= 0 ? end : _end - _start;
            line.Append(Encoding.Latin1.GetString(_buffer, _start, length));
            _start += length;
            if (end >= 0)
            {
                _start++;
                return line.ToString().TrimEnd('\r');
            }

            await FillAsync();
        }
    }

    public async Task<byte[]> OctetsAsync(int count)
    {
        var octets = new byte[count];
        for (var done = 0; done < count;)
        {
            if (_start == _end)
                await FillAsync();
            var n = Math.Min(count - done, _end - _start);
            _buffer.AsSpan(_start, n).CopyTo(octets.AsSpan(done));
            _start += n;
            done += n;
        }

        return octets;
    }

    /// <summary>Reads octets and forgets them.</summary>
    public async Task SkipAsync(long count)
    {
        while (count > 0)
        {
            if (_start == _end)
                await FillAsync();
            var n = (int)Math.Min(count, _end - _start);
            _start += n;
            count -= n;
        }
    }

    public Task SendAsync(string latin1) => SendAsync(Encoding.Latin1.GetBytes(latin1));

    public Task SendAsync(ReadOnlyMemory<byte> octets) => _stream.WriteAsync(octets).AsTask().WaitAsync(Patience);

    /// <summary>SMTP: a command, and the last line of its reply.</summary>
    public async Task<string> ReplyAsync(string? command = null)
    {
        if (command is not null)
            await SendAsync(command + "\r\n");
        while (true)
        {
            var line = await LineAsync();
            if (line.Length < 4 || line[3] != '-')
                return line;
        }
    }

    /// <summary>IMAP: a command under a tag of its own, and its tagged line without the tag. Untagged lines (and literals) go to <paramref name="untagged"/>.</summary>
    public async Task<string> TaggedAsync(string command, Action<string, byte[]?>? untagged = null)
    {
        var tag = NextTag();
        await SendAsync($"{tag} {command}\r\n");
        return await TaggedLineAsync(tag, untagged);
    }

    public string NextTag() => string.Create(CultureInfo.InvariantCulture, $"t{++_tag}");

    public async Task<string> TaggedLineAsync(string tag, Action<string, byte[]?>? untagged = null)
    {
        while (true)
        {
            var line = await LineAsync();
            if (line.StartsWith(tag + " ", StringComparison.Ordinal))
                return line[(tag.Length + 1)..];
            byte[]? literal = null;
            var open = line.EndsWith('}') ? line.LastIndexOf('{') : -1;
            if (open >= 0)
                literal = await OctetsAsync(int.Parse(line.AsSpan(open + 1, line.Length - open - 2), CultureInfo.InvariantCulture));
            untagged?.Invoke(line, literal);
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task FillAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            _start = 0;
            _end = await _stream.ReadAsync(_buffer, limit.Token);
        }
        catch (OperationCanceledException e)
        {
            _end = 0;
            throw new TimeoutException("The server said nothing for a minute", e);
        }

        if (_end == 0)
            throw new EndOfStreamException("The server closed the connection");
    }
}
