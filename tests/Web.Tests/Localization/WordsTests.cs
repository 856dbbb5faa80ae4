using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Webmail.Web.Tests.Localization;

/// <summary>Every word that a page shows stands in both resource files, and nothing else does.</summary>
public sealed partial class WordsTests
{
    private static readonly string Web = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../src/Web"));

    [Theory]
    [InlineData("Words.resx")]
    [InlineData("Words.zh-Hans.resx")]
    public void Resources_are_complete(string file)
    {
        var words = Resources(file);
        Assert.Equal(Used().Order(StringComparer.Ordinal), words.Keys.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(words, w => string.IsNullOrWhiteSpace(w.Value));
    }

    [Fact]
    public void Translations_fill_the_same_holes()
    {
        foreach (var (english, chinese) in Resources("Words.zh-Hans.resx"))
            Assert.Equal(Hole.Matches(english).Select(m => m.Value).Order(StringComparer.Ordinal), Hole.Matches(chinese).Select(m => m.Value).Order(StringComparer.Ordinal));
    }

    private static Dictionary<string, string> Resources(string file) => XDocument.Load(Path.Combine(Web, "Localization", file)).Root!.Elements("data")
        .ToDictionary(d => d.Attribute("name")!.Value, d => d.Element("value")!.Value, StringComparer.Ordinal);

    private static HashSet<string> Used() => Directory.EnumerateFiles(Web, "*.*", SearchOption.AllDirectories)
        .Where(f => f.EndsWith(".razor", StringComparison.Ordinal) || f.EndsWith(".cs", StringComparison.Ordinal))
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
        .SelectMany(f => Key.Matches(File.ReadAllText(f)).Select(m => m.Groups["key"].Value)).ToHashSet(StringComparer.Ordinal);

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex("\\b(T|words)\\[\"(?<key>[^\"]*)\"", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Key { get; }

    [GeneratedRegex(@"\{\d\}", RegexOptions.NonBacktracking)]
    private static partial Regex Hole { get; }
}
