using System.Text;
using System.Text.RegularExpressions;

namespace Webmail.Web.Cli;

/// <summary>
/// Names without a domain in address fields, as cron writes them ("From: root (Cron Daemon)"): they get our domain, since mail knows no address
/// without one (RFC 5322 section 3.4.1). Anything else stays as it is.
/// </summary>
internal sealed partial class UnqualifiedAddresses(string domain)
{
    static readonly string[] Fields = ["From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Resent-Bcc"];

    bool inField;

    /// <summary>The next line of the header, folded ones included.</summary>
    public byte[] Complete(byte[] line)
    {
        var text = Encoding.Latin1.GetString(line);
        var start = 0;
        if (text.Length > 0 && text[0] is not (' ' or '\t'))
        {
            start = text.IndexOf(':', StringComparison.Ordinal) + 1;
            inField = start > 0 && Fields.Contains(text[..(start - 1)].TrimEnd(), StringComparer.OrdinalIgnoreCase);
        }

        if (!inField)
            return line;
        var completed = text[..start] + string.Join(',', Elements(text[start..]).Select(One));
        return Encoding.Latin1.GetBytes(completed);
    }

    string One(string element)
    {
        if (element.Contains('@', StringComparison.Ordinal))
            return element;
        var match = Bare().Match(element) is { Success: true } bare ? bare : InBrackets().Match(element);
        if (!match.Success)
            return element;
        var end = match.Groups["name"].Index + match.Groups["name"].Length;
        return $"{element[..end]}@{domain}{element[end..]}";
    }

    // Split at commas outside quotes and comments.
    static IEnumerable<string> Elements(string value)
    {
        var from = 0;
        var depth = 0;
        var quoted = false;
        for (var i = 0; i < value.Length; i++)
        {
            switch (value[i])
            {
                case '\\':
                    i++;
                    break;
                case '"' when depth == 0:
                    quoted = !quoted;
                    break;
                case '(' when !quoted:
                    depth++;
                    break;
                case ')' when !quoted && depth > 0:
                    depth--;
                    break;
                case ',' when !quoted && depth == 0:
                    yield return value[from..i];
                    from = i + 1;
                    break;
                default:
                    break;
            }
        }

        yield return value[from..];
    }

    [GeneratedRegex(@"^\s*(?<name>[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)\s*(\(.*\))?\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Bare();

    [GeneratedRegex(@"<(?<name>[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InBrackets();
}
