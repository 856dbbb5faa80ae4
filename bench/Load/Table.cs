using System.Diagnostics;
using System.Globalization;

namespace Webmail.Load;

/// <summary>What better is.</summary>
internal enum Better
{
    Less,
    More,
}

/// <summary>
/// Rows of a comparison: each operation runs on every server in turn, A B A B …, so that a machine whose speed drifts hurts all alike.
/// Printed as Markdown: the median of each, how many times better the first is than the best of the others (above 1: better), and the CPU time that each used up for it.
/// </summary>
internal sealed class Table(IReadOnlyList<Server> servers, int runs, string only, TextWriter output)
{
    public int Runs => runs;

    public void Head(string title)
    {
        output.WriteLine($"\n## {title}\n");
        output.WriteLine($"| operation | {string.Join(" | ", servers.Select(s => s.Name))} | times better | {string.Join(" | ", servers.Select(s => $"CPU {s.Name}"))} |");
        output.WriteLine($"|---|{string.Concat(servers.Select(_ => "---:|"))}---:|{string.Concat(servers.Select(_ => "---:|"))}");
    }

    /// <param name="name">The row's name.</param>
    /// <param name="prepare">Not timed; what it gives goes to the timed part.</param>
    /// <param name="act">Timed.</param>
    public void Run<T>(string name, Func<Server, T> prepare, Action<Server, T> act)
    {
        if (!name.Contains(only, StringComparison.OrdinalIgnoreCase))
            return;
        var seconds = servers.Select(_ => new List<double>()).ToArray();
        var cpu = new double[servers.Count];
        // The first round is for caches and compilers, on all sides.
        for (var run = -1; run < runs; run++)
        {
            for (var s = 0; s < servers.Count; s++)
            {
                var state = prepare(servers[s]);
                var used = ProcessTree.CpuSeconds(servers[s].Roots);
                var start = Stopwatch.GetTimestamp();
                act(servers[s], state);
                var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (run >= 0)
                {
                    seconds[s].Add(time);
                    cpu[s] += ProcessTree.CpuSeconds(servers[s].Roots) - used;
                }

                (state as IDisposable)?.Dispose();
            }
        }

        Row(name, Better.Less, [.. seconds.Select(Median)], Milliseconds, [.. cpu.Select(c => Milliseconds(c / runs))]);
    }

    /// <param name="cpu">As it is shown; empty: not known.</param>
    public void Row(string name, Better better, IReadOnlyList<double> values, Func<double, string> show, IReadOnlyList<string> cpu)
    {
        var ratio = better == Better.Less ? values.Skip(1).DefaultIfEmpty().Min() / values[0] : values[0] / values.Skip(1).DefaultIfEmpty().Max();
        // Memory may go down while connections come: a collection came between.
        var times = values.Count > 1 && ratio > 0 ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "";
        output.WriteLine($"| {name} | {string.Join(" | ", values.Select(show))} | {times} | {string.Join(" | ", servers.Select((_, s) => s < cpu.Count ? cpu[s] : ""))} |");
        output.Flush();
    }

    public static double Median(List<double> values)
    {
        values.Sort();
        return values.Count == 0 ? double.NaN : values[values.Count / 2];
    }

    public static string Milliseconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0.0} ms");

    public static string Rate(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0}/s");
}
