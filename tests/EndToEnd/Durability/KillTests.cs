using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Webmail.Testing;

namespace Webmail.EndToEnd.Durability;

/// <summary>
/// kill -9 at random moments while mail comes in by SMTP, is kept by APPEND and leaves by the queue. What was acknowledged is there afterwards, octet for
/// octet and once; what was not, and was sent again, is there at most twice; nothing else is there; and every invariant holds.
/// WEBMAIL_KILLS (20) says how many kills the four tests share.
/// </summary>
[Collection("durability")]
public sealed class KillTests(ITestOutputHelper output)
{
    /// <summary>Of <c>Webmail__Outbound__Workers</c>: so many messages can be under way at a kill.</summary>
    private const int Workers = 4;

    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("WEBMAIL_KILLS") ?? "20", CultureInfo.InvariantCulture);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Victim.Server, 6)]
    [InlineData(Victim.Postmaster, 5)]
    [InlineData(Victim.Backend, 5)]
    [InlineData(Victim.Everything, 4)]
    public async Task What_was_acknowledged_is_there_however_often_somebody_is_killed(Victim victim, int twentieths)
    {
        await using var sink = new SmtpSink();
        var ledger = new Ledger();
        var arrivals = new ConcurrentQueue<(string Id, long At)>();
        sink.OnMessage = message =>
        {
            arrivals.Enqueue((Letter.IdOf(message.Octets) ?? "?", Stopwatch.GetTimestamp()));
            return "250 2.0.0 taken";
        };
        await using var server = await StartAsync(sink);
        using var enough = new CancellationTokenSource();
        var load = new Load(server, ledger, enough.Token);
        Task[] clients = [load.DeliverAsync(0), load.DeliverAsync(1), load.AppendAsync(0), load.AppendAsync(1), load.SubmitAsync(0), load.SubmitAsync(1)];

        var kills = await KillAsync(victim, Math.Max(1, Kills * twentieths / 20), server, ledger);
        await ledger.MoreAsync(20);
        await enough.CancelAsync();
        await Task.WhenAll(clients).WaitAsync(TimeSpan.FromMinutes(2), Ct);

        await ledger.CompareAllAsync(server, sink);
        OnlyWhatWasUnderWayCameTwice(ledger, arrivals, victim is Victim.Server or Victim.Everything ? kills : []);
        Assert.True(ledger.Complaints.Length == 0, ledger.Complaints);
        Assert.Empty(await new Cluster(server).BrokenAsync());
        if (victim is Victim.Postmaster or Victim.Backend)
            Assert.True(ledger.Cuts == 0, string.Join('\n', ledger.CutBy));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{victim}: {kills.Count} kills, {ledger.Acknowledged} acknowledged, {ledger.All.Count(s => s.Doubts > 0)} doubtful, {ledger.Refusals} refusals, {ledger.Cuts} cuts, {sink.Messages.Count} sent on"));
    }

    private static Task<ServerProcess> StartAsync(SmtpSink sink) => ServerProcess.StartAsync(new()
    {
        Environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Webmail__Outbound__Routes"] = string.Create(CultureInfo.InvariantCulture, $"*=127.0.0.1:{sink.Port}"),
            ["Webmail__Outbound__BindAddress"] = "127.0.0.1",
            ["Webmail__Outbound__Workers"] = Workers.ToString(CultureInfo.InvariantCulture),
            ["Webmail__Outbound__RetryFirst"] = "1s",
            ["Webmail__Outbound__RetryMax"] = "2s",
        },
    });

    /// <summary>Kills so often, each time after something was acknowledged since the last. Returns when.</summary>
    private async Task<List<long>> KillAsync(Victim victim, int count, ServerProcess server, Ledger ledger)
    {
        var cluster = new Cluster(server);
        var kills = new List<long>();
        var outages = new List<double>();
        while (kills.Count < count)
        {
            await ledger.MoreAsync(5);
            await Task.Delay(Random.Shared.Next(600), Ct);
            ledger.TakeLongestPause();
            if (!await cluster.KillAsync(victim))
                continue;
            kills.Add(Stopwatch.GetTimestamp());
            if (victim is Victim.Server or Victim.Everything)
                await StartAgainAsync(server, killAgain: kills.Count % 3 == 2 && kills.Count < count, kills);
            // What was on its way at the kill may still be acknowledged.
            await ledger.MoreAsync(10);
            outages.Add(ledger.TakeLongestPause().TotalSeconds);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{victim}: nothing acknowledged for {outages.Min():0.00} to {outages.Max():0.00} s"));
        return kills;
    }

    /// <summary>The next start works whatever the last one left; now and then a start is itself killed at a random moment.</summary>
    private static async Task StartAgainAsync(ServerProcess server, bool killAgain, List<long> kills)
    {
        if (killAgain)
        {
            var start = server.StartAgainAsync();
            await Task.Delay(Random.Shared.Next(2_500), Ct);
            await server.KillAsync();
            kills.Add(Stopwatch.GetTimestamp());
            try
            {
                await start;
            }
            catch (InvalidOperationException)
            {
                // It hadn't come so far.
            }
        }

        await server.StartAgainAsync();
    }

    /// <summary>Twice came only what had just been handed over when the server was killed, before it could be written down.</summary>
    private static void OnlyWhatWasUnderWayCameTwice(Ledger ledger, IEnumerable<(string Id, long At)> arrivals, List<long> kills)
    {
        var certain = ledger.All.Where(s => s.Doubts == 0).Select(s => s.Letter.Id).ToHashSet(StringComparer.Ordinal);
        var twice = arrivals.GroupBy(a => a.Id, a => a.At, StringComparer.Ordinal).Where(g => g.Count() > 1 && certain.Contains(g.Key)).ToList();
        foreach (var again in twice)
        {
            var first = again.Min();
            if (!kills.Exists(k => first <= k && Stopwatch.GetElapsedTime(first, k) < TimeSpan.FromSeconds(2)))
                ledger.Blame($"{again.Key} was sent twice, and was not under way at a kill");
        }

        if (twice.Count > kills.Count * Workers)
            ledger.Blame($"{twice.Count} messages were sent twice over {kills.Count} kills");
    }
}
