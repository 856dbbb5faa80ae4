using System.Globalization;
using System.Text;
using Webmail.MailCore.Mime;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Fetch;

/// <summary>The grammar of a section (RFC 3501 section 6.4.5): [], [HEADER], [1.2.HEADER.FIELDS (TO CC)] …</summary>
internal static class SectionSpec
{
    /// <summary>Parts nest no deeper than this.</summary>
    private const int MaxPartDepth = 100;

    /// <summary>Field names of one section.</summary>
    private const int MaxFields = 200;

    /// <summary>Reads "[…]" and adds it to the label, in the client's own spelling of the field names.</summary>
    public static Section Parse(ref ImapReader r, StringBuilder label)
    {
        r.Expect('[');
        if (r.Take(']'))
        {
            label.Append("[]");
            return Section.Whole;
        }

        var spec = Encoding.ASCII.GetString(r.Name()).ToUpperInvariant();
        var part = Numbers(ref spec);
        var kind = spec switch
        {
            "" when part.Length > 0 => SectionText.All,
            "HEADER" => SectionText.Header,
            "HEADER.FIELDS" => SectionText.HeaderFields,
            "HEADER.FIELDS.NOT" => SectionText.HeaderFieldsNot,
            "TEXT" => SectionText.Text,
            "MIME" when part.Length > 0 => SectionText.Mime,
            _ => throw new SyntaxException("There is no such section"),
        };
        label.Append('[').AppendJoin('.', part).Append(part.Length > 0 && spec.Length > 0 ? "." : "").Append(spec);
        IReadOnlyList<string> fields = kind is SectionText.HeaderFields or SectionText.HeaderFieldsNot ? FieldNames(ref r, label) : [];
        r.Expect(']');
        label.Append(']');
        return new(part, kind, fields);
    }

    /// <summary>"&lt;first.count&gt;" where it stands here, of which the label says the first; some clients leave the count away. Null: all octets.</summary>
    public static (long First, long Count)? Partial(ref ImapReader r, StringBuilder label)
    {
        if (!r.Take('<'))
            return null;
        var first = r.Number64();
        var count = r.Take('.') ? r.Number64() : long.MaxValue;
        r.Expect('>');
        label.Append(CultureInfo.InvariantCulture, $"<{first}>");
        return (first, count);
    }

    /// <summary>What a partial means of so many octets.</summary>
    public static (long First, long Count) Cut((long First, long Count)? partial, long length)
    {
        if (partial is not var (first, count))
            return (0, length);
        first = Math.Min(first, length);
        return (first, Math.Min(count, length - first));
    }

    /// <summary>Takes the part's numbers off the front of "1.2.HEADER".</summary>
    private static int[] Numbers(ref string spec)
    {
        var numbers = new List<int>();
        while (spec.Length > 0 && char.IsAsciiDigit(spec[0]))
        {
            var dot = spec.IndexOf('.', StringComparison.Ordinal);
            var digits = dot < 0 ? spec : spec[..dot];
            if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0 || numbers.Count == MaxPartDepth)
                throw new SyntaxException("There is no such part");
            numbers.Add(number);
            spec = dot < 0 ? "" : spec[(dot + 1)..];
            if (dot >= 0 && spec.Length == 0)
                throw new SyntaxException("There is no such part");
        }

        return [.. numbers];
    }

    private static List<string> FieldNames(ref ImapReader r, StringBuilder label)
    {
        r.Space();
        r.Open();
        label.Append(" (");
        var names = new List<string>();
        do
        {
            var quoted = !r.NextIsAtomChar;
            var name = r.AString();
            if (name.Length == 0 || names.Count == MaxFields || name.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                throw new SyntaxException("That can't be the name of a header field");
            label.Append(names.Count > 0 ? " " : "");
            if (quoted)
                label.Append('"').Append(name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
            else
                label.Append(name);
            names.Add(name);
        }
        while (r.Take(' '));
        r.Close();
        label.Append(')');
        return names;
    }
}
