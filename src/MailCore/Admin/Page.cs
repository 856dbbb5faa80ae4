namespace Webmail.MailCore.Admin;

/// <summary>A part of a long list.</summary>
/// <param name="Next">What to pass as "after" for the next page; null: this is the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next)
{
    internal const int MaxLimit = 1000;

    internal static Page<T> Of(List<T> oneMore, int limit, Func<T, string> cursor)
    {
        if (oneMore.Count <= limit)
            return new(oneMore, null);
        oneMore.RemoveRange(limit, oneMore.Count - limit);
        return new(oneMore, cursor(oneMore[^1]));
    }
}
