using Webmail.EndToEnd.Journey;

namespace Webmail.EndToEnd.Durability;

/// <summary>The program as <c>dotnet publish</c> lays it out, where anybody may read it. Made once for all tests of a class.</summary>
public sealed class PublishedApp : IAsyncLifetime
{
    public string Directory { get; } = Path.Combine("/tmp", "webmail-app-" + Guid.NewGuid().ToString("N")[..12]);

    public string Program => Path.Combine(Directory, "webmail.dll");

    public async ValueTask InitializeAsync()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var project = Path.Combine(ServerProcess.Root, "src", "Web", "Web.csproj");
        await Client.RunAsync("dotnet", "publish", project, "-c", configuration, "--no-build", "-v", "quiet", "--nologo", "-o", Directory);
    }

    public ValueTask DisposeAsync()
    {
        System.IO.Directory.Delete(Directory, recursive: true);
        return ValueTask.CompletedTask;
    }
}
