using System.Globalization;

namespace Webmail.Load;

/// <summary>A server to measure: where its doors are, who may come in, and whose processes it is.</summary>
/// <param name="User">Holds one %d, replaced by a number from 1.</param>
/// <param name="Roots">The roots of its process trees, for memory and CPU.</param>
internal sealed record Server(string Name, string Host, int Imap, int Imaps, int Pop3, int Smtp, string User, string Password, IReadOnlyList<int> Roots)
{
    public string UserNumber(int n) => User.Replace("%d", n.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>"name=ours,imap=2143,smtp=2525,user=user%d@example.test,password=secret,pid=123+124"; the host is 127.0.0.1 unless given.</summary>
    public static Server Parse(string text)
    {
        var parts = text.Split(',').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
        int Number(string key) => parts.TryGetValue(key, out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : 0;
        return new(
            parts["name"], parts.GetValueOrDefault("host", "127.0.0.1"), Number("imap"), Number("imaps"), Number("pop3"), Number("smtp"),
            parts["user"], parts["password"], [.. parts.GetValueOrDefault("pid", "").Split('+', StringSplitOptions.RemoveEmptyEntries).Select(p => int.Parse(p, CultureInfo.InvariantCulture))]);
    }
}
