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
        await using var server = await ServerProcess.StartAsync(new()
        {
            Environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Webmail__Outbound__Routes"] = string.Create(CultureInfo.InvariantCulture, $"*=127.0.0.1:{sink.Port}"),
                ["Webmail__Outbound__BindAddress"] = "127.0.0.1",
            },
        });
        var ledger = new Ledger();
        using var enough = new CancellationTokenSource();
        var load = new Load(server, ledger, enough.Token);
        Task[] clients = [load.DeliverAsync(0), load.AppendAsync(0), load.SubmitAsync(0)];
        await ledger.MoreAsync(30);

        // A line that PostgreSQL doesn't understand: it can't be started until the line is gone.
        var settings = Path.Combine(server.DataDirectory, "postgres", "local.conf");
        await File.WriteAllTextAsync(settings, "no such setting\n", Ct);
        await new Cluster(server).KillAsync(Victim.Postmaster);
        await Task.Delay(5_000, Ct);
        File.Delete(settings);
        await ledger.MoreAsync(30);
        await enough.CancelAsync();
        await Task.WhenAll(clients).WaitAsync(TimeSpan.FromMinutes(2), Ct);

        Assert.True(ledger.Cuts == 0, string.Join('\n', ledger.CutBy));
        await ledger.CompareAllAsync(server, sink);
        Assert.Equal("", ledger.Complaints);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ledger.Acknowledged} acknowledged, {ledger.Refusals} refusals, nothing acknowledged for {ledger.TakeLongestPause().TotalSeconds:0.0} s"));
    }
}
