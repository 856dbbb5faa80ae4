using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap.List;

/// <summary>
/// A mailbox pattern: "*" is anything, "%" anything but the separator (RFC 3501 section 6.3.8). Matching takes time in proportion to name × pattern,
/// whatever the pattern is.
/// </summary>
internal sealed class ListPattern
{
    private readonly string _pattern;

    /// <param name="reference">LIST's first argument: what the pattern is relative to.</param>
    public ListPattern(string reference, string pattern)
    {
        // Runs of wildcards say no more than one "*" or one "%".
        var whole = reference + pattern;
        var text = new System.Text.StringBuilder(whole.Length);
        foreach (var c in whole)
        {
            if (c is '*' or '%' && text.Length > 0 && text[^1] is '*' or '%')
            {
                if (c is '*' or '%')
                {
                    text[^1] = c == '*' || text[^1] == '*' ? '*' : '%';
                    continue;
                }
            }

            text.Append(c);
        }

        // No name is longer than this: such a pattern matches nothing.
        _pattern = text.Length > 2 * MailboxName.MaxBytes ? "//" : text.ToString();
    }

    /// <summary>It means whole branches: levels that are no mailboxes are not among them (RFC 3501 section 6.3.8).</summary>
    public bool MatchesAllBelow => _pattern.Contains('*', StringComparison.Ordinal);

    public bool Matches(string name)
    {
        // reach[i]: the first i characters of the name are matched by what was read of the pattern so far.
        Span<bool> reach = stackalloc bool[MailboxName.MaxBytes + 2];
        reach = reach[..(name.Length + 1)];
        reach[0] = true;
        var inbox = InboxLength(name);
        foreach (var c in _pattern)
        {
            if (c is '*' or '%')
            {
                for (var i = 1; i <= name.Length; i++)
                    reach[i] |= reach[i - 1] && (c == '*' || name[i - 1] != MailboxName.Separator);
                continue;
            }

            var any = false;
            for (var i = name.Length; i > 0; i--)
                any |= reach[i] = reach[i - 1] && Same(name[i - 1], c, i <= inbox);
            reach[0] = false;
            if (!any)
                return false;
        }

        return reach[name.Length];
    }

    /// <summary>INBOX is INBOX in any case, and only it.</summary>
    private static int InboxLength(string name) =>
        name.StartsWith("INBOX", StringComparison.Ordinal) && (name.Length == 5 || name[5] == MailboxName.Separator) ? 5 : 0;

    private static bool Same(char inName, char inPattern, bool anyCase) =>
        inName == inPattern || (anyCase && inName == char.ToUpperInvariant(inPattern));
}
