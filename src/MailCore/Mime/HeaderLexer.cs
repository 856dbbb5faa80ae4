using System.Text;

namespace Webmail.MailCore.Mime;

/// <summary>
/// RFC 5322 and RFC 2045 tokens of an unfolded header value (Latin-1: one character an octet). Tolerant: every call makes progress or says so,
/// and nothing throws.
/// </summary>
internal ref struct HeaderLexer(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _at;

    public readonly bool IsAtEnd => _at >= _text.Length;

    public readonly char Peek => _at < _text.Length ? _text[_at] : '\0';

    /// <summary>What the last comment that was skipped said, quoted pairs undone; null: none since <see cref="ForgetComment"/>.</summary>
    public string? Comment { get; private set; }

    public void ForgetComment() => Comment = null;

    public void Skip() => _at++;

    public bool TrySkip(char c)
    {
        if (Peek != c || IsAtEnd)
            return false;
        _at++;
        return true;
    }

    /// <summary>White space and comments, nested ones too.</summary>
    public void SkipCfws()
    {
        while (!IsAtEnd)
        {
            if (Peek is ' ' or '\t' or '\r' or '\n')
                _at++;
            else if (Peek == '(')
                SkipComment();
            else
                return;
        }
    }

    private void SkipComment()
    {
        var said = new StringBuilder();
        var depth = 0;
        for (; !IsAtEnd; _at++)
        {
            var c = Peek;
            if (c == '\\' && _at + 1 < _text.Length)
                c = _text[++_at];
            else if (c == '(' && depth++ == 0)
                continue;
            else if (c == ')' && --depth == 0)
            {
                _at++;
                break;
            }

            said.Append(c);
        }

        Comment = said.ToString();
    }

    /// <summary>A quoted string's content, or null when there is none here. An unterminated one ends with the text.</summary>
    public string? Quoted()
    {
        if (Peek != '"' || IsAtEnd)
            return null;
        var said = new StringBuilder();
        for (_at++; !IsAtEnd && Peek != '"'; _at++)
        {
            if (Peek == '\\' && _at + 1 < _text.Length)
                _at++;
            said.Append(Peek);
        }

        _at++;
        return said.ToString();
    }

    /// <summary>Characters up to one of the stop characters, white space included in them by the caller; empty when there is none.</summary>
    public ReadOnlySpan<char> Until(ReadOnlySpan<char> stops)
    {
        var rest = IsAtEnd ? default : _text[_at..];
        var n = rest.IndexOfAny(stops);
        var token = n < 0 ? rest : rest[..n];
        _at += token.Length;
        return token;
    }

    /// <summary>RFC 2045 section 5.1 token (tspecials end it).</summary>
    public ReadOnlySpan<char> MimeToken() => Until(" \t\r\n()<>@,;:\\\"/[]?=");
}
