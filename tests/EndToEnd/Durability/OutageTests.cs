using System.Diagnostics;
using System.Globalization;
using Webmail.Testing;

namespace Webmail.EndToEnd.Durability;

/// <summary>The database is away, or the disk is full: clients hear "later", nothing is lost or doubled, and all goes on by itself.</summary>
[Collection("durability")]
public sealed class OutageTests(ITestOutputHelper output)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_database_is_away_clients_hear_later_and_none_is_cut_off()
    {
        await using var sink = new SmtpSink();
        await using var server = await ServerProcess.StartAsync(new() { Environment = Through(sink) });
        await BearAsync(server, sink, async () =>
        {
            // A line that PostgreSQL doesn't understand: it can't be started until the line is gone.
            var settings = Path.Combine(server.DataDirectory, "postgres", "local.conf");
            await File.WriteAllTextAsync(settings, "no such setting\n", Ct);
            await new Cluster(server).KillAsync(Victim.Postmaster);
            await Task.Delay(4_000, Ct);
            File.Delete(settings);
        });
    }

    [Fact]
    public async Task While_the_disk_is_full_clients_hear_later_and_nothing_is_lost()
    {
        var home = Path.Combine("/tmp", "webmail-full-" + Guid.NewGuid().ToString("N")[..12]);
        var data = Path.Combine(home, "data");
        Directory.CreateDirectory(data);
        try
        {
            if (!await MountAsync("-t", "tmpfs", "-o", "size=200m,mode=0711", "none", data))
                Assert.Skip("A small disk can't be mounted here (that needs root)");
            await using var sink = new SmtpSink();
            await using var server = await ServerProcess.StartAsync(new() { Home = home, Environment = Through(sink) });
            await BearAsync(server, sink, async () =>
            {
                var ballast = Path.Combine(data, "ballast");
                Fill(ballast);
                await Task.Delay(4_000, Ct);
                File.Delete(ballast);
            });
        }
        finally
        {
            await RunAsync("umount", data);
            Directory.Delete(home, recursive: true);
        }
    }

    private static Dictionary<string, string> Through(SmtpSink sink) => new(StringComparer.Ordinal)
    {
        ["Webmail__Outbound__Routes"] = string.Create(CultureInfo.InvariantCulture, $"*=127.0.0.1:{sink.Port}"),
        ["Webmail__Outbound__BindAddress"] = "127.0.0.1",
    };

    /// <summary>Load before, over and after an outage; all that was acknowledged is there at the end.</summary>
    private async Task BearAsync(ServerProcess server, SmtpSink sink, Func<Task> outage)
    {
        var ledger = new Ledger();
        using var enough = new CancellationTokenSource();
        var load = new Load(server, ledger, enough.Token);
        Task[] clients = [load.DeliverAsync(0), load.AppendAsync(0), load.SubmitAsync(0)];
        await ledger.MoreAsync(30);
        using var maildrop = await load.OpenMaildropAsync();
        var reader = load.RetrieveAsync(maildrop);
        ledger.TakeLongestPause();
        await outage();
        await ledger.MoreAsync(30);
        await enough.CancelAsync();
        await Task.WhenAll([.. clients, reader]).WaitAsync(TimeSpan.FromMinutes(2), Ct);

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{ledger.Acknowledged} acknowledged, {ledger.Refusals} refusals, nothing acknowledged for {ledger.TakeLongestPause().TotalSeconds:0.0} s"));
        Assert.True(ledger.Cuts == 0, string.Join('\n', ledger.CutBy));
        Assert.True(ledger.Refusals > 0, "There was no outage");
        await ledger.CompareAllAsync(server, sink);
        Assert.Equal("", ledger.Complaints);
        Assert.Empty(await new Cluster(server).BrokenAsync());
    }

    /// <summary>Writes until there is no room.</summary>
    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var piece = new byte[1024 * 1024]; piece.Length >= 4096;)
        {
            try
            {
                file.Write(piece);
            }
            catch (IOException)
            {
                piece = new byte[piece.Length / 2];
            }
        }
    }

    private static async Task<bool> MountAsync(params string[] arguments) => Environment.IsPrivilegedProcess && await RunAsync("mount", arguments);

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        await process.WaitForExitAsync(Ct);
        return process.ExitCode == 0;
    }
}
