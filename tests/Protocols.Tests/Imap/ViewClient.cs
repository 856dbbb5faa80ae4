using System.Globalization;
using System.Text.RegularExpressions;
using Webmail.Testing.Transcripts;

namespace Webmail.Protocols.Tests.Imap;

/// <summary>
/// An IMAP client that believes nothing but untagged replies: it keeps the mailbox as they tell it, and fails where they contradict each other
/// (RFC 3501 sections 5.2, 5.5 and 7.4.1).
/// </summary>
internal sealed partial class ViewClient(TranscriptClient wire, string name, Sightings seen) : IAsyncDisposable
{
    private readonly List<Known> _messages = [];
    private readonly HashSet<string> _keywords = new(StringComparer.OrdinalIgnoreCase);
    private int _tag;

    public int Count => _messages.Count;

    public IReadOnlyList<Known> Messages => _messages;

    /// <summary>What happened last, for a failure's message.</summary>
    public Queue<string> Dialogue { get; } = new();

    public ValueTask DisposeAsync() => wire.DisposeAsync();

    public async Task OpenAsync(string mailbox)
    {
        await LineAsync();
        await DoAsync("LOGIN ann@example.test pass-word");
        await DoAsync($"SELECT {mailbox}");
    }

    /// <summary>One command; its reply must be OK. Gives the untagged lines that tell nothing of the mailbox's messages.</summary>
    public async Task<List<string>> DoAsync(string command, bool mayFail = false)
    {
        // RFC 3501 section 7.4.1: no EXPUNGE while one of these is answered, since sequence numbers in it would change their meaning.
        var isSteady = command.StartsWith("FETCH", StringComparison.Ordinal) || command.StartsWith("STORE", StringComparison.Ordinal)
            || command.StartsWith("SEARCH", StringComparison.Ordinal);
        var tag = string.Create(CultureInfo.InvariantCulture, $"{name}{++_tag}");
        await SendAsync($"{tag} {command}");
        var others = new List<string>();
        while (true)
        {
            var line = await LineAsync();
            if (line.StartsWith(tag, StringComparison.Ordinal))
            {
                Require(mayFail || line.StartsWith(tag + " OK", StringComparison.Ordinal), line);
                return others;
            }

            if (!Takes(line, isSteady))
                others.Add(line);
        }
    }

    /// <summary>Idles until DONE, sent after a while.</summary>
    public async Task IdleAsync(TimeSpan time)
    {
        var tag = string.Create(CultureInfo.InvariantCulture, $"{name}{++_tag}");
        await SendAsync($"{tag} IDLE");
        while (await LineAsync() is var line && !line.StartsWith('+'))
            Takes(line, isSteady: false);
        await Task.Delay(time);
        await SendAsync("DONE");
        while (await LineAsync() is var line && !line.StartsWith(tag, StringComparison.Ordinal))
            Takes(line, isSteady: false);
    }

    /// <summary>The flags of these are no longer known: they were changed silently.</summary>
    public void ForgetFlags()
    {
        foreach (var message in _messages)
            message.Flags = null;
    }

    public void Require(bool isRight, string what)
    {
        if (!isRight)
            Assert.Fail($"{name}: {what}\n{string.Join('\n', Dialogue.TakeLast(60))}");
    }

    private bool Takes(string line, bool isSteady)
    {
        var match = Untagged().Match(line);
        if (!match.Success)
        {
            if (line.StartsWith("* FLAGS (", StringComparison.Ordinal))
                _keywords.UnionWith(Flags().Match(line).Groups["v"].Value.Split(' '));
            return false;
        }

        var n = int.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture);
        switch (match.Groups["what"].Value)
        {
            case "EXISTS":
                Require(n >= _messages.Count, "EXISTS may not go back");
                while (_messages.Count < n)
                    _messages.Add(new());
                break;
            case "EXPUNGE":
                Require(!isSteady, "EXPUNGE in the reply of a command with sequence numbers");
                Require(n >= 1 && n <= _messages.Count, "EXPUNGE of a number that is none");
                _messages.RemoveAt(n - 1);
                break;
            case "FETCH":
                Require(n >= 1 && n <= _messages.Count, "FETCH of a number that is none");
                Fetched(n - 1, line);
                break;
        }

        return true;
    }

    private void Fetched(int at, string line)
    {
        var message = _messages[at];
        if (Uid().Match(line) is { Success: true } uid)
        {
            var value = uint.Parse(uid.Groups["v"].Value, CultureInfo.InvariantCulture);
            Require(message.Uid is null || message.Uid == value, $"number {at + 1} was UID {message.Uid}");
            message.Uid = value;
            Require(_messages.Take(at).All(m => m.Uid is null || m.Uid < value) && _messages.Skip(at + 1).All(m => m.Uid is null || m.Uid > value), "UIDs must ascend");
        }

        if (Flags().Match(line) is { Success: true } flags)
            Flagged(message, flags.Groups["v"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (message is { IsRecent: true, Uid: { } recent })
            Require(seen.IsRecentFor(recent, name), $"UID {recent} is recent in another session too");
        if (Facts().Match(line) is { Success: true } facts)
            Require(seen.AreFacts(message.Uid!.Value, facts.Value), $"UID {message.Uid} has other facts than it had");
        if (ModSeq().Match(line) is { Success: true } modSeq)
        {
            var value = ulong.Parse(modSeq.Groups["v"].Value, CultureInfo.InvariantCulture);
            Require(value >= message.ModSeq, "a mod-sequence may not go back");
            message.ModSeq = value;
        }
    }

    /// <summary>A keyword has to stand in FLAGS before it stands at a message (RFC 3501 section 7.2.6).</summary>
    private void Flagged(Known message, string[] flags)
    {
        foreach (var flag in flags)
            Require(flag.StartsWith('\\') || _keywords.Contains(flag), $"the keyword {flag} came unannounced");
        message.IsRecent |= flags.Contains(@"\Recent");
        message.Flags = [.. flags.Where(f => f != @"\Recent").Order(StringComparer.Ordinal)];
    }

    private async Task SendAsync(string line)
    {
        Dialogue.Enqueue("C: " + line);
        await wire.SendAsync(line + "\r\n");
    }

    private async Task<string> LineAsync()
    {
        var line = await wire.ReadLineAsync();
        Dialogue.Enqueue("S: " + line);
        Require(line is not null, "the connection ended");
        return line!;
    }

    [GeneratedRegex(@"^\* (?<n>\d+) (?<what>EXISTS|EXPUNGE|FETCH)\b", RegexOptions.None, 1000)]
    private static partial Regex Untagged();

    [GeneratedRegex(@"\bUID (?<v>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Uid();

    [GeneratedRegex(@"\bFLAGS \((?<v>[^)]*)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Flags();

    [GeneratedRegex(@"\bINTERNALDATE .*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Facts();

    [GeneratedRegex(@"\bMODSEQ \((?<v>\d+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ModSeq();

    /// <summary>What the client knows of a message: null where it was never told.</summary>
    internal sealed class Known
    {
        public uint? Uid { get; set; }

        public List<string>? Flags { get; set; }

        public bool IsRecent { get; set; }

        public ulong ModSeq { get; set; }
    }
}
