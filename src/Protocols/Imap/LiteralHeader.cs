using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap;

/// <summary>The announcement of a literal at the end of a line: {12}, {12+} (RFC 7888) or ~{12} (literal8).</summary>
/// <param name="Length">How many octets follow. Numbers too large to be meant are <see cref="long.MaxValue"/>.</param>
/// <param name="IsSynchronizing">The client waits for "+".</param>
/// <param name="HeaderLength">Octets of the announcement itself, tilde included.</param>
internal readonly record struct LiteralHeader(long Length, bool IsSynchronizing, bool IsBinary, int HeaderLength)
{
    /// <summary>Looks at the end of a line (its CRLF taken off).</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out LiteralHeader header)
    {
        header = default;
        if (line.IsEmpty || line[^1] != '}')
            return false;
        var end = line.Length - 1;
        var waits = end == 0 || line[end - 1] != '+';
        var at = waits ? end : end - 1;
        var digitsEnd = at;
        while (at > 0 && char.IsAsciiDigit((char)line[at - 1]))
            at--;
        if (at == digitsEnd || at == 0 || line[at - 1] != '{')
            return false;
        long length = 0;
        foreach (var digit in line[at..digitsEnd])
            length = length > (long.MaxValue - 9) / 10 ? long.MaxValue : (length * 10) + digit - '0';
        var start = at - 1;
        var binary = start > 0 && line[start - 1] == '~';
        if (binary)
            start--;
        header = new(length, waits, binary, line.Length - start);
        return true;
    }
}

/// <summary>A literal whose octets went to a spool while they arrived; the command holds only its announcement.</summary>
/// <param name="Offset">Where the announcement begins in the command.</param>
/// <param name="HeaderLength">Octets of the announcement with its CRLF.</param>
internal sealed record SpooledLiteral(int Offset, int HeaderLength, long Length, MessageSpool Spool);
