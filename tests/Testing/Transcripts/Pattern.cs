using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Webmail.Testing.Transcripts;

/// <summary>The {{…}} of transcripts: matching of server lines with captures, and making of client octets (Latin-1 text stands for octets).</summary>
internal sealed partial class Pattern
{
    private readonly Dictionary<string, string> _captured = new(StringComparer.Ordinal);

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

    private static string Make(string name)
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
            "base64" => Convert.ToBase64String(Encoding.Latin1.GetBytes(name[7..].Replace("\\0", "\0", StringComparison.Ordinal))),
            _ => throw new FormatException($"{{{{{name}}}}} was not captured before and is no known form"),
        };
    }

    [GeneratedRegex(@"\{\{(?<name>.+?)\}\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hole();
}
