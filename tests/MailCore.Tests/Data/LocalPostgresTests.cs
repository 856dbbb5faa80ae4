using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webmail.MailCore.Data;

namespace Webmail.MailCore.Tests.Data;

/// <summary>The private cluster: real PostgreSQL, in a directory of its own for each test.</summary>
public sealed class LocalPostgresTests : IDisposable
{
    readonly string directory = Path.Combine("/tmp", "webmail-cluster-" + Guid.NewGuid().ToString("N")[..12]);

    public void Dispose()
    {
        if (System.IO.Directory.Exists(directory))
            System.IO.Directory.Delete(directory, recursive: true);
    }

    Task<LocalPostgres> OpenAsync(ClusterUse use, CancellationToken ct = default) =>
        LocalPostgres.OpenAsync(directory, use, TimeSpan.FromSeconds(5), NullLogger.Instance, TimeProvider.System, ct);

    static async Task<object?> AskAsync(LocalPostgres postgres, string sql)
    {
        await using var connection = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    [Fact]
    public async Task A_new_cluster_is_made_durable_and_keeps_its_rows_over_a_restart()
    {
        await using (var first = await OpenAsync(ClusterUse.Server))
        {
            Assert.True(first.IsOwner);
            Assert.Equal("on on on on", await AskAsync(first,
                "select concat_ws(' ', current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'), current_setting('data_checksums'))"));
            Assert.Equal("UTF8", await AskAsync(first, "show server_encoding"));
            Assert.Equal("", await AskAsync(first, "show listen_addresses"));
            await AskAsync(first, "create table t as select 7 as n");
        }

        await using var second = await OpenAsync(ClusterUse.Server);
        Assert.Equal(7, await AskAsync(second, "select n from t"));
    }

    [Fact]
    public async Task Stopping_is_quick_and_leaves_no_process_of_it()
    {
        var postgres = await OpenAsync(ClusterUse.Server);
        var pid = postgres.ProcessId!.Value;
        var watch = Stopwatch.StartNew();
        await postgres.DisposeAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"took {watch.Elapsed}");
        Assert.False(System.IO.Directory.Exists($"/proc/{pid}"));
        Assert.False(File.Exists(Path.Combine(postgres.ClusterDirectory, "postmaster.pid")));
    }

    [Fact]
    public async Task A_second_server_is_refused_and_a_command_joins()
    {
        await using var server = await OpenAsync(ClusterUse.Server);
        var refused = await Assert.ThrowsAsync<LocalPostgresException>(() => OpenAsync(ClusterUse.Server));
        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);

        var command = await OpenAsync(ClusterUse.Command);
        Assert.False(command.IsOwner);
        Assert.Equal(1, await AskAsync(command, "select 1"));
        await command.DisposeAsync();
        Assert.Equal(1, await AskAsync(server, "select 1"));
    }

    [Fact]
    public async Task The_owner_waits_for_a_command_that_still_uses_the_cluster()
    {
        var owner = await OpenAsync(ClusterUse.Command);
        var guest = await OpenAsync(ClusterUse.Command);
        var stopping = owner.DisposeAsync().AsTask();
        await Task.Delay(300);
        Assert.False(stopping.IsCompleted);
        Assert.Equal(1, await AskAsync(guest, "select 1"));
        await guest.DisposeAsync();
        await stopping.WaitAsync(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_server_waits_for_a_command_that_owns_the_cluster()
    {
        var command = await OpenAsync(ClusterUse.Command);
        var starting = OpenAsync(ClusterUse.Server);
        await Task.Delay(300);
        Assert.False(starting.IsCompleted);
        await command.DisposeAsync();
        await using var server = await starting.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(server.IsOwner);
    }

    [Fact]
    public async Task PostgreSQL_that_was_killed_is_started_again_with_what_was_committed()
    {
        await using var postgres = await OpenAsync(ClusterUse.Server);
        await AskAsync(postgres, "create table t as select 7 as n");
        using (var killed = Process.GetProcessById(postgres.ProcessId!.Value))
            killed.Kill();

        var watch = Stopwatch.StartNew();
        object? answer = null;
        while (answer is null && watch.Elapsed < TimeSpan.FromSeconds(20))
        {
            try
            {
                answer = await AskAsync(postgres, "select n from t");
            }
            catch (NpgsqlException)
            {
                await Task.Delay(50);
            }
        }

        Assert.Equal(7, answer);
    }

    [Fact]
    public async Task A_stale_pid_file_with_the_number_of_a_living_process_stops_nobody()
    {
        await (await OpenAsync(ClusterUse.Server)).DisposeAsync();
        var place = Path.Combine(directory, "postgres");
        await File.WriteAllTextAsync(Path.Combine(place, "postmaster.pid"), $"{Environment.ProcessId}\n{place}\n1\n5432\n/tmp\n\n 0 0\nready   \n");
        await using var again = await OpenAsync(ClusterUse.Server);
        Assert.Equal(1, await AskAsync(again, "select 1"));
    }

    [Fact]
    public async Task What_an_interrupted_initdb_left_is_no_obstacle()
    {
        System.IO.Directory.CreateDirectory(Path.Combine(directory, "postgres.new", "base"));
        File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        await using var postgres = await OpenAsync(ClusterUse.Server);
        Assert.Equal(1, await AskAsync(postgres, "select 1"));
    }

    [Fact]
    public async Task A_directory_that_only_root_may_enter_keeps_its_cluster_elsewhere()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("only root has a cluster under another user");
        System.IO.Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string elsewhere;
        await using (var first = await OpenAsync(ClusterUse.Server))
        {
            Assert.True(first.IsElsewhere);
            elsewhere = first.ClusterDirectory;
            await AskAsync(first, "create table t as select 7 as n");
            await using var guest = await OpenAsync(ClusterUse.Command);
            Assert.Equal(7, await AskAsync(guest, "select n from t"));
        }

        try
        {
            // Moved: the cluster is found again.
            System.IO.Directory.Move(directory, directory + "-moved");
            await using (var moved = await LocalPostgres.OpenAsync(
                directory + "-moved", ClusterUse.Server, TimeSpan.Zero, NullLogger.Instance, TimeProvider.System, CancellationToken.None))
                Assert.Equal(7, await AskAsync(moved, "select n from t"));
        }
        finally
        {
            System.IO.Directory.Delete(directory + "-moved", recursive: true);
            System.IO.Directory.Delete(Path.GetDirectoryName(elsewhere)!, recursive: true);
        }
    }
}
