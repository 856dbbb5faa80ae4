using System.Text;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Inbound;

/// <summary>
/// The addresses of a From, To, Cc or Bcc field (RFC 5322 section 3.4), display names and comments left out, groups opened. Decides who may send as
/// whom, so what can't be read for sure counts as unreadable rather than being guessed at.
/// </summary>
internal sealed class AddressList
{
    private readonly string _text;
    private readonly List<EmailAddress> _addresses = [];
    private int _at;

    private AddressList(string text) => _text = text;

    /// <summary>Null: there is something in it that is no address.</summary>
    public static IReadOnlyList<EmailAddress>? TryParse(ReadOnlySpan<byte> value)
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        try
        {
            var list = new AddressList(encoding.GetString(value));
            return list.Read() ? list._addresses : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private bool Read()
    {
        var inGroup = false;
        while (true)
        {
            if (!SkipSpace())
                return false;
            if (_at == _text.Length)
                return !inGroup;
            switch (_text[_at])
            {
                case ',':
                    _at++;
                    continue;
                case ';' when inGroup:
                    inGroup = false;
                    _at++;
                    continue;
            }

            if (ReadMember(ref inGroup) is false || !SkipSpace())
                return false;
            if (_at < _text.Length && _text[_at] is not (',' or ';') && !inGroup)
                return false;
        }
    }

    /// <summary>A mailbox, or the beginning of a group.</summary>
    private bool ReadMember(ref bool inGroup)
    {
        var words = new StringBuilder();
        var isPhrase = false;
        while (true)
        {
            if (!SkipSpace(out var skipped) || _at == _text.Length)
                return false;
            // Two words with space between them are a display name; a dot may have space around it (obs-local-part).
            var c = _text[_at];
            if (skipped && words.Length > 0 && c is not ('@' or '.') && words[^1] != '.')
                isPhrase = true;
            switch (c)
            {
                case '<':
                    _at++;
                    return ReadAngle();
                case '@' when !isPhrase && words.Length > 0:
                    _at++;
                    return ReadDomain(words.ToString());
                case ':' when !inGroup && words.Length > 0:
                    _at++;
                    inGroup = true;
                    return true;
                case '"':
                    isPhrase |= words.Length > 0 && words[^1] != '.';
                    if (!ReadQuoted(words))
                        return false;
                    break;
                default:
                    if (!IsAtom(c) && c != '.')
                        return false;
                    words.Append(c);
                    _at++;
                    break;
            }
        }
    }

    private bool ReadAngle()
    {
        if (!SkipSpace() || _at == _text.Length)
            return false;
        if (_text[_at] == '@')
        {
            // obs-route: "@a,@b:" is passed over.
            var colon = _text.IndexOf(':', _at);
            if (colon < 0)
                return false;
            _at = colon + 1;
        }

        var words = new StringBuilder();
        while (SkipSpace() && _at < _text.Length)
        {
            var c = _text[_at];
            if (c == '@')
            {
                _at++;
                return ReadDomain(words.ToString()) && SkipSpace() && Take('>');
            }

            if (c == '"')
            {
                if (!ReadQuoted(words))
                    return false;
            }
            else if (IsAtom(c) || c == '.')
            {
                words.Append(c);
                _at++;
            }
            else
            {
                return false;
            }
        }

        return false;
    }

    private bool ReadDomain(string local)
    {
        if (!SkipSpace() || _at == _text.Length)
            return false;
        var domain = new StringBuilder();
        if (_text[_at] == '[')
        {
            var end = _text.IndexOf(']', _at);
            if (end < 0)
                return false;
            domain.Append(_text, _at, end + 1 - _at);
            _at = end + 1;
        }
        else
        {
            while (_at < _text.Length && (IsAtom(_text[_at]) || _text[_at] == '.'))
            {
                domain.Append(_text[_at++]);
                var rewind = _at;
                // obs-domain: space and comments around the dots.
                if (!SkipSpace(out var skipped))
                    return false;
                if (skipped && !(_at < _text.Length && _text[_at] == '.') && domain[^1] != '.')
                {
                    _at = rewind;
                    break;
                }
            }
        }

        if (EmailAddress.TryParse(local + "@" + domain) is not { } address)
            return false;
        _addresses.Add(address);
        return true;
    }

    private bool ReadQuoted(StringBuilder into)
    {
        into.Append(_text[_at++]);
        while (_at < _text.Length)
        {
            var c = _text[_at++];
            if (c is '\r' or '\n')
                continue;
            into.Append(c);
            if (c == '"')
                return true;
            if (c == '\\' && _at < _text.Length)
                into.Append(_text[_at++]);
        }

        return false;
    }

    private bool Take(char c)
    {
        if (_at == _text.Length || _text[_at] != c)
            return false;
        _at++;
        return true;
    }

    private bool SkipSpace() => SkipSpace(out _);

    /// <summary>White space, folds and nested comments. False: a comment has no end.</summary>
    private bool SkipSpace(out bool skipped)
    {
        var start = _at;
        var depth = 0;
        for (; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c == '(')
                depth++;
            else if (depth > 0 && c == ')')
                depth--;
            else if (depth > 0 && c == '\\')
                _at++;
            else if (depth == 0 && c is not (' ' or '\t' or '\r' or '\n'))
                break;
        }

        if (_at > _text.Length)
            _at = _text.Length;
        skipped = _at > start;
        return depth == 0;
    }

    private static bool IsAtom(char c) => c > 127 ? !char.IsControl(c) : char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~".Contains(c, StringComparison.Ordinal);
}
