using YamlDotNet.Serialization;

namespace Webmail.EndToEnd.Durability;

/// <summary>What the Dockerfile and docker-compose.yml of this checkout say, as far as a start depends on it.</summary>
internal sealed class ContainerFiles
{
    private readonly List<string> _instructions;
    private readonly Dictionary<object, object> _compose;

    public ContainerFiles()
    {
        var text = File.ReadAllText(Path.Combine(ServerProcess.Root, "Dockerfile")).Replace("\\\n", " ", StringComparison.Ordinal);
        _instructions = [.. text.Split('\n').Where(l => l.Length > 0 && l[0] != '#')];
        _compose = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(File.ReadAllText(Path.Combine(ServerProcess.Root, "docker-compose.yml")));
    }

    /// <summary>ENV, and over it the service's environment, as they are written.</summary>
    public Dictionary<string, string> Environment
    {
        get
        {
            var all = Of("ENV").SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(pair => pair.Split('=', 2))
                .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
            foreach (var (name, value) in Map(Service("webmail")["environment"]))
                all[name] = (string)value;
            return all;
        }
    }

    /// <summary>What COPY takes out of the checkout.</summary>
    public IEnumerable<string> Copied => Of("COPY").Where(line => !line.StartsWith("--from", StringComparison.Ordinal))
        .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..^1]);

    public string User => Of("USER").Last();

    public string EntryPoint => Of("ENTRYPOINT").Single();

    /// <summary>The ports that compose publishes must be those that the image listens on.</summary>
    public IEnumerable<string> PublishedPorts => ((List<object>)Service("webmail")["ports"]).Select(p => ((string)p).Split(':')[^1]);

    public IReadOnlyList<string> HealthCheck => [.. ((List<object>)Map(Service("webmail")["healthcheck"])["test"]).Cast<string>()];

    /// <summary>Named volumes of all services, and those that the file declares.</summary>
    public (IEnumerable<string> Used, IEnumerable<string> Declared) Volumes => (
        Map(_compose["services"]).Values.SelectMany(s => (List<object>)Map(s)["volumes"]).Select(v => ((string)v).Split(':')[0]).Order(StringComparer.Ordinal),
        Map(_compose["volumes"]).Keys.Order(StringComparer.Ordinal));

    public IEnumerable<string> DependsOn(string service) => Map(Service(service)["depends_on"]).Keys;

    private Dictionary<string, object> Service(string name) => Map(Map(_compose["services"])[name]);

    private IEnumerable<string> Of(string instruction) =>
        _instructions.Where(l => l.StartsWith(instruction + " ", StringComparison.Ordinal)).Select(l => l[(instruction.Length + 1)..].Trim());

    private static Dictionary<string, object> Map(object node) =>
        ((Dictionary<object, object>)node).ToDictionary(e => (string)e.Key, e => e.Value, StringComparer.Ordinal);
}
