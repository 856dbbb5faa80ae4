using System.Text;

namespace Webmail.Protocols.Imap.Fetch;

/// <summary>Picks fields out of a header (RFC 3501 section 6.4.5, HEADER.FIELDS): octet for octet, folded lines with their field, an empty line at the end.</summary>
internal ref struct HeaderFields(ReadOnlySpan<byte> header, IReadOnlyList<string> names, bool not)
{
    private ReadOnlySpan<byte> _rest = header;

    /// <summary>The octets of all that <see cref="Next"/> will give, the final empty line included.</summary>
    public readonly int Measure()
    {
        var length = 2;
        var copy = this;
        while (copy.Next(out var field))
            length += field.Length;
        return length;
    }

    /// <summary>The next field that was asked for.</summary>
    public bool Next(out ReadOnlySpan<byte> field)
    {
        while (!_rest.IsEmpty)
        {
            var length = FieldLength(_rest);
            field = _rest[..length];
            _rest = _rest[length..];
            if (IsEmptyLine(field))
                break;
            if (IsNamed(field) != not)
                return true;
        }

        field = default;
        return false;
    }

    private static bool IsEmptyLine(ReadOnlySpan<byte> line) => line is [(byte)'\n', ..] or [(byte)'\r', (byte)'\n', ..];

    /// <summary>A line with the lines that continue it.</summary>
    private static int FieldLength(ReadOnlySpan<byte> rest)
    {
        var at = 0;
        while (true)
        {
            var end = rest[at..].IndexOf((byte)'\n');
            if (end < 0)
                return rest.Length;
            at += end + 1;
            if (at == rest.Length || rest[at] is not ((byte)' ' or (byte)'\t'))
                return at;
        }
    }

    private readonly bool IsNamed(ReadOnlySpan<byte> field)
    {
        var colon = field.IndexOf((byte)':');
        if (colon < 0)
            return false;
        var name = field[..colon].TrimEnd(" \t"u8);
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Length == name.Length && Ascii.EqualsIgnoreCase(name, names[i]))
                return true;
        }

        return false;
    }
}
