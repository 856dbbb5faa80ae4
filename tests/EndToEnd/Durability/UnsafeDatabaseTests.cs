namespace Webmail.EndToEnd.Durability;

/// <summary>A PostgreSQL that may lose what it acknowledged holds no mail: the server says which setting is wrong, and doesn't start.</summary>
[Collection("durability")]
public sealed class UnsafeDatabaseTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_starts_only_where_a_commit_is_on_disk()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.StopAsync();
        var local = Path.Combine(server.DataDirectory, "postgres", "local.conf");
        foreach (var setting in new[] { "fsync", "full_page_writes", "synchronous_commit" })
        {
            await File.WriteAllTextAsync(local, $"{setting} = off\n", Ct);
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(server.StartAgainAsync);
            Assert.Contains($"PostgreSQL runs with {setting} = off", refused.Message, StringComparison.Ordinal);
            Assert.Equal(75, await server.WaitForExitAsync());
            Assert.False(File.Exists(Path.Combine(server.DataDirectory, "postgres", "postmaster.pid")), "PostgreSQL was left behind");
        }

        File.Delete(local);
        await server.StartAgainAsync();
    }
}
