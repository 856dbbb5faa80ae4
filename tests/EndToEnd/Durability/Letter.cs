using System.Security.Cryptography;
using System.Text;

namespace Webmail.EndToEnd.Durability;

/// <summary>A message that can be told from every other by its Message-ID, with octets that nothing else has.</summary>
internal sealed class Letter
{
    private const string Domain = "@letters.test>";

    private Letter(string id, byte[] octets)
    {
        Id = id;
        Octets = octets;
    }

    public string Id { get; }

    /// <summary>With CRLF at its end; some lines begin with dots.</summary>
    public byte[] Octets { get; }

    /// <param name="size">Of the body, about.</param>
    public static Letter Write(string id, string from, string to, int size)
    {
        var text = new StringBuilder(size + 400);
        text.Append($"From: <{from}>\r\nTo: <{to}>\r\nSubject: Letter {id}\r\nDate: Tue, 24 Nov 2026 11:00:00 +0000\r\nMessage-ID: <{id}{Domain}\r\n\r\n");
        for (var line = 0; text.Length < size; line++)
        {
            if (line % 7 == 3)
                text.Append(line % 2 == 0 ? ".." : ".").Append("\r\n");
            text.Append(Convert.ToBase64String(RandomNumberGenerator.GetBytes(54))).Append("\r\n");
        }

        return new(id, Encoding.ASCII.GetBytes(text.ToString()));
    }

    /// <summary>Whose letter these octets are; null: nobody's.</summary>
    public static string? IdOf(ReadOnlySpan<byte> octets)
    {
        var at = octets.IndexOf("\r\nMessage-ID: <"u8);
        if (at < 0)
            return null;
        var rest = octets[(at + 15)..];
        var end = rest.IndexOf("@letters.test>"u8);
        return end is < 0 or > 100 ? null : Encoding.ASCII.GetString(rest[..end]);
    }

    /// <summary>As SMTP sends it: dots stuffed (RFC 5321 section 4.5.2), with the line that ends it.</summary>
    public byte[] Stuffed()
    {
        var text = Encoding.ASCII.GetString(Octets).Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
        return Encoding.ASCII.GetBytes(text + ".\r\n");
    }

    /// <summary>True when the stored octets are these, behind nothing but whole header fields of the given names.</summary>
    public bool IsIn(ReadOnlySpan<byte> stored, params ReadOnlySpan<string> addedFields)
    {
        if (!stored.EndsWith(Octets))
            return false;
        foreach (var line in Encoding.Latin1.GetString(stored[..^Octets.Length]).Split("\r\n")[..^1])
        {
            var known = line.StartsWith(' ') || line.StartsWith('\t');
            foreach (var field in addedFields)
                known |= line.StartsWith(field + ":", StringComparison.OrdinalIgnoreCase);
            if (!known)
                return false;
        }

        return stored.Length == Octets.Length || stored[..^Octets.Length].EndsWith("\r\n"u8);
    }
}
