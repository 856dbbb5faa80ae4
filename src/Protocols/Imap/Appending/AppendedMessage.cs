using System.Text;

namespace Webmail.Protocols.Imap.Appending;

/// <summary>A piece of a message to append: octets that came with the command, or those of a URL (RFC 4469).</summary>
internal readonly record struct MessagePiece(SpooledLiteral? Text, string? Url);

/// <summary>One message of APPEND or REPLACE.</summary>
/// <param name="Received">INTERNALDATE; null: now.</param>
/// <param name="Pieces">In their order; a message that came whole is one piece.</param>
internal sealed record AppendedMessage(FlagNames Flags, DateTimeOffset? Received, IReadOnlyList<MessagePiece> Pieces)
{
    public static AppendedMessage Parse(ref ImapReader r)
    {
        var flags = FlagNames.None;
        DateTimeOffset? received = null;
        if (r.NextIs('('))
        {
            flags = r.FlagList(bareAllowed: false);
            r.Space();
        }

        if (r.NextIs('"'))
        {
            received = r.DateTime();
            r.Space();
        }

        if (r.TakeOption("CATENATE"u8, "APPEND CATENATE"))
            return new(flags, received, Catenated(ref r));
        if (!r.TakeOption("UTF8"u8, "APPEND UTF8"))
            return new(flags, received, [new(r.Message(), null)]);

        // RFC 6855 section 4, which RFC 9755 did away with: some clients still send it.
        r.Space();
        r.Open();
        var message = r.Message();
        r.Close();
        return new(flags, received, [new(message, null)]);
    }

    /// <summary>Whether a literal at this place is (part of) a message: anything behind the mailbox's name is, but the URLs of CATENATE.</summary>
    /// <param name="arguments">What stands before the literal, from the mailbox's name on.</param>
    public static bool IsMessage(ReadOnlySpan<byte> arguments)
    {
        if (arguments.IsEmpty)
            return false;
        var text = Encoding.Latin1.GetString(arguments);
        var isUrl = text.EndsWith("(URL ", StringComparison.OrdinalIgnoreCase) || text.EndsWith(" URL ", StringComparison.OrdinalIgnoreCase);
        return !isUrl || !text.Contains(" CATENATE (", StringComparison.OrdinalIgnoreCase);
    }

    private static List<MessagePiece> Catenated(ref ImapReader r)
    {
        var pieces = new List<MessagePiece>();
        r.Space();
        r.Open();
        do
        {
            if (r.TakeName("TEXT"u8))
            {
                r.Space();
                pieces.Add(new(r.Message(), null));
                continue;
            }

            if (!r.TakeName("URL"u8))
                throw new SyntaxException("Expected TEXT or URL");
            r.Space();
            pieces.Add(new(null, r.AString()));
        }
        while (r.Take(' '));
        r.Close();
        return pieces;
    }
}
