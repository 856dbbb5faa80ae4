using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Webmail.Load;

/// <summary>IMAP, as far as the rows need it.</summary>
internal sealed partial class ImapClient : IDisposable
{
    private readonly RawClient _raw;
    private int _tag;

    public ImapClient(Server server, int user = 1, bool tls = false, string? select = null)
    {
        _raw = new RawClient(server.Host, tls ? server.Imaps : server.Imap, tls);
        _raw.Line();
        Do($"LOGIN {server.UserNumber(user)} {server.Password}");
        if (select is not null)
            Do($"SELECT {select}");
    }

    public RawClient Raw => _raw;

    public string NextTag() => string.Create(CultureInfo.InvariantCulture, $"t{++_tag:000000}");

    /// <summary>Runs a command to its end; any answer but OK is a failure of the measurement.</summary>
    public long Do(string command)
    {
        var tag = NextTag();
        _raw.Send($"{tag} {command}");
        return Finish(tag, command);
    }

    public long Finish(string tag, string command)
    {
        var (octets, line) = _raw.Until(tag + " ");
        return line.StartsWith(tag + " OK", StringComparison.Ordinal) ? octets : throw new InvalidOperationException($"{command}: {line}");
    }

    public bool Try(string command)
    {
        var tag = NextTag();
        _raw.Send($"{tag} {command}");
        return _raw.Until(tag + " ").Line.StartsWith(tag + " OK", StringComparison.Ordinal);
    }

    public void Append(string mailbox, byte[] message, bool wait)
    {
        var tag = NextTag();
        _raw.Send(string.Create(CultureInfo.InvariantCulture, $"{tag} APPEND {mailbox} {{{message.Length}{(wait ? "" : "+")}}}"));
        if (wait && !_raw.Line().StartsWith('+'))
            throw new InvalidOperationException("APPEND was not asked to go on");
        _raw.Send([.. message, (byte)'\r', (byte)'\n']);
        Finish(tag, "APPEND");
    }

    /// <summary>All in one command (RFC 3502).</summary>
    public void AppendAll(string mailbox, IReadOnlyList<byte[]> messages)
    {
        var tag = NextTag();
        var command = new MemoryStream();
        command.Write(Encoding.ASCII.GetBytes($"{tag} APPEND {mailbox}"));
        foreach (var message in messages)
        {
            command.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $" () {{{message.Length}+}}\r\n")));
            command.Write(message);
        }

        command.Write("\r\n"u8);
        _raw.Send(command.GetBuffer().AsSpan(0, (int)command.Length));
        Finish(tag, "APPEND");
    }

    /// <summary>Appends messages first to last, fifty at once where the server takes literals without asking.</summary>
    public void Fill(string mailbox, int count)
    {
        for (var n = 0; n < count;)
        {
            var batch = new MemoryStream();
            var tags = new List<string>();
            for (; tags.Count < 50 && n < count; n++)
            {
                var message = Messages.Make(n);
                tags.Add(NextTag());
                batch.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{tags[^1]} APPEND {mailbox} {{{message.Length}+}}\r\n")));
                batch.Write(message);
                batch.Write("\r\n"u8);
            }

            _raw.Send(batch.GetBuffer().AsSpan(0, (int)batch.Length));
            tags.ForEach(tag => Finish(tag, "APPEND"));
        }
    }

    public int Count(string mailbox)
    {
        var tag = NextTag();
        _raw.Send($"{tag} STATUS {mailbox} (MESSAGES)");
        var answer = _raw.Line();
        Finish(tag, "STATUS");
        return int.Parse(CountInStatus().Match(answer).Groups["n"].Value, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        try
        {
            Do("LOGOUT");
        }
        catch (IOException)
        {
            // Closed already.
        }

        _raw.Dispose();
    }

    [GeneratedRegex(@"MESSAGES (?<n>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CountInStatus();
}
