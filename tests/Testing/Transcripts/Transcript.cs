using System.Globalization;
using System.Text.RegularExpressions;

namespace Webmail.Testing.Transcripts;

public enum StepKind
{
    /// <summary>"A: word …": connect, login, starttls, deflate, close, closed, stop.</summary>
    Do,

    /// <summary>"A.C: line": the client sends a line.</summary>
    Send,

    /// <summary>"A.C+ text": the client sends text without an end of line.</summary>
    SendRaw,

    /// <summary>"A.S: line": the server says exactly this.</summary>
    Expect,

    /// <summary>"A.S&amp; line": neighbours of this kind may come in any order.</summary>
    ExpectAnyOrder,

    /// <summary>"A.S* pattern": any number of lines like this, none included.</summary>
    ExpectMany,

    /// <summary>"then …": the state of the store or the queue.</summary>
    Then,
}

public sealed record Step(int Line, string Client, StepKind Kind, string Text);

/// <summary>
/// A conversation as an RFC would print it, one file a feature. Lines: "# comment", "given …" (the world, parts separated by ';'),
/// "only plain" (not run over TLS), and steps of named clients; "C:" and "S:" without a name are client A's.
/// Text from server lines: {{*}} anything, {{#}} digits, {{name}} captures, and means the same text from then on. In client lines {{name}} is what was captured, and
/// {{crlf}} {{cr}} {{lf}} {{nul}} {{hex:0aff}} {{repeat:x:1000}} {{base64:text}} (with \0 for NUL, \1 for ^A, \(name) for what was captured) make octets.
/// {{scram:client-first}} and {{scram-final:password:challenge}} are a client's two messages of SCRAM, {{signature}} what the server must say to the second.
/// "given app-password NAME of ann" and "given token NAME of ann SCOPE… [expired]" make secrets that are captured by their names.
/// "| text" lines belong to the step or given before them as a block of CRLF lines ("|" alone: an empty one).
/// </summary>
public sealed partial class Transcript
{
    public required string Name { get; init; }

    public List<(int Line, string Text, List<string> Block)> Givens { get; } = [];

    public List<Step> Steps { get; } = [];

    public bool OnlyPlain { get; private set; }

    public static Transcript Parse(string name, IEnumerable<string> lines)
    {
        var transcript = new Transcript { Name = name };
        var number = 0;
        List<string>? block = null;
        foreach (var line in lines)
        {
            number++;
            if (line.StartsWith('|') && block is not null)
            {
                block.Add(line.Length > 1 && line[1] == ' ' ? line[2..] : line[1..]);
                continue;
            }

            block = null;
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line.StartsWith("given ", StringComparison.Ordinal))
            {
                block = [];
                foreach (var part in line[6..].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                    transcript.Givens.Add((number, part, block));
            }
            else if (line == "only plain")
                transcript.OnlyPlain = true;
            else if (line.StartsWith("then ", StringComparison.Ordinal))
                transcript.Steps.Add(new(number, "", StepKind.Then, line[5..]));
            else
                transcript.Steps.Add(ParseStep(name, number, line));
        }

        return transcript;
    }

    private static Step ParseStep(string name, int number, string line)
    {
        var match = StepLine().Match(line);
        if (!match.Success)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name}:{number}: not a transcript line: {line}"));
        var client = match.Groups["client"].Value;
        var kind = match.Groups["kind"].Value switch
        {
            "" => StepKind.Do,
            "C:" => StepKind.Send,
            "C+" => StepKind.SendRaw,
            "S:" => StepKind.Expect,
            "S&" => StepKind.ExpectAnyOrder,
            _ => StepKind.ExpectMany,
        };
        return new(number, client.Length == 0 ? "A" : client, kind, match.Groups["text"].Value);
    }

    [GeneratedRegex(@"^(?:(?:(?<client>[A-Z][0-9]?)\.)?(?<kind>C:|C\+|S:|S&|S\*) ?|(?<client>[A-Z][0-9]?): ?)(?<text>.*)$", RegexOptions.None, 1000)]
    private static partial Regex StepLine();
}
