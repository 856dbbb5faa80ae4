namespace Webmail.Protocols.Pop3;

/// <summary>A language that replies are written in (RFC 6856 section 3). Replies are made in English; what has no other words stays so.</summary>
/// <param name="Tag">RFC 5646.</param>
/// <param name="Name">In the language itself.</param>
internal sealed record Pop3Language(string Tag, string Name)
{
    /// <summary>RFC 2277 section 4.5: for those who haven't said what they read. English here.</summary>
    public static readonly Pop3Language Default = new("i-default", "Default (English)");

    public static readonly Pop3Language English = new("en", "English");

    public static readonly Pop3Language Chinese = new("zh", "简体中文") { Words = Pop3Chinese.Words };

    public static IReadOnlyList<Pop3Language> All { get; } = [Default, English, Chinese];

    /// <summary>From the English text, with {0} and {1} for its numbers.</summary>
    private IReadOnlyDictionary<string, string>? Words { get; init; }

    /// <summary>By RFC 4647 section 3.4 (lookup): "zh-Hans-CN" is "zh". "*" is what the server prefers. Null: there is none.</summary>
    public static Pop3Language? Find(string range)
    {
        if (range == "*")
            return English;
        for (var tag = range; tag.Length > 0; tag = tag[..Math.Max(0, tag.LastIndexOf('-'))])
        {
            if (All.FirstOrDefault(l => l.Tag.Equals(tag, StringComparison.OrdinalIgnoreCase)) is { } found)
                return found;
        }

        return null;
    }

    public string Of(string english)
    {
        if (Words is null || english.Length == 0)
            return english;
        var numbers = new List<string>();
        var form = new System.Text.StringBuilder(english.Length + 8);
        for (var i = 0; i < english.Length;)
        {
            var digits = english.AsSpan(i).IndexOfAnyExceptInRange('0', '9') is var n and >= 0 ? n : english.Length - i;
            if (digits == 0)
            {
                form.Append(english[i++]);
                continue;
            }

            form.Append('{').Append(numbers.Count).Append('}');
            numbers.Add(english.Substring(i, digits));
            i += digits;
        }

        // "UTF-8" and "base64" hold digits too: such texts stand in the table as they are.
        if (Words.TryGetValue(english, out var whole))
            return whole;
        if (!Words.TryGetValue(form.ToString(), out var words))
            return english;
        for (var i = 0; i < numbers.Count; i++)
            words = words.Replace($"{{{i}}}", numbers[i], StringComparison.Ordinal);
        return words;
    }
}
