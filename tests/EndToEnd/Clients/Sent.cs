using System.Text.RegularExpressions;

namespace Webmail.EndToEnd.Clients;

/// <summary>
/// What a client sends, as a file that people read and fuzzers begin with: each form of a command once, in order of first use, numbers as "n" and strings as
/// "…". The file and the day agree when they hold the same words: verbs, data items, extensions. WEBMAIL_WRITE_SENT=1 writes the files again.
/// </summary>
internal static partial class Sent
{
    private static readonly bool Writes = Environment.GetEnvironmentVariable("WEBMAIL_WRITE_SENT") is "1";

    /// <summary>What depends on how long something takes, and not on what the client knows.</summary>
    private static readonly HashSet<string> ByTime = new(["NOOP", "CHECK"], StringComparer.Ordinal);

    public static void Compare(string client, SentCommand[] commands)
    {
        var now = commands.Select(c => Form(c.Text)).Distinct(StringComparer.Ordinal).ToArray();
        var path = Path.Combine(ServerProcess.Root, "tests", "EndToEnd", "Clients", "Sent", client + ".txt");
        if (Writes)
            File.WriteAllLines(path, now);
        var (before, after) = (Words(File.ReadAllLines(path)), Words(now));
        Assert.True(
            before.SetEquals(after),
            $"{client} no longer sends {List(before.Except(after))}, and sends {List(after.Except(before))} for the first time. When that is as it should be: WEBMAIL_WRITE_SENT=1 writes {path} again.\n"
                + string.Join('\n', now));
    }

    /// <summary>A command without what is this day's alone.</summary>
    public static string Form(string command)
    {
        var form = Quoted().Replace(command, m => Kept().IsMatch(m.Value) ? m.Value : "\"…\"");
        if (Secret().Match(form) is { Success: true } secret)
            return secret.Groups["verb"].Value.ToUpperInvariant() + " …";
        form = Date().Replace(form, "date");
        form = Number().Replace(form, "n");
        return Set().Replace(form, "n");
    }

    private static HashSet<string> Words(string[] forms) =>
        [.. forms.SelectMany(f => Word().Matches(Quoted().Replace(f, "").ToUpperInvariant()).Select(m => m.Value)).Where(w => !ByTime.Contains(w))];

    private static string List(IEnumerable<string> words) => string.Join(", ", words.Order(StringComparer.Ordinal).DefaultIfEmpty("nothing"));

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"", RegexOptions.None, 1000)]
    private static partial Regex Quoted();

    /// <summary>Patterns and the mailboxes that everyone has.</summary>
    [GeneratedRegex("^\"(?:|[*%]|INBOX|Archive|Drafts|Junk|Sent|Trash)\"$", RegexOptions.None, 1000)]
    private static partial Regex Kept();

    [GeneratedRegex("^(?<verb>LOGIN|AUTHENTICATE [A-Z0-9-]+|USER|PASS|AUTH [A-Z0-9-]+)(?: .*)?$", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Secret();

    [GeneratedRegex(@"(?<![0-9])[0-9]{1,2}-[A-Z][a-z]{2}-[0-9]{4}", RegexOptions.None, 1000)]
    private static partial Regex Date();

    [GeneratedRegex(@"(?<![A-Za-z0-9.&-])[0-9]+(?:\.[0-9]+)*(?![0-9A-Za-z-])", RegexOptions.None, 1000)]
    private static partial Regex Number();

    /// <summary>Sequence sets of any length.</summary>
    [GeneratedRegex(@"(?<=[ (])n(?:[,:](?:n|\*))+(?=[ )]|$)", RegexOptions.None, 1000)]
    private static partial Regex Set();

    [GeneratedRegex(@"(?<=^|[ (\[])[A-Z][A-Z0-9.=/+-]+", RegexOptions.None, 1000)]
    private static partial Regex Word();
}
