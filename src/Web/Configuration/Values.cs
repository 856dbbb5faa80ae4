namespace Webmail.Web.Configuration;

/// <summary>Single values and lists out of IConfiguration; every refusal has the same form: key, value, what to write instead.</summary>
internal sealed class Values(IConfiguration configuration)
{
    readonly SortedSet<string> known = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<string> Known => known;

    /// <summary>Null: not set, or empty.</summary>
    public string? Text(string key)
    {
        known.Add(key);
        return configuration[key]?.Trim() is { Length: > 0 } text ? text : null;
    }

    public T Read<T>(string key, string example, Func<string, T?> parse, T fallback)
        where T : class? =>
        Text(key) is not { } text ? fallback : parse(text) ?? throw Wrong(key, text, example);

    public T Read<T>(string key, string example, Func<string, T?> parse, T fallback)
        where T : struct =>
        Text(key) is not { } text ? fallback : parse(text) ?? throw Wrong(key, text, example);

    /// <summary>Separated by commas, or a JSON array. Set but empty is the empty list, not the default.</summary>
    public IReadOnlyList<T> List<T>(string key, string example, Func<string, T?> parse, IReadOnlyList<T> fallback)
        where T : class =>
        Items(key) is not { } items ? fallback : [.. items.Select(i => parse(i) ?? throw Wrong(key, i, example))];

    public IReadOnlyList<T> List<T>(string key, string example, Func<string, T?> parse, IReadOnlyList<T> fallback)
        where T : struct =>
        Items(key) is not { } items ? fallback : [.. items.Select(i => parse(i) ?? throw Wrong(key, i, example))];

    IEnumerable<string>? Items(string key)
    {
        known.Add(key);
        var section = configuration.GetSection(key);
        if (section.Value is { } text)
            return text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var children = section.GetChildren().Select(c => c.Value?.Trim() ?? "").ToList();
        return children.Count > 0 ? children : null;
    }

    static SettingsException Wrong(string key, string value, string example) =>
        new(key, $"\"{Printable(value)}\" can't be used; write for example {example}.");

    // One line, whatever stands in the variable.
    static string Printable(string value)
    {
        var clean = string.Concat(value.Select(c => char.IsControl(c) ? '?' : c));
        return clean.Length <= 80 ? clean : clean[..80] + "…";
    }
}
