using System.Net;
using System.Text;

namespace Webmail.Testing.Transcripts;

/// <summary>Plays a transcript against a world of its own, in memory.</summary>
public sealed class TranscriptRunner : IAsyncDisposable
{
    private readonly Transcript _transcript;
    private readonly string _protocol;
    private readonly bool _overTls;
    private readonly MailWorld _world;
    private readonly Pattern _pattern;
    private readonly Dictionary<string, TranscriptClient> _clients = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<string>> _peeked = new(StringComparer.Ordinal);

    private TranscriptRunner(Transcript transcript, string protocol, bool overTls, MailWorld world)
    {
        _transcript = transcript;
        _protocol = protocol;
        _overTls = overTls;
        _world = world;
        _pattern = new(world.Secrets);
    }

    /// <param name="overTls">Over TLS from the first octet, and sent in splits of one to three octets.</param>
    public static async Task RunAsync(Transcript transcript, string protocol, bool overTls, PostgresFixture postgres)
    {
        await using var world = await TranscriptWorld.BuildAsync(transcript, postgres);
        await using (var runner = new TranscriptRunner(transcript, protocol, overTls, world))
            await runner.PlayAsync();
        Assert.Empty(world.Errors.All);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
            await client.DisposeAsync();
    }

    private async Task PlayAsync()
    {
        var steps = _transcript.Steps;
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            try
            {
                switch (step.Kind)
                {
                    case StepKind.Then:
                        await TranscriptWorld.CheckAsync(_world, step.Text);
                        break;
                    case StepKind.Do:
                        await DoAsync(step);
                        break;
                    case StepKind.Send:
                        await (await ClientAsync(step.Client)).SendAsync(_pattern.Expand(step.Text) + "\r\n");
                        break;
                    case StepKind.SendRaw:
                        await (await ClientAsync(step.Client)).SendAsync(_pattern.Expand(step.Text));
                        break;
                    case StepKind.Expect:
                        await ExpectAsync(step.Client, [step.Text]);
                        break;
                    case StepKind.ExpectAnyOrder:
                        var group = steps.Skip(i).TakeWhile(s => s.Kind == StepKind.ExpectAnyOrder && s.Client == step.Client).Select(s => s.Text).ToList();
                        i += group.Count - 1;
                        await ExpectAsync(step.Client, group);
                        break;
                    case StepKind.ExpectMany:
                        await SkipAsync(step.Client, step.Text);
                        break;
                }
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"{Where(step)}: {e.Message}", e);
            }
            catch (Xunit.Sdk.XunitException e)
            {
                Assert.Fail($"{Where(step)}: {e.Message}{string.Concat(_world.Errors.All.Select(x => "\nLogged: " + x))}");
            }
        }
    }

    private string Where(Step step) => $"{_protocol}/{_transcript.Name}:{step.Line}";

    private async Task ExpectAsync(string client, List<string> patterns)
    {
        while (patterns.Count > 0)
        {
            var line = await NextAsync(client) ?? "(the connection ended)";
            var found = patterns.FindIndex(p => _pattern.Matches(Latin1(p), line));
            if (found < 0)
                Assert.Fail($"expected: {string.Join("\n      or: ", patterns)}\n     got: {line}");
            patterns.RemoveAt(found);
        }
    }

    private async Task SkipAsync(string client, string pattern)
    {
        // The first line that isn't like the pattern is left for the next step; after the last "*" step there must be one.
        while (await NextAsync(client) is { } line)
        {
            if (!_pattern.Matches(Latin1(pattern), line))
            {
                PeekedOf(client).Enqueue(line);
                return;
            }
        }
    }

    private async Task<string?> NextAsync(string client) =>
        PeekedOf(client).TryDequeue(out var line) ? line : await (await ClientAsync(client)).ReadLineAsync();

    private Queue<string> PeekedOf(string client) => _peeked.TryGetValue(client, out var queue) ? queue : _peeked[client] = new();

    private async Task DoAsync(Step step)
    {
        var words = step.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words)
        {
            case ["connect"]:
                await ConnectAsync(step.Client, IPAddress.Loopback);
                break;
            case ["connect", "from", var address]:
                await ConnectAsync(step.Client, IPAddress.Parse(address));
                break;
            case ["login", var account, .. var rest]:
                await LoginAsync(step.Client, account, rest.FirstOrDefault());
                break;
            case ["starttls"]:
                await (await ClientAsync(step.Client)).StartTlsAsync();
                break;
            case ["deflate"]:
                (await ClientAsync(step.Client)).StartDeflate();
                break;
            case ["stop"]:
                (await ClientAsync(step.Client)).Stop();
                break;
            case ["close"]:
                await (await ClientAsync(step.Client)).DisposeAsync();
                _clients.Remove(step.Client);
                break;
            case ["closed"]:
                Assert.Null(await NextAsync(step.Client));
                break;
            case ["wait", var milliseconds]:
                await Task.Delay(int.Parse(milliseconds, System.Globalization.CultureInfo.InvariantCulture));
                break;
            default:
                throw new FormatException($"'{step.Text}' is nothing a client can do");
        }
    }

    private async Task<TranscriptClient> ConnectAsync(string name, IPAddress from)
    {
        if (_clients.Remove(name, out var old))
            await old.DisposeAsync();
        PeekedOf(name).Clear();
        return _clients[name] = await TranscriptClient.ConnectAsync(_world.Handler(_protocol), from, _overTls, name);
    }

    /// <summary>The client; one that isn't connected yet connects and reads the greeting.</summary>
    private async Task<TranscriptClient> ClientAsync(string name)
    {
        if (_clients.TryGetValue(name, out var client))
            return client;
        client = await ConnectAsync(name, IPAddress.Loopback);
        var greeting = await client.ReadLineAsync();
        Assert.Matches(@"^(\* OK|\+OK|220) ", greeting);
        return client;
    }

    private async Task LoginAsync(string name, string account, string? mailbox)
    {
        var client = await ClientAsync(name);
        var address = MailWorld.AddressOf(account);
        var dialogue = _protocol switch
        {
            "imap" => new[] { ($"zl LOGIN {address} pass-word", "zl "), (mailbox is null ? "" : $"zs SELECT \"{mailbox}\"", "zs ") },
            "pop3" => [($"USER {address}", "+"), ("PASS pass-word", "+")],
            _ => [("EHLO client.example", "250 "), ("AUTH PLAIN " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{address}\0pass-word")), "235 ")],
        };
        foreach (var (line, end) in dialogue.Where(d => d.Item1.Length > 0))
        {
            await client.SendAsync(line + "\r\n");
            string? reply;
            do
                reply = await client.ReadLineAsync() ?? throw new InvalidOperationException($"The connection ended at '{line}'");
            while (!reply.StartsWith(end, StringComparison.Ordinal) && !reply.StartsWith("-ERR", StringComparison.Ordinal) && !(end.StartsWith('2') && reply[0] == '5'));
            Assert.Matches(@"^(z[ls] OK|\+OK|2)", reply);
        }
    }

    private static string Latin1(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
