using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>How often the sweep looks over what is watched; tests take less.</summary>
internal sealed record SweepPeriod(TimeSpan Value)
{
    public static readonly SweepPeriod Default = new(TimeSpan.FromSeconds(30));
}

/// <summary>
/// Hears other nodes' hints on the one connection that this node keeps open, and looks over everything that is watched every 30 s and after each
/// reconnect: so a lost hint delays, and never loses.
/// </summary>
internal sealed partial class ChangeListener(
    NpgsqlDataSource dataSource, ChangeFeed feed, HintSender hints, Notifications others, QueueSignal queue, SweepPeriod period, TimeProvider time,
    ILogger<ChangeListener> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sweeping = SweepAgainAndAgainAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                CutOff(e.Message);
                // At once after a connection that had lasted, then once a second.
                var pause = time.GetElapsedTime(started) > TimeSpan.FromSeconds(5) ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromSeconds(1);
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await sweeping;
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        // A connection of its own: waiting on a pooled one would keep it from the pool, and the keepalive finds a peer that went silently.
        await using var connection = dataSource.CreateConnection();
        await connection.OpenAsync(ct);
        connection.Notification += (_, e) => Hear(e.Channel, e.Payload);
        await using (var command = new NpgsqlCommand(ListenSql, connection))
            await command.ExecuteNonQueryAsync(ct);
        await SweepAsync(ct);
        queue.Set();
        others.Gap();
        while (true)
        {
            // Every 15 s without a word a question goes out: a peer that went silently is found.
            if (!await connection.WaitAsync(TimeSpan.FromSeconds(15), ct))
            {
                await using var ping = new NpgsqlCommand("select 1", connection);
                await ping.ExecuteNonQueryAsync(ct);
            }
        }
    }

    private const string ListenSql =
        $"listen {HintSender.ChangeChannel}; listen {HintSender.QueueChannel}; listen {Notifications.Directory}; listen {Notifications.Server}";

    private void Hear(string channel, string payload)
    {
        if (channel == HintSender.QueueChannel)
            queue.Set();
        else if (channel == HintSender.ChangeChannel)
            HearChanges(payload);
        else
            others.Heard(channel, payload);
    }

    private void HearChanges(string payload)
    {
        var words = payload.Split(' ');
        if (words[0] == hints.Node)
            return;
        foreach (var word in words.AsSpan(1))
        {
            var parts = word.Split('.');
            if (parts.Length == 3 && long.TryParse(parts[0], CultureInfo.InvariantCulture, out var account)
                && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var mailbox) && long.TryParse(parts[2], CultureInfo.InvariantCulture, out var modSeq))
                feed.Heard(account, mailbox, modSeq);
        }
    }

    private async Task SweepAgainAndAgainAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(period.Value, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
            {
                try
                {
                    await SweepAsync(ct);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    SweepFailed(e.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private const string SweepSql =
        """
        select x.account, x.mailbox, case when x.mailbox = 0
            then (select a.modseq from mail.account_state a where a.account_id = x.account)
            when x.mailbox < 0 then (select m.readers_modseq from mail.mailbox m where m.account_id = x.account and m.mailbox_id = -x.mailbox)
            else (select m.modseq from mail.mailbox m where m.account_id = x.account and m.mailbox_id = x.mailbox) end
        from unnest($1::bigint[], $2::int[]) x(account, mailbox)
        """;

    private async Task SweepAsync(CancellationToken ct)
    {
        foreach (var page in feed.Keys.Chunk(5_000))
        {
            await using var command = dataSource.CreateCommand(SweepSql);
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(page, k => k.Account) });
            command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(page, k => k.Mailbox) });
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                if (await reader.IsDBNullAsync(2, ct))
                    feed.Gone(reader.GetInt64(0), reader.GetInt32(1));
                else
                    feed.Heard(reader.GetInt64(0), reader.GetInt32(1), reader.GetInt64(2));
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The connection that hears other nodes was cut off; connecting again: {Reason}")]
    private partial void CutOff(string reason);

    [LoggerMessage(LogLevel.Warning, "The look over watched mailboxes failed; the next one will make up for it: {Reason}")]
    private partial void SweepFailed(string reason);
}
