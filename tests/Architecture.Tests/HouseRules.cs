using System.Reflection;
using System.Text.RegularExpressions;

namespace Webmail.Architecture.Tests;

/// <summary>The house stays readable: sizes, and papers that name files that exist.</summary>
public sealed partial class HouseRules
{
    private static readonly string Root = FindRoot();

    [Fact]
    public void FilesStayShort()
    {
        var tooLong = Sources().Select(path => (Path: path, Lines: File.ReadLines(path).Count())).Where(f => f.Lines > 400)
            .Select(f => $"{Path.GetRelativePath(Root, f.Path)}: {f.Lines} lines");
        Assert.Empty(tooLong);
    }

    [Fact]
    public void NoDrawerIsCalledCommon()
    {
        var drawers = Sources().Where(path => Drawer().IsMatch(Path.GetFileName(path))).Select(path => Path.GetRelativePath(Root, path));
        Assert.Empty(drawers);
    }

    [Fact]
    public void TheRfcIndexNamesFilesThatExist()
    {
        var missing = File.ReadLines(Path.Combine(Root, "docs/rfcs.md"))
            .SelectMany(line => Named().Matches(line).Select(m => m.Groups["path"].Value))
            .Where(path => !File.Exists(Path.Combine(Root, path)) && !Directory.Exists(Path.Combine(Root, path)));
        Assert.Empty(missing);
    }

    [Fact]
    public void EveryTestProjectStandsInTheSolution()
    {
        var solution = File.ReadAllText(Path.Combine(Root, "Webmail.sln"));
        var missing = Directory.EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(path => !solution.Contains(Path.GetFileName(path), StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/Migrations/", StringComparison.Ordinal));

    private static string FindRoot()
    {
        var folder = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!;
        while (!File.Exists(Path.Combine(folder, "Webmail.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Webmail.sln is above no folder of this test");
        return folder;
    }

    [GeneratedRegex(@"(?:Common|Utils|Helper|Manager|Misc|Impl)\.cs$", RegexOptions.None, 1000)]
    private static partial Regex Drawer();

    [GeneratedRegex(@"`?(?<path>(?:src|tests|docs)/[A-Za-z0-9_./-]+[A-Za-z0-9_])`?", RegexOptions.None, 1000)]
    private static partial Regex Named();
}
