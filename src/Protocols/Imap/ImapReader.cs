using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Webmail.MailCore.Model;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap;

/// <summary>
/// The grammar of IMAP commands (RFC 3501 section 9) over one whole command, literals included: pure, synchronous, and bounded by what it is given.
/// Everything that doesn't fit throws <see cref="SyntaxException"/>. What it returns as a span points into the command or a copy of its own and must
/// not outlive the parse.
/// </summary>
internal ref partial struct ImapReader
{
    /// <summary>Parentheses may nest this deep (SEARCH keys, lists in lists).</summary>
    private const int MaxDepth = 50;

    private const string AtomText = "!#$&'+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[^_`abcdefghijklmnopqrstuvwxyz|}~";

    // RFC 3501: an ATOM-CHAR is any CHAR but ( ) { SP CTL % * " \ ]
    private static readonly SearchValues<byte> AtomChars = SearchValues.Create(Encoding.ASCII.GetBytes(AtomText));
    private static readonly SearchValues<byte> AStringChars = SearchValues.Create(Encoding.ASCII.GetBytes(AtomText + "]"));
    private static readonly SearchValues<byte> ListChars = SearchValues.Create(Encoding.ASCII.GetBytes(AtomText + "]%*"));
    private static readonly SearchValues<byte> NameChars =
        SearchValues.Create("-.0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"u8);

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly IReadOnlyList<SpooledLiteral>? _spooled;
    private List<CanonicalName>? _canonicalNames;
    private int _at;
    private int _depth;

    public ImapReader(ReadOnlySpan<byte> command, IReadOnlyList<SpooledLiteral>? spooled = null, ReaderRules? rules = null)
    {
        _bytes = command;
        _spooled = spooled;
        Rules = rules ?? ReaderRules.Plain;
    }

    public ReaderRules Rules { get; }

    /// <summary>Mailbox names read so far that the client wrote otherwise.</summary>
    public readonly IReadOnlyList<CanonicalName> CanonicalNames => _canonicalNames ?? (IReadOnlyList<CanonicalName>)[];

    /// <summary>The command came with the UID prefix.</summary>
    public bool IsUid { get; set; }

    public readonly bool IsAtEnd => _at == _bytes.Length;

    /// <summary>What has not been read yet.</summary>
    public readonly ReadOnlySpan<byte> Remaining => Rest;

    private readonly ReadOnlySpan<byte> Rest => _bytes[_at..];

    public readonly bool NextIs(char c) => _at < _bytes.Length && _bytes[_at] == c;

    /// <summary>An atom could begin here: no quote and no literal.</summary>
    public readonly bool NextIsAtomChar => _at < _bytes.Length && AStringChars.Contains(_bytes[_at]);

    /// <summary>Takes this character if it is next.</summary>
    public bool Take(char c)
    {
        if (!NextIs(c))
            return false;
        _at++;
        return true;
    }

    public void Expect(char c)
    {
        if (!Take(c))
            throw new SyntaxException($"Expected '{c}'");
    }

    public void Space()
    {
        if (!Take(' '))
            throw new SyntaxException(IsAtEnd ? "Arguments are missing" : "Expected a space");
    }

    /// <summary>The command ends here. A space before its end is forgiven: some clients send one.</summary>
    public void End()
    {
        while (Take(' '))
        {
        }

        if (!IsAtEnd)
            throw new SyntaxException("There is more than was expected");
    }

    /// <summary>Goes into a parenthesised list, or fails where too many are open.</summary>
    public void Open()
    {
        Expect('(');
        Deeper();
    }

    public void Close()
    {
        Expect(')');
        Shallower();
    }

    /// <summary>Takes these characters, in any case, if they are next.</summary>
    public bool TakeAhead(ReadOnlySpan<byte> text)
    {
        if (Rest.Length < text.Length || !Ascii.EqualsIgnoreCase(Rest[..text.Length], text))
            return false;
        _at += text.Length;
        return true;
    }

    /// <summary>Counts a level of nesting that has no parentheses (NOT, OR).</summary>
    public void Deeper()
    {
        if (++_depth > MaxDepth)
            throw new SyntaxException("The command is nested too deeply");
    }

    public void Shallower() => _depth--;

    /// <summary>What remains was taken by other means.</summary>
    public void SkipRest() => _at = _bytes.Length;

    /// <summary>1*ASTRING-CHAR but "+".</summary>
    public string Tag()
    {
        var tag = Run(AStringChars);
        if (tag.IsEmpty || tag.Length > 256 || tag.Contains((byte)'+'))
            throw new SyntaxException("That is no tag");
        return Encoding.ASCII.GetString(tag);
    }

    public ReadOnlySpan<byte> Atom()
    {
        var atom = Run(AtomChars);
        return atom.IsEmpty ? throw new SyntaxException("Expected an atom") : atom;
    }

    /// <summary>A command, item, key or option name: letters, digits, and . - = _</summary>
    public ReadOnlySpan<byte> Name()
    {
        var name = Run(NameChars);
        return name.IsEmpty ? throw new SyntaxException("Expected a name") : name;
    }

    /// <summary>Takes this name (upper case) if it is the whole of the next one.</summary>
    public bool TakeName(ReadOnlySpan<byte> name)
    {
        var start = _at;
        if (Ascii.EqualsIgnoreCase(Run(NameChars), name))
            return true;
        _at = start;
        return false;
    }

    /// <summary>The same of an option that can be switched off.</summary>
    /// <param name="word">As <see cref="Feature.Words"/> says it.</param>
    public bool TakeOption(ReadOnlySpan<byte> name, string word)
    {
        var start = _at;
        if (TakeName(name) && !Rules.Lacks(word))
            return true;
        _at = start;
        return false;
    }

    public ReadOnlySpan<byte> AStringBytes() =>
        NextIs('"') ? Quoted() : NextIs('{') ? Literal() : Run(AStringChars) is { IsEmpty: false } atom ? atom
            : throw new SyntaxException("Expected an atom, a quoted string or a literal");

    /// <summary>An astring as Unicode. Octets that are not UTF-8 are refused.</summary>
    public string AString() => Unicode(AStringBytes());

    /// <summary>A quoted string or literal.</summary>
    public string String() =>
        NextIs('"') ? Unicode(Quoted()) : NextIs('{') ? Unicode(Literal()) : throw new SyntaxException("Expected a string");

    /// <summary>A string or NIL.</summary>
    public string? NString() => TakeName("NIL"u8) ? null : String();

    /// <summary>A string, literal8 or NIL (null), as the octets that it is (RFC 5464 section 5).</summary>
    public byte[]? NBytes()
    {
        if (TakeName("NIL"u8))
            return null;
        if (!Take('~'))
            return NextIs('"') || NextIs('{') ? AStringBytes().ToArray() : throw new SyntaxException("Expected a string or NIL");
        var rest = Rest;
        var lineEnd = rest.IndexOf("\r\n"u8);
        if (lineEnd < 0 || !LiteralHeader.TryParse(rest[..lineEnd], out var header) || header.HeaderLength != lineEnd || header.Length > rest.Length - lineEnd - 2)
            throw new SyntaxException("That is no literal");
        _at += lineEnd + 2 + (int)header.Length;
        return rest.Slice(lineEnd + 2, (int)header.Length).ToArray();
    }

    public MailboxName Mailbox() => Named(MailboxText(AStringBytes()));

    /// <summary>A mailbox; null: the empty string, which stands for the server (RFC 5464 section 4.1).</summary>
    public MailboxName? MailboxOrNone()
    {
        if (!Rest.StartsWith("\"\""u8))
            return Mailbox();
        _at += 2;
        return null;
    }

    /// <summary>CREATE's and RENAME's form: a trailing separator says that children will follow, and is dropped (RFC 3501 section 6.3.3).</summary>
    public MailboxName NewMailbox()
    {
        var text = MailboxText(AStringBytes());

        // RFC 9755 section 3: nor line and paragraph separators.
        if (text.AsSpan().ContainsAny('\u2028', '\u2029'))
            throw new MailException(MailError.Invalid, "That can't be a mailbox name");
        return Named(text.Length > 1 && text[^1] == MailboxName.Separator ? text[..^1] : text);
    }

    /// <summary>A name as text, which need not be possible: LIST's reference.</summary>
    public string MailboxPrefix() => MailboxText(AStringBytes()).Normalize();

    /// <summary>list-mailbox: a name in which % and * are wild.</summary>
    public string ListPattern()
    {
        if (NextIs('"') || NextIs('{'))
            return MailboxPrefix();
        var pattern = Run(ListChars);
        return pattern.IsEmpty ? throw new SyntaxException("Expected a mailbox pattern") : MailboxText(pattern).Normalize();
    }

    public uint Number()
    {
        var value = Number64();
        return value <= uint.MaxValue ? (uint)value : throw new SyntaxException("The number is too large");
    }

    /// <summary>At most 63 bits (RFC 7162's mod-sequence-value, RFC 9051's number64).</summary>
    public long Number64()
    {
        var digits = Rest;
        var length = digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = length < 0 ? digits : digits[..length];
        if (digits.IsEmpty)
            throw new SyntaxException("Expected a number");
        if (digits.Length > 19 || !ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > long.MaxValue)
            throw new SyntaxException("The number is too large");
        _at += digits.Length;
        return (long)value;
    }

    /// <summary>The message of an APPEND: a literal that was spooled while it arrived.</summary>
    public SpooledLiteral Message()
    {
        if (_spooled is not null)
        {
            foreach (var literal in _spooled)
            {
                if (literal.Offset != _at)
                    continue;
                _at += literal.HeaderLength;
                return literal;
            }
        }

        throw new SyntaxException("The message must be a literal");
    }

    private ReadOnlySpan<byte> Run(SearchValues<byte> of)
    {
        var rest = Rest;
        var length = rest.IndexOfAnyExcept(of);
        var run = length < 0 ? rest : rest[..length];
        _at += run.Length;
        return run;
    }

    private ReadOnlySpan<byte> Quoted()
    {
        Expect('"');
        var rest = Rest;
        var end = rest.IndexOfAny("\"\\\r\n\0"u8);
        if (end >= 0 && rest[end] == '"')
        {
            _at += end + 1;
            return rest[..end];
        }

        var text = new ArrayBufferWriter<byte>();
        for (var i = 0; i < rest.Length; i++)
        {
            var octet = rest[i];
            if (octet == '"')
            {
                _at += i + 1;
                return text.WrittenSpan;
            }

            if (octet is 0 or (byte)'\r' or (byte)'\n')
                break;
            if (octet == '\\' && (++i == rest.Length || (octet = rest[i]) is not ((byte)'"' or (byte)'\\')))
                throw new SyntaxException("Only \\\" and \\\\ may be escaped in a quoted string");
            text.Write([octet]);
        }

        throw new SyntaxException("A quoted string has no end, or holds CR, LF or NUL");
    }

    private ReadOnlySpan<byte> Literal()
    {
        var rest = Rest;
        var lineEnd = rest.IndexOf("\r\n"u8);
        if (lineEnd < 0 || !LiteralHeader.TryParse(rest[..lineEnd], out var header) || header.HeaderLength != lineEnd || header.IsBinary)
            throw new SyntaxException("That is no literal");
        if (header.Length > rest.Length - lineEnd - 2)
            throw new SyntaxException("A literal is not allowed here");
        var octets = rest.Slice(lineEnd + 2, (int)header.Length);
        if (octets.Contains((byte)0))
            throw new SyntaxException("A literal holds NUL");
        _at += lineEnd + 2 + octets.Length;
        return octets;
    }

    private static string Unicode(ReadOnlySpan<byte> octets) =>
        Utf8.IsValid(octets) ? Encoding.UTF8.GetString(octets) : throw new SyntaxException("A string is not UTF-8");

    private readonly string MailboxText(ReadOnlySpan<byte> octets) => Rules.IsUtf8
        ? Unicode(octets)
        : ModifiedUtf7.Decode(octets) ?? throw new MailException(MailError.Invalid, "The mailbox name is not modified UTF-7");

    private MailboxName Named(string given)
    {
        var name = MailboxName.Parse(given);
        if (name.Value != given)
            (_canonicalNames ??= []).Add(new(name, given));
        return name;
    }
}
