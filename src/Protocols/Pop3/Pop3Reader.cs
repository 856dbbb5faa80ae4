using System.Buffers.Text;
using System.Text;

namespace Webmail.Protocols.Pop3;

/// <summary>The line can't be read. The message goes to the client.</summary>
internal sealed class Pop3SyntaxException(string message) : Exception(message);

/// <summary>
/// Reads one command line, without its end: a keyword and arguments, each after one space (RFC 1939 section 3). Pure. More spaces, and spaces at the end,
/// are taken from those who send them.
/// </summary>
internal ref struct Pop3Reader(ReadOnlySpan<byte> line)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = line;

    /// <summary>Nothing but spaces is left.</summary>
    public readonly bool AtEnd => _rest.TrimEnd(" \t"u8).IsEmpty;

    /// <summary>The command's name in upper case; empty when there is none.</summary>
    public string Keyword()
    {
        var word = Word();
        return word.Length <= 16 && Ascii.IsValid(word) ? Encoding.ASCII.GetString(word).ToUpperInvariant() : "";
    }

    /// <summary>A message number or a count of lines: 0 to 2^31-1.</summary>
    public int Number(string what)
    {
        var word = Word();
        return Utf8Parser.TryParse(word, out int value, out var used) && used == word.Length && value >= 0 && word[0] != '+'
            ? value
            : throw new Pop3SyntaxException($"{what} is missing or isn't a number");
    }

    public int? OptionalNumber(string what) => AtEnd ? null : Number(what);

    /// <summary>A word of ASCII; null at the end.</summary>
    public string? OptionalWord()
    {
        var word = Word();
        if (word.IsEmpty)
            return null;
        return Ascii.IsValid(word) ? Encoding.ASCII.GetString(word) : throw new Pop3SyntaxException("That isn't ASCII");
    }

    /// <summary>All that is left after one space, spaces included: a name or a password (RFC 1939 section 7 lets PASS hold spaces).</summary>
    public string Rest(string what)
    {
        if (_rest.Length < 2 || _rest[0] != ' ')
            throw new Pop3SyntaxException($"{what} is missing");
        var rest = _rest[1..];
        _rest = default;
        if (rest.Contains((byte)0))
            throw new Pop3SyntaxException("A NUL can't be part of a command");
        try
        {
            return Utf8.GetString(rest);
        }
        catch (DecoderFallbackException)
        {
            throw new Pop3SyntaxException($"{what} isn't UTF-8");
        }
    }

    public readonly void End()
    {
        if (!AtEnd)
            throw new Pop3SyntaxException("Too many arguments");
    }

    private ReadOnlySpan<byte> Word()
    {
        _rest = _rest.TrimStart((byte)' ');
        var end = _rest.IndexOfAny(" \t"u8);
        var word = end < 0 ? _rest : _rest[..end];
        _rest = _rest[word.Length..];
        return word;
    }
}
