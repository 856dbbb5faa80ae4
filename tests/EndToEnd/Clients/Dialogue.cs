using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;

namespace Webmail.EndToEnd.Clients;

/// <summary>A command that a client sent: without its tag, and a literal only as "{n}".</summary>
internal sealed class SentCommand(string tag, string text)
{
    public string Tag => tag;

    public string Text => text;

    /// <summary>The server has answered; for IDLE: has said "+".</summary>
    public bool Answered { get; set; }
}

/// <summary>What was said on one IMAP or POP3 connection, as octets come by. Compression is undone.</summary>
internal sealed partial class Dialogue
{
    private readonly List<SentCommand> _commands = [];
    private readonly List<string> _all = [];
    private readonly Action _changed;
    private readonly bool _tagged;

    /// <param name="tagged">IMAP; POP3 has no tags, and its answers are not read.</param>
    /// <param name="changed">Called for every line.</param>
    public Dialogue(bool tagged, Action changed)
    {
        (_tagged, _changed) = (tagged, changed);
        Client = new(OnClient, tagged);
        Server = new(OnServer, tagged);
    }

    public Lines Client { get; }

    public Lines Server { get; }

    public SentCommand[] Commands
    {
        get
        {
            lock (_all)
                return [.. _commands];
        }
    }

    /// <summary>STARTTLS or STLS was sent and not yet answered.</summary>
    public bool WaitsForTls { get; private set; }

    /// <summary>The last lines, for people.</summary>
    public override string ToString()
    {
        lock (_all)
            return string.Join('\n', _all.TakeLast(40).Select(l => l.Length > 200 ? l[..200] + "…" : l));
    }

    private void OnClient(string line)
    {
        lock (_all)
        {
            _all.Add("C: " + line);
            var space = _tagged ? line.IndexOf(' ', StringComparison.Ordinal) : -1;
            if (_tagged ? space < 0 : !Pop3Verb().IsMatch(line))
                return;
            _commands.Add(new(_tagged ? line[..space] : "", line[(space + 1)..]));
            WaitsForTls = IsLast("STARTTLS") || IsLast("STLS");
            if (IsLast("COMPRESS DEFLATE"))
                Client.Inflate();
        }

        _changed();
    }

    private void OnServer(string line)
    {
        lock (_all)
        {
            _all.Add("S: " + line);
            if (!_tagged)
                WaitsForTls = false;
            else if (line.StartsWith("+ ", StringComparison.Ordinal) && IsLast("IDLE"))
                _commands[^1].Answered = true;
            else if (_commands.Find(c => !c.Answered && line.StartsWith(c.Tag + " ", StringComparison.Ordinal)) is { } command)
                Answer(command);
        }

        _changed();
    }

    private void Answer(SentCommand command)
    {
        command.Answered = true;
        WaitsForTls = false;
        if (command.Text.StartsWith("COMPRESS", StringComparison.OrdinalIgnoreCase))
            Server.Inflate();
    }

    /// <summary>Against a line of a SASL exchange, which may look like anything else.</summary>
    [GeneratedRegex("^[A-Za-z]{3,4}(?: |$)", RegexOptions.None, 1000)]
    private static partial Regex Pop3Verb();

    private bool IsLast(string verb) => _commands.Count > 0 && _commands[^1].Text.Equals(verb, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Octets into lines; a literal is its header alone.</summary>
internal sealed class Lines(Action<string> onLine, bool literals)
{
    private readonly StringBuilder _line = new();
    private readonly Pipe _compressed = new(new PipeOptions(pauseWriterThreshold: 0));
    private long _literal;
    private int _behindLiteral;
    private bool _inflates;
    private Task _inflating = Task.CompletedTask;

    /// <summary>What follows the line in hand is compressed (RFC 4978).</summary>
    public void Inflate() => _inflates = true;

    public async Task FeedAsync(ReadOnlyMemory<byte> octets)
    {
        if (!_inflates)
            octets = octets[Read(octets.Span)..];
        if (octets.IsEmpty)
            return;
        if (_inflating.IsCompleted)
            _inflating = Task.Run(InflateAsync);
        await _compressed.Writer.WriteAsync(octets);
    }

    /// <summary>Nothing more comes: all is read when it returns.</summary>
    public async Task EndAsync()
    {
        await _compressed.Writer.CompleteAsync();
        await _inflating;
    }

    private async Task InflateAsync()
    {
        await using var plain = new DeflateStream(_compressed.Reader.AsStream(), CompressionMode.Decompress);
        var buffer = new byte[16 * 1024];
        while (await plain.ReadAsync(buffer) is > 0 and var n)
            Read(buffer.AsSpan(0, n), untilInflate: false);
    }

    /// <summary>How much was read: all of it, or up to where compression begins.</summary>
    private int Read(ReadOnlySpan<byte> octets, bool untilInflate = true)
    {
        var at = 0;
        while (at < octets.Length && !(untilInflate && _inflates))
        {
            if (_literal > 0)
            {
                var n = (int)Math.Min(_literal, octets.Length - at);
                (_literal, at) = (_literal - n, at + n);
                continue;
            }

            var octet = octets[at++];
            if (octet == '\n')
                EndOfLine();
            else if (octet != '\r')
                _line.Append((char)octet);
        }

        return at;
    }

    private void EndOfLine()
    {
        var line = _line.ToString();
        var open = literals && line.EndsWith('}') ? line.LastIndexOf('{') : int.MinValue;
        if (open >= _behindLiteral && long.TryParse(line.AsSpan(open + 1, line.Length - open - 2).TrimEnd('+'), NumberStyles.None, CultureInfo.InvariantCulture, out _literal))
        {
            // The line goes on behind the literal.
            _behindLiteral = line.Length;
            return;
        }

        _line.Clear();
        _behindLiteral = 0;
        onLine(line);
    }
}
