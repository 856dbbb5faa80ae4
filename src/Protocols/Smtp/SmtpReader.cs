using System.Text;
using Webmail.MailCore.Model;

namespace Webmail.Protocols.Smtp;

/// <summary>Which field a path stands in: it decides the status code of a bad one.</summary>
internal enum PathKind
{
    Reverse,
    Forward,
}

/// <summary>What stands between the angle brackets of MAIL and RCPT.</summary>
/// <param name="Address">Null: the null path, or postmaster without a domain.</param>
/// <param name="IsPostmaster">&lt;Postmaster&gt; (RFC 5321 section 4.1.1.3).</param>
/// <param name="HasUtf8">It was written with octets above 127.</param>
internal readonly record struct SmtpPath(EmailAddress? Address, bool IsPostmaster, bool HasUtf8);

/// <summary>An esmtp-param (RFC 5321 section 4.1.2), its keyword in upper case.</summary>
internal readonly record struct SmtpParameter(string Keyword, string? Value);

/// <summary>
/// The grammar of one command line, read from left to right, its CRLF already gone. Throws <see cref="SmtpSyntaxException"/> with the reply to send.
/// Lenient where clients in the field are and nothing can be misread: space after the colon of MAIL and RCPT, space at the end of the line.
/// </summary>
internal ref struct SmtpReader(ReadOnlySpan<byte> line)
{
    /// <summary>RFC 5321 section 4.5.3.1.3 asks for 256 at least.</summary>
    private const int MaxPath = 512;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = line;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>The verb in upper case: the letters up to a space or the end; null when there is something else.</summary>
    public string? Verb()
    {
        var end = _rest.IndexOf((byte)' ');
        var word = end < 0 ? _rest : _rest[..end];
        if (word.Length is 0 or > 16)
            return null;
        foreach (var c in word)
        {
            if (!char.IsAsciiLetter((char)c))
                return null;
        }

        _rest = _rest[word.Length..];
        return Encoding.ASCII.GetString(word).ToUpperInvariant();
    }

    /// <summary>The end of the line; space before it is forgiven.</summary>
    public void End()
    {
        SkipSpace();
        if (!_rest.IsEmpty)
            throw SmtpSyntaxException.Arguments("Too many arguments");
    }

    /// <summary>One space at least.</summary>
    public void Space()
    {
        if (_rest.IsEmpty || _rest[0] != ' ')
            throw SmtpSyntaxException.Arguments("An argument is missing");
        SkipSpace();
    }

    /// <summary>Printable ASCII up to the next space or the end, at least one octet.</summary>
    public string Word()
    {
        var end = _rest.IndexOf((byte)' ');
        var word = end < 0 ? _rest : _rest[..end];
        if (word.IsEmpty)
            throw SmtpSyntaxException.Arguments("An argument is missing");
        foreach (var c in word)
        {
            if (c is <= 32 or >= 127)
                throw SmtpSyntaxException.Arguments("An argument has characters that may not be there");
        }

        _rest = _rest[word.Length..];
        return Encoding.ASCII.GetString(word);
    }

    /// <summary>What is left, as text for a command that ignores it.</summary>
    public void SkipAll() => _rest = default;

    /// <summary>A decimal number of 1 to 20 digits; more than fits counts as the largest.</summary>
    public long Number()
    {
        var word = Word();
        return NumberOf(word) ?? throw SmtpSyntaxException.Arguments("A number was expected");
    }

    /// <summary>Null: no number of 1 to 20 digits.</summary>
    public static long? NumberOf(string? text)
    {
        if (text is null or { Length: 0 or > 20 } || !text.All(char.IsAsciiDigit))
            return null;
        return long.TryParse(text, out var n) ? n : long.MaxValue;
    }

    /// <summary>" FROM:&lt;path&gt;" or " TO:&lt;path&gt;".</summary>
    public SmtpPath Path(ReadOnlySpan<byte> keyword, PathKind kind)
    {
        SkipSpace();
        if (_rest.Length < keyword.Length || !Ascii.EqualsIgnoreCase(_rest[..keyword.Length], keyword))
            throw SmtpSyntaxException.Arguments($"Say {(kind == PathKind.Reverse ? "MAIL FROM:<address>" : "RCPT TO:<address>")}");
        _rest = _rest[keyword.Length..];
        SkipSpace();
        var length = LengthOfPath(_rest);
        if (length < 0)
            throw BadPath(_rest, kind);
        var inner = _rest[1..(length - 1)];
        _rest = _rest[length..];
        if (!_rest.IsEmpty && _rest[0] != ' ')
            throw BadPath(inner, kind);
        return PathOf(inner, kind);
    }

    /// <summary>The parameters behind a path, to the end of the line.</summary>
    public IReadOnlyList<SmtpParameter> Parameters()
    {
        List<SmtpParameter>? parameters = null;
        while (true)
        {
            SkipSpace();
            if (_rest.IsEmpty)
                return parameters ?? (IReadOnlyList<SmtpParameter>)[];
            parameters ??= [];
            var parameter = Parameter();
            if (parameters.Exists(p => p.Keyword == parameter.Keyword))
                throw SmtpSyntaxException.Arguments($"{parameter.Keyword} was given twice");
            parameters.Add(parameter);
        }
    }

    private SmtpParameter Parameter()
    {
        var end = _rest.IndexOf((byte)' ');
        var whole = end < 0 ? _rest : _rest[..end];
        _rest = _rest[whole.Length..];
        var equals = whole.IndexOf((byte)'=');
        var keyword = equals < 0 ? whole : whole[..equals];
        if (!IsKeyword(keyword) || equals == whole.Length - 1)
            throw SmtpSyntaxException.Arguments("A parameter is malformed");
        if (equals < 0)
            return new(Encoding.ASCII.GetString(keyword).ToUpperInvariant(), null);
        foreach (var c in whole[(equals + 1)..])
        {
            if (c is <= 32 or 127)
                throw SmtpSyntaxException.Arguments("A parameter has characters that may not be there");
        }

        return new(Encoding.ASCII.GetString(keyword).ToUpperInvariant(), Decode(whole[(equals + 1)..])
            ?? throw SmtpSyntaxException.Arguments("A parameter is not UTF-8"));
    }

    private static bool IsKeyword(ReadOnlySpan<byte> keyword)
    {
        if (keyword.IsEmpty || !char.IsAsciiLetterOrDigit((char)keyword[0]))
            return false;
        foreach (var c in keyword)
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c != '-')
                return false;
        }

        return true;
    }

    /// <summary>The length of "&lt;…&gt;" with its brackets, minding quoted strings; negative: there is none.</summary>
    private static int LengthOfPath(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != '<')
            return -1;
        var quoted = false;
        for (var i = 1; i < text.Length && i <= MaxPath; i++)
        {
            switch (text[i])
            {
                case (byte)'\\' when quoted:
                    i++;
                    break;
                case (byte)'"':
                    quoted = !quoted;
                    break;
                case (byte)'>' when !quoted:
                    return i + 1;
            }
        }

        return -1;
    }

    private static SmtpPath PathOf(ReadOnlySpan<byte> inner, PathKind kind)
    {
        if (inner.IsEmpty && kind == PathKind.Reverse)
            return default;
        if (kind == PathKind.Forward && Ascii.EqualsIgnoreCase(inner, "postmaster"u8))
            return new(null, true, false);
        var mailbox = WithoutRoute(inner);
        if (Decode(mailbox) is not { } text || EmailAddress.TryParse(text) is not { } address)
            throw BadPath(inner, kind);
        return new(address, false, !Ascii.IsValid(mailbox));
    }

    /// <summary>"@a,@b:user@c" is user@c (RFC 5321 appendix C); whether we take mail for that one is asked as for any other.</summary>
    private static ReadOnlySpan<byte> WithoutRoute(ReadOnlySpan<byte> inner)
    {
        if (inner.IsEmpty || inner[0] != '@')
            return inner;
        var colon = inner.IndexOf((byte)':');
        if (colon < 0)
            return inner;
        foreach (var hop in inner[..colon].Split((byte)','))
        {
            var at = inner[hop];
            if (at.Length < 2 || at[0] != '@' || Decode(at[1..]) is not { } domain || EmailAddress.NormaliseDomain(domain) is null)
                return inner;
        }

        return inner[(colon + 1)..];
    }

    /// <summary>
    /// No address. Where it is one of the old tricks to route through us (a!b, a%b, a@b@c, without a domain of its own), the answer is that we don't relay.
    /// </summary>
    private static SmtpSyntaxException BadPath(ReadOnlySpan<byte> inner, PathKind kind)
    {
        if (kind == PathKind.Reverse)
            return new(SmtpReply.Of(501, "5.1.7", "That is no sender address"));
        var isRoute = inner.IndexOfAny((byte)'!', (byte)'%') >= 0 || inner.Count((byte)'@') > 1 || (inner.Contains((byte)'@') && inner.Contains((byte)'"'));
        return new(isRoute ? SmtpReply.Of(550, "5.7.1", "Relaying denied") : SmtpReply.Of(501, "5.1.3", "That is no recipient address"));
    }

    private static string? Decode(ReadOnlySpan<byte> octets)
    {
        try
        {
            return StrictUtf8.GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private void SkipSpace()
    {
        while (!_rest.IsEmpty && _rest[0] == ' ')
            _rest = _rest[1..];
    }
}
