namespace Webmail.MailCore.Mime;

/// <summary>The base subject (RFC 5256 section 2.1): without "Re:", "Fwd:", list tags and "(fwd)".</summary>
internal static class BaseSubject
{
    /// <summary>What is looked at of a subject, in characters.</summary>
    private const int MaxSubject = 1_000;

    public static string Of(string? rawSubject)
    {
        var decoded = Charsets.DecodeHeader(rawSubject is { Length: > 4 * MaxSubject } ? rawSubject[..(4 * MaxSubject)] : rawSubject);
        var text = OneSpaced(decoded.Length > MaxSubject ? decoded[..MaxSubject] : decoded);
        return Strip(text, out _).ToString();
    }

    /// <summary>Whether "Re:", "Fwd:" or "(fwd)" was taken off the subject, given decoded (RFC 5256 section 2.1).</summary>
    public static bool IsReplyOrForward(string subject)
    {
        Strip(OneSpaced(subject), out var isReply);
        return isReply;
    }

    private static ReadOnlySpan<char> Strip(ReadOnlySpan<char> text, out bool isReply)
    {
        isReply = false;
        while (true)
        {
            text = WithoutLeaders(WithoutTrailers(text, ref isReply), ref isReply);
            if (!text.StartsWith("[fwd:", StringComparison.OrdinalIgnoreCase) || text[^1] != ']')
                return text;
            text = text[5..^1];
            isReply = true;
        }
    }

    private static ReadOnlySpan<char> OneSpaced(string text) => string.Join(' ', text.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private static ReadOnlySpan<char> WithoutTrailers(ReadOnlySpan<char> text, scoped ref bool isReply)
    {
        text = text.Trim(' ');
        while (text.EndsWith("(fwd)", StringComparison.OrdinalIgnoreCase))
        {
            text = text[..^5].TrimEnd(' ');
            isReply = true;
        }

        return text;
    }

    private static ReadOnlySpan<char> WithoutLeaders(ReadOnlySpan<char> text, scoped ref bool isReply)
    {
        while (true)
        {
            var before = text.Length;
            text = text.TrimStart(' ');
            var withReply = text.Length;
            text = WithoutReply(text);
            isReply |= text.Length != withReply;
            var blob = BlobLength(text);
            if (blob > 0 && !text[blob..].Trim(' ').IsEmpty)
                text = text[blob..].TrimStart(' ');
            if (text.Length == before)
                return text;
        }
    }

    /// <summary>subj-leader: any blobs, then "re", "fw" or "fwd", perhaps a blob, and a colon.</summary>
    private static ReadOnlySpan<char> WithoutReply(ReadOnlySpan<char> text)
    {
        var rest = text;
        for (var blob = BlobLength(rest); blob > 0; blob = BlobLength(rest))
            rest = rest[blob..].TrimStart(' ');
        var word = rest.StartsWith("re", StringComparison.OrdinalIgnoreCase) ? 2
            : rest.StartsWith("fwd", StringComparison.OrdinalIgnoreCase) ? 3
            : rest.StartsWith("fw", StringComparison.OrdinalIgnoreCase) ? 2
            : 0;
        if (word == 0)
            return text;
        rest = rest[word..].TrimStart(' ');
        rest = rest[BlobLength(rest)..].TrimStart(' ');
        return rest.StartsWith(":") ? rest[1..] : text;
    }

    /// <summary>"[…]" without brackets inside; 0: there is none here.</summary>
    private static int BlobLength(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] != '[')
            return 0;
        var end = text[1..].IndexOfAny('[', ']');
        return end >= 0 && text[end + 1] == ']' ? end + 2 : 0;
    }
}
