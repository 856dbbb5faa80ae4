using System.Text;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Mime;

/// <summary>
/// What SEARCH compares of a message, folded (<see cref="FoldedText"/>) and with each run of white space as one space, so that a phrase is found across
/// line ends. Made once by the job, or on the spot for messages that the job has not reached: the same text either way. Bounded: the first 64 KiB of the
/// header, and of the body's text the first 65,536 characters.
/// </summary>
/// <param name="From">Null: no such field; of several, all; addresses with comments amid them once more without.</param>
/// <param name="Header">Every field as a line "NAME:value", a line feed before and after each; values with encoded words stand there decoded and raw.</param>
/// <param name="Body">All text parts decoded (HTML without its tags), headers of attached messages and names of attachments.</param>
internal sealed record SearchableText(string? From, string? To, string? Cc, string? Bcc, string? Subject, string Header, string Body)
{
    public const int MaxHeader = 64 * 1024;
    public const int MaxBody = 64 * 1024;

    /// <summary>What a text to look for becomes.</summary>
    public static string Fold(string text) => OneSpaced(FoldedText.Fold(text));

    /// <summary>Reads a message, a large one on a worker thread.</summary>
    public static async ValueTask<SearchableText> ReadAsync(MessageBody body, CancellationToken ct) =>
        body.TryGetMemory(out _) ? Read(body) : await Task.Run(() => Read(body), ct);

    private static SearchableText Read(MessageBody body)
    {
        var fields = ReadFields(body.AsStream());
        var header = new StringBuilder("\n");
        foreach (var (name, value) in fields)
            header.Append(name).Append(':').Append(value).Append('\n');
        return new(
            Addresses(Of(fields, "FROM")), Addresses(Of(fields, "TO")), Addresses(Of(fields, "CC")), Addresses(Of(fields, "BCC")), Of(fields, "SUBJECT"),
            header.ToString(), SearchableBody.Read(body.AsStream()));
    }

    /// <summary>
    /// A field of addresses, and those of them that don't stand in it letter by letter (comments or white space amid them): FROM and its kin look into the
    /// envelope (RFC 3501 section 6.4.4).
    /// </summary>
    private static string? Addresses(string? field)
    {
        if (field is null || field.IndexOfAny(['(', '"', '\\']) < 0 && !field.Contains(" @", StringComparison.Ordinal) && !field.Contains("@ ", StringComparison.Ordinal))
            return field;
        var found = new StringBuilder(field);
        foreach (var address in AddressParser.Parse(field))
        {
            var whole = $"{address.Mailbox}@{address.Host}";
            if (address.IsMailbox && found.Length < MaxHeader && !field.Contains(whole, StringComparison.Ordinal))
                found.Append('\n').Append(whole);
        }

        return found.ToString();
    }

    private static string? Of(List<(string Name, string Value)> fields, string name)
    {
        var values = fields.Where(field => field.Name == name).Select(field => field.Value).ToList();
        return values.Count == 0 ? null : string.Join('\n', values);
    }

    /// <summary>The folded fields; a value with encoded words twice, decoded and raw.</summary>
    private static List<(string Name, string Value)> ReadFields(Stream raw)
    {
        var fields = new List<(string, string)>();
        var field = new StringBuilder();
        using var lines = new RawLines(raw);
        while (lines.Next(out var piece) && lines.Offset < MaxHeader)
        {
            var starts = lines.StartsLine && piece[0] is not ((byte)' ' or (byte)'\t');
            if (starts)
                Add(fields, field);
            if (lines.StartsLine && (piece.SequenceEqual("\r\n"u8) || piece.SequenceEqual("\n"u8)))
                break;
            field.Append(Encoding.Latin1.GetString(piece[..(int)Math.Min(piece.Length, MaxHeader - lines.Offset)]));
        }

        Add(fields, field);
        return fields;
    }

    private static void Add(List<(string Name, string Value)> fields, StringBuilder field)
    {
        var text = field.ToString();
        field.Clear();
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
            return;
        var name = FoldedText.Fold(text[..colon].TrimEnd(' ', '\t'));
        // RFC 5322 section 2.2.3: unfolded, only the line ends go.
        var raw = text[(colon + 1)..].Replace("\r\n", "", StringComparison.Ordinal).Replace('\n', ' ').Replace('\r', ' ').Trim(' ', '\t');
        fields.Add((name, Fold(Charsets.DecodeHeader(raw))));
        if (raw.Contains("=?", StringComparison.Ordinal))
            fields.Add((name, Fold(raw)));
    }

    internal static string OneSpaced(string text)
    {
        var spaced = new StringBuilder(text.Length);
        var gap = false;
        foreach (var c in text)
        {
            var isSpace = char.IsWhiteSpace(c);
            if (!isSpace)
                spaced.Append(c);
            else if (!gap)
                spaced.Append(' ');
            gap = isSpace;
        }

        return spaced.ToString();
    }
}
