using System.Globalization;

namespace Webmail.Load;

/// <summary>A server to measure: where its doors are, who may come in, and whose processes it is.</summary>
/// <param name="User">Holds one %d, replaced by a number from 1.</param>
/// <param name="Pid">The root of its process tree; 0: memory and CPU aren't told.</param>
internal sealed record Server(string Name, string Host, int Imap, int Imaps, int Pop3, int Smtp, int Lmtp, string User, string Password, int Pid)
{
    public string UserNumber(int n) => User.Replace("%d", n.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>"name=ours,imap=2143,smtp=2525,user=user%d@example.test,password=secret,pid=123"; the host is 127.0.0.1 unless given.</summary>
    public static Server Parse(string text)
    {
        var parts = text.Split(',').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
        int Number(string key) => parts.TryGetValue(key, out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : 0;
        return new(
            parts["name"], parts.GetValueOrDefault("host", "127.0.0.1"), Number("imap"), Number("imaps"), Number("pop3"), Number("smtp"), Number("lmtp"),
            parts["user"], parts["password"], Number("pid"));
    }
}
