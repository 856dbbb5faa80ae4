using System.Text;

namespace Webmail.MailCore.Mime;

/// <summary>
/// One address of an ENVELOPE (RFC 9051 section 7.5.2), its texts as written and unquoted, Latin-1. A group starts with an entry whose
/// <see cref="Host"/> is null and whose <see cref="Mailbox"/> is the group's name, and ends with one where all is null.
/// </summary>
internal readonly record struct ParsedAddress(string? Name, string? Route, string? Mailbox, string? Host)
{
    public bool IsMailbox => Mailbox is not null && Host is not null;
}

/// <summary>
/// Reads an address list field (RFC 5322 section 3.4, with the obsolete forms), tolerantly. Since a null host means a group in IMAP, a missing domain
/// and a missing local part get the names that UW and Dovecot gave them.
/// </summary>
internal static class AddressParser
{
    public const string MissingMailbox = "MISSING_MAILBOX";
    public const string MissingDomain = "MISSING_DOMAIN";

    /// <summary>The most addresses that are read of one field.</summary>
    public const int MaxAddresses = 5_000;

    private const string Specials = " \t\r\n()<>@,;:\"";

    public static List<ParsedAddress> Parse(string? value)
    {
        var list = new List<ParsedAddress>();
        if (string.IsNullOrEmpty(value))
            return list;
        var lexer = new HeaderLexer(value);
        var inGroup = false;
        while (list.Count < MaxAddresses)
        {
            lexer.SkipCfws();
            lexer.ForgetComment();
            if (lexer.IsAtEnd)
                break;
            if (lexer.TrySkip(','))
                continue;
            if (lexer.TrySkip(';'))
            {
                if (inGroup)
                    list.Add(default);
                inGroup = false;
                continue;
            }

            One(ref lexer, list, ref inGroup);
        }

        if (inGroup)
            list.Add(default);
        return list;
    }

    private static void One(ref HeaderLexer lexer, List<ParsedAddress> list, ref bool inGroup)
    {
        var words = Words(ref lexer);
        switch (lexer.Peek)
        {
            case '<':
                lexer.Skip();
                list.Add(AngleAddress(ref lexer, words.Phrase));
                SkipTo(ref lexer, ",;");
                break;
            case '@':
                lexer.Skip();
                var host = Domain(ref lexer);
                // What stands before the local part, as in "foo bar@baz", can only be a name.
                list.Add(new(words.Before ?? lexer.Comment, null, words.Last ?? MissingMailbox, host ?? MissingDomain));
                SkipTo(ref lexer, ",;");
                break;
            case ':' when !inGroup && !lexer.IsAtEnd:
                lexer.Skip();
                list.Add(new(null, null, words.Phrase ?? "", null));
                inGroup = true;
                break;
            case ',' or ';' or '\0':
                if (words.Before is not null)
                    list.Add(new(words.Phrase, null, MissingMailbox, MissingDomain));
                else if (words.Last is not null)
                    list.Add(new(lexer.Comment, null, words.Last, MissingDomain));
                break;
            default:
                lexer.Skip();
                break;
        }
    }

    /// <summary>
    /// Atoms, dots and quoted strings as they come: all of them joined by spaces where there was white space (null when that is nothing), and the last
    /// of them, as a local part (white space around dots is no break: RFC 5322 section 4.4), with what stands before it.
    /// </summary>
    private static (string? Phrase, string? Before, string? Last) Words(ref HeaderLexer lexer)
    {
        var phrase = new StringBuilder();
        StringBuilder? last = null;
        string? before = null;
        var gap = false;
        while (!lexer.IsAtEnd)
        {
            if (lexer.Peek is ' ' or '\t' or '(')
            {
                lexer.SkipCfws();
                gap = true;
                continue;
            }

            var quoted = lexer.Quoted();
            var word = quoted ?? lexer.Until(Specials).ToString();
            if (word.Length == 0 && quoted is null)
                break;
            var joins = last is null || !gap || word.StartsWith('.') || last.Length > 0 && last[^1] == '.';
            if (!joins)
            {
                before = phrase.ToString();
                last!.Clear();
            }

            if (gap && phrase.Length > 0)
                phrase.Append(' ');
            phrase.Append(word);
            (last ??= new()).Append(word);
            gap = false;
        }

        return (phrase.Length == 0 ? null : phrase.ToString(), before, last?.ToString());
    }

    /// <summary>Behind '&lt;': an optional route, the address, '&gt;'.</summary>
    private static ParsedAddress AngleAddress(ref HeaderLexer lexer, string? name)
    {
        lexer.SkipCfws();
        string? route = null;
        if (lexer.Peek == '@')
        {
            route = lexer.Until(":>").Trim(' ').ToString();
            lexer.TrySkip(':');
        }

        var (local, before, last) = Words(ref lexer);
        if (before is null)
            local = last;
        string? host = null;
        if (lexer.TrySkip('@'))
            host = Domain(ref lexer);
        SkipTo(ref lexer, ">");
        lexer.TrySkip('>');
        lexer.ForgetComment();
        lexer.SkipCfws();
        return new(name ?? lexer.Comment, route, local ?? MissingMailbox, host ?? MissingDomain);
    }

    /// <summary>Atoms joined by dots, or a literal in brackets; comments and white space around the dots go.</summary>
    private static string? Domain(ref HeaderLexer lexer)
    {
        var domain = new StringBuilder();
        while (true)
        {
            lexer.SkipCfws();
            if (lexer.Peek != '.' && domain.Length > 0 && domain[^1] != '.')
                break;
            var piece = lexer.Until(" \t()<>@,;\"");
            if (piece.IsEmpty)
                break;
            domain.Append(piece);
        }

        return domain.Length == 0 ? null : domain.ToString();
    }

    private static void SkipTo(ref HeaderLexer lexer, string stops)
    {
        while (!lexer.IsAtEnd && !stops.Contains(lexer.Peek, StringComparison.Ordinal))
        {
            lexer.SkipCfws();
            if (lexer.IsAtEnd || stops.Contains(lexer.Peek, StringComparison.Ordinal))
                return;
            if (lexer.Quoted() is null)
                lexer.Skip();
        }
    }
}
