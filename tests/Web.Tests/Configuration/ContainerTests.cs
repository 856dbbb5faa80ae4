using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Webmail.Web.Configuration;
using YamlDotNet.RepresentationModel;

namespace Webmail.Web.Tests.Configuration;

/// <summary>What can be said of the container files without an engine: they parse, name what exists, and set what the program reads.</summary>
public sealed partial class ContainerTests
{
    static string Checkout
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(directory.FullName, "Webmail.sln")))
                directory = directory.Parent!;
            return directory.FullName;
        }
    }

    static YamlMappingNode Compose()
    {
        using var text = File.OpenText(Path.Combine(Checkout, "docker-compose.yml"));
        var yaml = new YamlStream();
        yaml.Load(text);
        return (YamlMappingNode)Assert.Single(yaml.Documents).RootNode;
    }

    static List<string> Instructions(string word) => [.. Logical().Where(l => l.StartsWith(word + " ", StringComparison.Ordinal)).Select(l => l[(word.Length + 1)..].Trim())];

    static IEnumerable<string> Logical() =>
        File.ReadAllText(Path.Combine(Checkout, "Dockerfile")).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Select(l => l.Trim());

    [Fact]
    public void Compose_has_both_services_with_health_restart_and_named_volumes()
    {
        var root = Compose();
        var services = (YamlMappingNode)root["services"];
        var volumes = ((YamlMappingNode)root["volumes"]).Children.Keys.Select(k => k.ToString()).ToList();
        foreach (var name in new[] { "postgres", "webmail" })
        {
            var service = (YamlMappingNode)services[name];
            Assert.Equal("unless-stopped", service["restart"].ToString());
            Assert.NotEmpty(((YamlMappingNode)service["healthcheck"]).Children);
            Assert.All((YamlSequenceNode)service["volumes"], v => Assert.Contains(v.ToString().Split(':')[0], volumes));
        }

        Assert.Equal("service_healthy", services["webmail"]["depends_on"]["postgres"]["condition"].ToString());
        var build = services["webmail"]["build"];
        Assert.True(File.Exists(Path.Combine(Checkout, build["context"].ToString(), build["dockerfile"].ToString())));
    }

    [Fact]
    public void Published_ports_lead_to_listeners_of_the_image()
    {
        var environment = string.Join(' ', Instructions("ENV"));
        var exposed = string.Join(' ', Instructions("EXPOSE")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var published = ((YamlSequenceNode)Compose()["services"]["webmail"]["ports"]).Select(p => p.ToString().Split(':')[^1]).ToList();
        Assert.Equal(exposed.Order(StringComparer.Ordinal), published.Order(StringComparer.Ordinal));
        Assert.All(exposed, port => Assert.Contains($"0.0.0.0:{port}", environment, StringComparison.Ordinal));
    }

    [Fact]
    public void The_images_environment_is_a_valid_configuration()
    {
        var values = Setting().Matches(string.Join(' ', Instructions("ENV"))).Select(m => new KeyValuePair<string, string?>(
            m.Groups["key"].Value.Replace("__", ":", StringComparison.Ordinal), m.Groups["value"].Value));
        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(values).Build(), "/app");
        var settings = reader.Read();
        Assert.Empty(reader.UnknownKeys());
        Assert.Equal("/data", settings.DataDirectory);
        Assert.Empty(settings.Listeners.Lmtp);
    }

    [Fact]
    public void The_Dockerfile_copies_what_exists_and_runs_without_rights()
    {
        foreach (var copy in Instructions("COPY").Where(c => !c.StartsWith("--from", StringComparison.Ordinal)))
        {
            foreach (var source in copy.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..^1])
                Assert.True(Path.Exists(Path.Combine(Checkout, source)), source);
        }

        Assert.Equal("$APP_UID", Instructions("USER")[^1]);
        Assert.Contains(Instructions("RUN"), r => r.Contains("src/Web/Web.csproj", StringComparison.Ordinal) && r.Contains("-o /app", StringComparison.Ordinal));
        Assert.Contains("\"/app/webmail.dll\"", Assert.Single(Instructions("ENTRYPOINT")), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(?<key>Webmail__\w+)=(?<value>\S*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Setting();
}
