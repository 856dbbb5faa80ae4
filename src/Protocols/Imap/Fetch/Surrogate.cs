using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Webmail.Protocols.Imap.Fetch;

/// <summary>
/// ENVELOPE and BODYSTRUCTURE of internationalised messages (RFC 6532) for clients that didn't switch UTF-8 on: in ASCII, after RFC 6858. Texts become
/// encoded words (RFC 2047), a domain its A-labels (RFC 5891), and an address whose local part isn't ASCII one that can't be answered, which
/// shows the true one as its name. What is stored, and what BODY[] gives, stays as it is.
/// </summary>
internal static class Surrogate
{
    private const int WordOctets = 45;

    /// <summary>Where the structure of a message part (RFC 9051 section 9, body-type-msg) has its envelope; its structure and its lines follow.</summary>
    private const int EnvelopeOfMessage = 7;

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <summary>Writes a stored wire form as this client can take it. Nearly always that is as it is stored.</summary>
    public static void Write(ImapWriter writer, ReadOnlySpan<byte> stored)
    {
        if (writer.IsUtf8 || (Ascii.IsValid(stored) && !MayHoldGlobal(stored)))
        {
            writer.Raw(stored);
            return;
        }

        var at = 0;
        Write(writer, Node.Read(stored, ref at));
    }

    /// <summary>The end of "global", as most write it: its parts look like those of message/rfc822 in RFC 9051 only.</summary>
    private static bool MayHoldGlobal(ReadOnlySpan<byte> stored) => stored.IndexOf("lobal\""u8) >= 0 || stored.IndexOf("LOBAL\""u8) >= 0;

    /// <summary>A list, a string, or an atom as it stands.</summary>
    /// <param name="Gap">A space goes before it.</param>
    private sealed record Node(byte[] Octets, bool IsString, List<Node>? Children, bool Gap)
    {
        /// <summary>Nested as deep as the MIME parts that were stored.</summary>
        public static Node Read(ReadOnlySpan<byte> stored, ref int at)
        {
            var gap = stored[at] == ' ';
            if (gap)
                at++;
            if (stored[at] == '(')
            {
                var children = new List<Node>();
                for (at++; stored[at] != ')';)
                    children.Add(Read(stored, ref at));
                at++;
                return new([], false, children, gap);
            }

            if (stored[at] == '"')
                return new(Quoted(stored, ref at), true, null, gap);
            if (stored[at] == '{')
                return new(Literal(stored, ref at), true, null, gap);
            var rest = stored[at..];
            var end = rest.IndexOfAny(" ()"u8);
            var atom = end < 0 ? rest : rest[..end];
            at += atom.Length;
            return new(atom.ToArray(), false, null, gap);
        }

        private static byte[] Quoted(ReadOnlySpan<byte> stored, ref int at)
        {
            var text = new ArrayBufferWriter<byte>();
            for (at++; stored[at] != '"'; at++)
            {
                if (stored[at] == '\\')
                    at++;
                text.Write(stored.Slice(at, 1));
            }

            at++;
            return text.WrittenSpan.ToArray();
        }

        private static byte[] Literal(ReadOnlySpan<byte> stored, ref int at)
        {
            var end = stored[at..].IndexOf("}\r\n"u8);
            var length = int.Parse(stored.Slice(at + 1, end - 1), CultureInfo.InvariantCulture);
            at += end + 3;
            var octets = stored.Slice(at, length).ToArray();
            at += length;
            return octets;
        }
    }

    private static void Write(ImapWriter writer, Node node)
    {
        if (node.Gap)
            writer.Raw(" "u8);
        if (node.Children is not { } children)
        {
            if (node.IsString)
                WriteText(writer, node.Octets);
            else
                writer.Raw(node.Octets);
            return;
        }

        if (IsGlobalMessage(children))
            children = [.. children[..EnvelopeOfMessage], .. children[(EnvelopeOfMessage + 3)..]];

        // Addresses stand in a list of nothing else; a list of four strings elsewhere is parameters.
        var isAddresses = children.Count > 0 && children.TrueForAll(static child => child.Children is { Count: 4 } parts && parts.TrueForAll(static p => p.Children is null));
        writer.Raw("("u8);
        foreach (var child in children)
        {
            if (isAddresses)
                WriteAddress(writer, child.Children!);
            else
                Write(writer, child);
        }

        writer.Raw(")"u8);
    }

    /// <summary>RFC 3501's grammar gives message/global the form of any other type: without envelope, structure and lines.</summary>
    private static bool IsGlobalMessage(List<Node> children) => children.Count > EnvelopeOfMessage + 2
        && children[EnvelopeOfMessage].Children is not null && Ascii.EqualsIgnoreCase(children[0].Octets, "message"u8) && Ascii.EqualsIgnoreCase(children[1].Octets, "global"u8);

    /// <summary>(name route mailbox host).</summary>
    private static void WriteAddress(ImapWriter writer, List<Node> parts)
    {
        var (name, mailbox, host) = (parts[0], parts[2], parts[3]);
        if (Ascii.IsValid(mailbox.Octets) && AsciiHost(host.Octets) is { } domain)
        {
            writer.Raw("("u8);
            Write(writer, name);
            Write(writer, parts[1]);
            Write(writer, mailbox);
            Write(writer, host with { Octets = domain });
            writer.Raw(")"u8);
            return;
        }

        // RFC 6858 section 2.1.
        byte[] shown = name.IsString && name.Octets.Length > 0 ? name.Octets : [.. mailbox.Octets, (byte)'@', .. host.Octets];
        writer.Raw("("u8);
        WriteText(writer, shown);
        writer.Raw(" NIL \"invalid\" \"internationalized-address.invalid\")"u8);
    }

    private static byte[]? AsciiHost(byte[] host)
    {
        if (Ascii.IsValid(host))
            return host;
        try
        {
            return Utf8.IsValid(host) ? Encoding.ASCII.GetBytes(Idn.GetAscii(Encoding.UTF8.GetString(host))) : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A string. Octets that are no UTF-8 can't be told in another way than as they are.</summary>
    private static void WriteText(ImapWriter writer, byte[] text)
    {
        if (Ascii.IsValid(text))
            writer.Quoted(Encoding.ASCII.GetString(text));
        else if (Utf8.IsValid(text))
            writer.Quoted(EncodedWords(Encoding.UTF8.GetString(text)));
        else
            writer.Literal(text);
    }

    /// <summary>RFC 2047: words of at most 75 characters, none of which splits a character.</summary>
    private static string EncodedWords(string text)
    {
        var words = new StringBuilder();
        var word = new ArrayBufferWriter<byte>(WordOctets);
        Span<byte> rune = stackalloc byte[4];
        foreach (var r in text.EnumerateRunes())
        {
            var n = r.EncodeToUtf8(rune);
            if (word.WrittenCount + n > WordOctets)
                Add(words, word);
            word.Write(rune[..n]);
        }

        Add(words, word);
        return words.ToString();
    }

    private static void Add(StringBuilder words, ArrayBufferWriter<byte> word)
    {
        words.Append(words.Length > 0 ? " " : "").Append("=?UTF-8?B?").Append(Convert.ToBase64String(word.WrittenSpan)).Append("?=");
        word.ResetWrittenCount();
    }
}
