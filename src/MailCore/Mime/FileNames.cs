using System.Text;

namespace Webmail.MailCore.Mime;

/// <summary>The name and type of a part as they may be shown and sent to a browser.</summary>
internal static class FileNames
{
    private const int MaxName = 150;

    /// <summary>The type in lower case; application/octet-stream where it could not stand in a header.</summary>
    public static string TypeOf(MimePart part)
    {
        if (part.Kind == MimePartKind.Message)
            return "message/rfc822";
        var type = $"{part.Type.Type}/{part.Type.Subtype}".ToLowerInvariant();
        return type.Length < 100 && type.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '.' or '+' or '_') ? type : "application/octet-stream";
    }

    public static string Of(MimePart part, string type, int number)
    {
        var disposition = ContentFields.Disposition(part[MimeField.ContentDisposition]);
        var given = Named(disposition?.Parameters, "filename") ?? Named(part.Type.Parameters, "name") ?? "";
        var name = Clean(given);
        if (name.Length > 0)
            return name;
        return part.Kind == MimePartKind.Message ? $"message-{number}.eml" : $"file-{number}{Extension(type)}";
    }

    private static string? Named(IReadOnlyList<MimeParameter>? parameters, string name)
    {
        foreach (var parameter in parameters ?? [])
        {
            if (parameter.Name.Equals(name + "*", StringComparison.OrdinalIgnoreCase))
                return Extended(parameter.Value);
        }

        foreach (var parameter in parameters ?? [])
        {
            if (parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return Charsets.DecodeHeader(parameter.Value);
        }

        return null;
    }

    /// <summary>RFC 2231 section 4: charset'language'percent-encoded.</summary>
    private static string Extended(string value)
    {
        var parts = value.Split('\'', 3);
        if (parts.Length < 3)
            return Charsets.DecodeHeader(value);
        var octets = new List<byte>(parts[2].Length);
        for (var i = 0; i < parts[2].Length; i++)
        {
            if (parts[2][i] == '%' && i + 2 < parts[2].Length && byte.TryParse(parts[2].AsSpan(i + 1, 2), System.Globalization.NumberStyles.HexNumber, null, out var octet))
            {
                octets.Add(octet);
                i += 2;
            }
            else
            {
                octets.Add((byte)parts[2][i]);
            }
        }

        return Charsets.Decode(octets.ToArray(), parts[0].Length == 0 ? "utf-8" : parts[0]);
    }

    /// <summary>No path, no control or direction characters, no leading dot; cut in the middle so that the extension stays.</summary>
    private static string Clean(string name)
    {
        name = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var clean = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (!char.IsControl(c) && c is not ('"' or '<' or '>' or '|' or ':' or '*' or '?') && c is not (>= '\u202a' and <= '\u202e') and not (>= '\u2066' and <= '\u2069'))
                clean.Append(c);
        }

        var text = clean.ToString().Trim().TrimStart('.');
        return text.Length <= MaxName ? text : text[..(MaxName - 21)] + "…" + text[^20..];
    }

    private static string Extension(string type) => type switch
    {
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/gif" => ".gif",
        "application/pdf" => ".pdf",
        "text/plain" => ".txt",
        "text/html" => ".html",
        "text/calendar" => ".ics",
        "message/rfc822" => ".eml",
        _ => ".bin",
    };
}
