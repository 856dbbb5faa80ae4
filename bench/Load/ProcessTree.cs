using System.Globalization;
using System.Text.RegularExpressions;

namespace Webmail.Load;

/// <summary>What a server's processes cost, read from /proc: CPU seconds and proportional memory (shared pages counted once). Needs root for others' processes.</summary>
internal static partial class ProcessTree
{
    private const double TicksPerSecond = 100;

    /// <summary>CPU that the trees have used so far, that of ended children included.</summary>
    public static double CpuSeconds(IReadOnlyList<int> roots)
    {
        double ticks = 0;
        foreach (var pid in Of(roots))
        {
            if (Stat(pid) is { } fields)
                ticks += fields.Skip(11).Take(4).Sum(f => double.Parse(f, CultureInfo.InvariantCulture));
        }

        return ticks / TicksPerSecond;
    }

    public static long MemoryBytes(IReadOnlyList<int> roots)
    {
        long kilobytes = 0;
        foreach (var pid in Of(roots))
        {
            try
            {
                var match = Pss().Match(File.ReadAllText($"/proc/{pid}/smaps_rollup"));
                if (match.Success)
                    kilobytes += long.Parse(match.Groups["kb"].Value, CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or is not ours to look into.
            }
        }

        return kilobytes * 1024;
    }

    private static HashSet<int> Of(IReadOnlyList<int> roots)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Stat(pid) is { } fields)
            {
                var parent = int.Parse(fields[1], CultureInfo.InvariantCulture);
                if (!children.TryGetValue(parent, out var list))
                    children[parent] = list = [];
                list.Add(pid);
            }
        }

        var tree = new HashSet<int>();
        var open = new Stack<int>(roots);
        while (open.TryPop(out var pid))
        {
            if (tree.Add(pid) && children.TryGetValue(pid, out var list))
                list.ForEach(open.Push);
        }

        return tree;
    }

    /// <summary>The fields of /proc/PID/stat from the state on.</summary>
    private static string[]? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^Pss:\s+(?<kb>\d+) kB", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pss();
}
