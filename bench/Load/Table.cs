using System.Diagnostics;
using System.Globalization;

namespace Webmail.Load;

/// <summary>
/// Rows of a comparison: each operation runs on every server in turn, A B A B …, so that a machine whose speed drifts hurts all alike.
/// Printed as Markdown: the median of each, and the first server's share of the second's time (below 1: faster).
/// </summary>
internal sealed class Table(IReadOnlyList<Server> servers, int runs, TextWriter output)
{
    public void Head(string title)
    {
        output.WriteLine($"\n### {title}\n");
        output.WriteLine($"| operation | {string.Join(" | ", servers.Select(s => s.Name))} | {servers[0].Name} / {servers[^1].Name} |");
        output.WriteLine($"|---|{string.Concat(servers.Select(_ => "---:|"))}---:|");
    }

    /// <param name="name">The row's name.</param>
    /// <param name="prepare">Not timed; what it gives goes to the timed part.</param>
    /// <param name="act">Timed.</param>
    public void Run<T>(string name, Func<Server, T> prepare, Action<Server, T> act)
    {
        var seconds = servers.Select(_ => new List<double>()).ToArray();
        for (var run = 0; run < runs; run++)
        {
            for (var s = 0; s < servers.Count; s++)
            {
                var state = prepare(servers[s]);
                var start = Stopwatch.GetTimestamp();
                act(servers[s], state);
                seconds[s].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                (state as IDisposable)?.Dispose();
            }
        }

        Row(name, [.. seconds.Select(Median)], Milliseconds);
    }

    public void Row(string name, IReadOnlyList<double> values, Func<double, string> show)
    {
        var ratio = values.Count > 1 && values[^1] > 0 ? (values[0] / values[^1]).ToString("0.00", CultureInfo.InvariantCulture) : "";
        output.WriteLine($"| {name} | {string.Join(" | ", values.Select(show))} | {ratio} |");
        output.Flush();
    }

    public static double Median(List<double> values)
    {
        values.Sort();
        return values.Count == 0 ? double.NaN : values[values.Count / 2];
    }

    public static string Milliseconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0.00} ms");
}
