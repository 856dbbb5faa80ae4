using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Webmail.Testing.Transcripts;

/// <summary>The {{…}} of transcripts: matching of server lines with captures, and making of client octets (Latin-1 text stands for octets).</summary>
internal sealed partial class Pattern
{
    private readonly Dictionary<string, string> _captured;
    private string _scramFirst = "";

    /// <param name="secrets">What the world made: app passwords and tokens by the names that "given" calls them.</param>
    public Pattern(IEnumerable<KeyValuePair<string, string>> secrets) => _captured = new(secrets, StringComparer.Ordinal);

    /// <summary>True when the line matches; new names are captured then.</summary>
    public bool Matches(string pattern, string line)
    {
        var fresh = new List<string>();
        var regex = new StringBuilder("^");
        var at = 0;
        foreach (Match hole in Hole().Matches(pattern))
        {
            regex.Append(Regex.Escape(pattern[at..hole.Index]));
            at = hole.Index + hole.Length;
            var name = hole.Groups["name"].Value;
            if (name == "*")
                regex.Append(".*");
            else if (name == "#")
                regex.Append("[0-9]+");
            else if (_captured.TryGetValue(name, out var value))
                regex.Append(Regex.Escape(value));
            else if (fresh.Contains(name))
                regex.Append(CultureInfo.InvariantCulture, $"\\k<{name}>");
            else if (char.IsAsciiLetter(name[0]) && name.All(char.IsAsciiLetterOrDigit))
            {
                regex.Append(CultureInfo.InvariantCulture, $"(?<{name}>.+?)");
                fresh.Add(name);
            }
            else
                regex.Append(Regex.Escape(Make(name)));
        }

        regex.Append(Regex.Escape(pattern[at..])).Append('$');
        var match = Regex.Match(line, regex.ToString(), RegexOptions.Singleline, TimeSpan.FromSeconds(5));
        if (!match.Success)
            return false;
        foreach (var name in fresh)
            _captured[name] = match.Groups[name].Value;
        return true;
    }

    /// <summary>The octets of a client line, as Latin-1 text.</summary>
    public string Expand(string text) => Hole().Replace(
        Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)), hole => _captured.GetValueOrDefault(hole.Groups["name"].Value) ?? Make(hole.Groups["name"].Value));

    /// <summary>SCRAM's first message of the client, as it stands.</summary>
    private string ScramFirst(string message)
    {
        _scramFirst = message;
        return Base64(message);
    }

    /// <summary>SCRAM's last message to the challenge that was captured; {{signature}} is what the server must say then.</summary>
    private string ScramFinal(string password, string challenge)
    {
        var (final, signature) = ScramClient.Answer(_scramFirst, Encoding.ASCII.GetString(Convert.FromBase64String(_captured[challenge])), _captured.GetValueOrDefault(password, password));
        _captured["signature"] = Base64("v=" + signature);
        return Base64(final);
    }

    private static string Base64(string latin1) => Convert.ToBase64String(Encoding.Latin1.GetBytes(latin1));

    /// <summary>"\0" is NUL, "\1" is ^A, and "\(name)" is what was captured.</summary>
    private string Unescape(string text) => Captured().Replace(
        text.Replace("\\0", "\0", StringComparison.Ordinal).Replace("\\1", "\u0001", StringComparison.Ordinal), m => _captured[m.Groups["name"].Value]);

    private string Make(string name)
    {
        var parts = name.Split(':', 3);
        return parts[0] switch
        {
            "crlf" => "\r\n",
            "cr" => "\r",
            "lf" => "\n",
            "nul" => "\0",
            "open" => "{{",
            "hex" => Encoding.Latin1.GetString(Convert.FromHexString(parts[1])),
            "repeat" => string.Concat(Enumerable.Repeat(parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture))),
            "base64" => Base64(Unescape(name[7..])),
            "scram" => ScramFirst(name[6..]),
            "scram-final" => ScramFinal(parts[1], parts[2]),
            _ => throw new FormatException($"{{{{{name}}}}} was not captured before and is no known form"),
        };
    }

    [GeneratedRegex(@"\{\{(?<name>.+?)\}\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hole();

    [GeneratedRegex(@"\\\((?<name>[A-Za-z0-9]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Captured();
}
