namespace Webmail.Testing;

/// <summary>
/// Ends the private cluster after a test project's last test: an assembly fixture of every test project. At the process's exit would be too late, since
/// the runner gives that a few seconds only.
/// </summary>
public sealed class ClusterEnd : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await PrivateCluster.StopAsync();
}
