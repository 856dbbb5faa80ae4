namespace Webmail.MailCore.Mime;

/// <summary>
/// Takes the white space from the ends of quoted-printable lines, piece by piece: what stands there was put there on the way and must go (RFC 2045 section
/// 6.7, rule 3), also behind the "=" of a soft line break.
/// </summary>
internal sealed class LineEndTrimmer
{
    /// <summary>White space that may still turn out to end a line; more of it than a line can hold (RFC 5322 section 2.1.1) is let through.</summary>
    private const int MaxHeld = 998;

    private byte[] _held = [];

    /// <summary>The octets that are certain; white space at the piece's end waits for the next piece, and is dropped where none comes.</summary>
    public byte[] Trim(ReadOnlySpan<byte> piece)
    {
        var joined = new byte[_held.Length + piece.Length];
        _held.CopyTo(joined, 0);
        piece.CopyTo(joined.AsSpan(_held.Length));
        ReadOnlySpan<byte> rest = joined;
        var trimmed = new List<byte>(joined.Length);
        while (rest.IndexOf((byte)'\n') is var end && end >= 0)
        {
            var isCrLf = end > 0 && rest[end - 1] == '\r';
            trimmed.AddRange(rest[..(isCrLf ? end - 1 : end)].TrimEnd(" \t"u8));
            trimmed.AddRange(isCrLf ? "\r\n"u8 : "\n"u8);
            rest = rest[(end + 1)..];
        }

        var kept = rest.TrimEnd(" \t\r"u8);
        if (rest.Length - kept.Length > MaxHeld)
            kept = rest;
        trimmed.AddRange(kept);
        _held = rest[kept.Length..].ToArray();
        return trimmed.ToArray();
    }
}
