using System.Text;

namespace Webmail.MailCore.Inbound;

/// <summary>One field of a header, folded lines included. A line that is no field has an empty name.</summary>
internal readonly ref struct HeaderField(ReadOnlySpan<byte> whole, int nameLength, int valueStart)
{
    public ReadOnlySpan<byte> Name => Whole[..nameLength];

    /// <summary>What stands behind the colon, folding and the last CRLF included.</summary>
    public ReadOnlySpan<byte> Value => Whole[valueStart..];

    public ReadOnlySpan<byte> Whole { get; } = whole;

    public bool Is(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(Name, name);
}

/// <summary>Walks the fields of a raw header (RFC 5322 section 2.2) without copying; ends at the empty line. Every octet belongs to exactly one field.</summary>
internal ref struct HeaderFields(ReadOnlySpan<byte> header)
{
    private ReadOnlySpan<byte> _rest = header;

    public HeaderField Current { get; private set; }

    public readonly HeaderFields GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty || _rest.StartsWith("\r\n"u8))
            return false;
        var length = LengthOfField(_rest);
        var whole = _rest[..length];
        _rest = _rest[length..];
        var colon = whole.IndexOf((byte)':');
        var name = colon < 0 ? [] : whole[..colon].TrimEnd(" \t"u8);
        Current = IsName(name) ? new(whole, name.Length, colon + 1) : new(whole, 0, 0);
        return true;
    }

    private static int LengthOfField(ReadOnlySpan<byte> rest)
    {
        var at = 0;
        while (true)
        {
            var end = rest[at..].IndexOf("\r\n"u8);
            if (end < 0)
                return rest.Length;
            at += end + 2;
            if (at >= rest.Length || (rest[at] != ' ' && rest[at] != '\t'))
                return at;
        }
    }

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (var c in name)
        {
            if (c is <= 32 or >= 127)
                return false;
        }

        return name.Length > 0;
    }
}
