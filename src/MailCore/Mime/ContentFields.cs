using System.Globalization;

namespace Webmail.MailCore.Mime;

/// <summary>Reads Content-Type, Content-Disposition, Content-Language and Content-Transfer-Encoding, tolerantly.</summary>
internal static class ContentFields
{
    /// <summary>The most parameters that are read of one field.</summary>
    private const int MaxParameters = 100;

    /// <summary>Null when the field is missing or can't be read: then RFC 2045 section 5.2 holds.</summary>
    public static ContentType? Type(string? value)
    {
        if (value is null)
            return null;
        var lexer = new HeaderLexer(value);
        lexer.SkipCfws();
        var type = lexer.MimeToken().ToString();
        lexer.SkipCfws();
        if (type.Length == 0 || !lexer.TrySkip('/'))
            return null;
        lexer.SkipCfws();
        var subtype = lexer.MimeToken().ToString();
        if (subtype.Length == 0)
            return null;
        var parameters = Parameters(ref lexer);
        // RFC 2045 section 5.2: text is us-ascii when it doesn't say otherwise, and BODYSTRUCTURE says so.
        if (type.Equals("text", StringComparison.OrdinalIgnoreCase) && !parameters.Exists(p => p.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)))
            parameters.Add(new("charset", "us-ascii"));
        return new(type, subtype, parameters);
    }

    public static ContentDisposition? Disposition(string? value)
    {
        if (value is null)
            return null;
        var lexer = new HeaderLexer(value);
        lexer.SkipCfws();
        var kind = lexer.MimeToken().ToString();
        return kind.Length == 0 ? null : new(kind, Parameters(ref lexer));
    }

    /// <summary>The language tags, or null.</summary>
    public static IReadOnlyList<string>? Languages(string? value)
    {
        if (value is null)
            return null;
        var tags = new List<string>();
        var lexer = new HeaderLexer(value);
        while (!lexer.IsAtEnd && tags.Count < MaxParameters)
        {
            lexer.SkipCfws();
            var tag = lexer.MimeToken();
            if (!tag.IsEmpty)
                tags.Add(tag.ToString());
            else
                lexer.Skip();
        }

        return tags.Count == 0 ? null : tags;
    }

    /// <summary>The transfer encoding as written; "7bit" when missing or unreadable.</summary>
    public static string Encoding(string? value)
    {
        if (value is null)
            return "7bit";
        var lexer = new HeaderLexer(value);
        lexer.SkipCfws();
        var token = lexer.MimeToken();
        return token.IsEmpty ? "7bit" : token.ToString();
    }

    private static List<MimeParameter> Parameters(ref HeaderLexer lexer)
    {
        var written = new List<MimeParameter>();
        while (!lexer.IsAtEnd && written.Count < MaxParameters)
        {
            lexer.Until(";");
            if (!lexer.TrySkip(';'))
                break;
            lexer.SkipCfws();
            var name = lexer.MimeToken().ToString();
            lexer.SkipCfws();
            if (name.Length == 0 || !lexer.TrySkip('='))
                continue;
            lexer.SkipCfws();
            // A bare value may hold what should have been quoted ('/', '=', '?' …): it ends at white space or ';'.
            var value = lexer.Quoted() ?? lexer.Until("; \t\r\n").ToString();
            written.Add(new(name, value));
        }

        return JoinContinuations(written);
    }

    /// <summary>
    /// RFC 2231 section 6: BODYSTRUCTURE gives continued parameters as one. name*0*, name*1 … become "name*" when any piece is encoded
    /// (the encoded form is kept), else "name". Pieces after a gap are left as they are.
    /// </summary>
    private static List<MimeParameter> JoinContinuations(List<MimeParameter> written)
    {
        if (!written.Exists(p => p.Name.Contains('*', StringComparison.Ordinal)))
            return written;
        var joined = new List<MimeParameter>();
        var pieces = new Dictionary<(string Name, int Number), (string Value, bool Encoded)>();
        var first = new List<string>();
        var orphans = new List<MimeParameter>();
        foreach (var parameter in written)
        {
            if (!TryPiece(parameter, out var name, out var number, out var encoded))
                joined.Add(parameter);
            else if (pieces.TryAdd((name.ToLowerInvariant(), number), (parameter.Value, encoded)) && number == 0)
                first.Add(name);
            else
                orphans.Add(parameter);
        }

        foreach (var name in first)
            joined.Add(Join(name, pieces));
        joined.AddRange(orphans.Where(p => TryPiece(p, out var name, out var number, out _) && pieces.ContainsKey((name.ToLowerInvariant(), number))));
        return joined;
    }

    /// <summary>Takes the pieces from the first without a gap.</summary>
    private static MimeParameter Join(string name, Dictionary<(string Name, int Number), (string Value, bool Encoded)> pieces)
    {
        var run = new List<(string Value, bool Encoded)>();
        while (pieces.Remove((name.ToLowerInvariant(), run.Count), out var piece))
            run.Add(piece);
        if (!run.Exists(piece => piece.Encoded))
            return new(name, string.Concat(run.Select(piece => piece.Value)));
        return new(name + "*", string.Concat(run.Select(piece => piece.Encoded ? piece.Value : PercentEncode(piece.Value))));
    }

    private static bool TryPiece(MimeParameter parameter, out string name, out int number, out bool encoded)
    {
        var star = parameter.Name.IndexOf('*', StringComparison.Ordinal);
        name = star < 0 ? parameter.Name : parameter.Name[..star];
        number = 0;
        encoded = false;
        if (star <= 0)
            return false;
        var rest = parameter.Name.AsSpan(star + 1);
        if (rest.EndsWith("*"))
        {
            encoded = true;
            rest = rest[..^1];
        }

        return int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < MaxParameters;
    }

    /// <summary>The value of an extended parameter, charset'language'percent-encoded (RFC 2231 section 4), as text.</summary>
    public static string DecodeExtended(string value)
    {
        var pieces = value.Split('\'', 3);
        var charset = pieces.Length == 3 ? pieces[0] : null;
        var encoded = pieces.Length == 3 ? pieces[2] : value;
        var octets = new List<byte>(encoded.Length);
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] == '%' && i + 3 <= encoded.Length && byte.TryParse(encoded.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                octets.Add(octet);
                i += 2;
            }
            else
            {
                octets.Add((byte)encoded[i]);
            }
        }

        return Charsets.Decode(octets.ToArray(), charset);
    }

    private static string PercentEncode(string value) => value.Contains('%', StringComparison.Ordinal)
        ? value.Replace("%", "%25", StringComparison.Ordinal)
        : value;
}
