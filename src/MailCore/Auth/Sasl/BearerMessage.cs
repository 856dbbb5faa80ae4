namespace Webmail.MailCore.Auth.Sasl;

/// <summary>The pairs of OAUTHBEARER (RFC 7628 section 3.1) and XOAUTH2: <c>key=value ^A</c>, any number, and one more ^A at the end. Pure.</summary>
internal static class BearerMessage
{
    public const int MaxMessage = 8 * 1024;

    public const char Separator = '\u0001';

    private const string Scheme = "Bearer ";

    /// <summary>Null: malformed. A key that comes twice is.</summary>
    public static Dictionary<string, string>? Pairs(string text)
    {
        if (!text.EndsWith($"{Separator}{Separator}", StringComparison.Ordinal))
            return null;
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in text[..^2].Split(Separator))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || pair.AsSpan(0, equals).ContainsAnyExcept(Letters) || pair.Contains('\0', StringComparison.Ordinal) || !pairs.TryAdd(pair[..equals], pair[(equals + 1)..]))
                return null;
        }

        return pairs;
    }

    /// <summary>The token of "Bearer token" (RFC 6750 section 2.1), the scheme in any case; null: another scheme, or nothing.</summary>
    public static string? Token(string auth) =>
        auth.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && auth[Scheme.Length..].Trim(' ') is { Length: > 0 } token ? token : null;

    private static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
}
