using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Webmail.Load;

/// <summary>A line client that costs little: it sends octets, and reads to the end of an answer without looking into it.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly Stream _stream;
    private readonly List<byte> _line = [];
    private byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;

    public RawClient(string host, int port, bool tls = false)
    {
        _tcp.Connect(host, port);
        _stream = _tcp.GetStream();
        _stream.ReadTimeout = 120_000;
        if (!tls)
            return;
        // The peer's certificate is its own: a measurement, not a secret.
        var secure = new SslStream(_stream, false, (_, certificate, _, _) => certificate is not null);
        secure.AuthenticateAsClient(host);
        _stream = secure;
    }

    public bool HasData => _start < _end || _tcp.Available > 0;

    public void Send(ReadOnlySpan<byte> octets) => _stream.Write(octets);

    public void Send(string line) => Send(Encoding.UTF8.GetBytes(line + "\r\n"));

    public string Line()
    {
        _line.Clear();
        while (true)
        {
            var end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            var take = end < 0 ? _end - _start : end + 1;
            _line.AddRange(_buffer.AsSpan(_start, take));
            _start += take;
            if (end >= 0)
                return Encoding.UTF8.GetString([.. _line]).TrimEnd('\r', '\n');
            Fill();
        }
    }

    /// <summary>Reads to the line that begins with <paramref name="mark"/> after a CRLF (or at once), and gives how many octets went by and that line.</summary>
    public (long Octets, string Line) Until(string mark)
    {
        var wanted = Encoding.ASCII.GetBytes("\n" + mark);
        long octets = 0;
        while (true)
        {
            if (octets == 0 && _buffer.AsSpan(_start, _end - _start).StartsWith(wanted.AsSpan(1)))
                return (0, Line());
            var at = _buffer.AsSpan(_start, _end - _start).IndexOf(wanted);
            if (at >= 0)
            {
                octets += at + 1;
                _start += at + 1;
                return (octets, Line());
            }

            // What could be the beginning of the mark stays.
            var drop = Math.Max(0, _end - _start - wanted.Length);
            octets += drop;
            _start += drop;
            Fill();
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _tcp.Dispose();
    }

    private void Fill()
    {
        if (_start == _end)
            _start = _end = 0;
        else if (_end == _buffer.Length)
        {
            if (_start == 0)
                Array.Resize(ref _buffer, _buffer.Length * 2);
            else
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }
        }

        var n = _stream.Read(_buffer, _end, _buffer.Length - _end);
        if (n == 0)
            throw new IOException("The server closed the connection");
        _end += n;
    }
}
