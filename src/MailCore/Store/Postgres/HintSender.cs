using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// Tells other nodes by NOTIFY that something changed: after the commit, never in it (NOTIFY takes a lock across the whole database at commit and undoes
/// group commit), and coalesced: while one is on its way, or within 10 ms of the last, what comes up goes into the next. A hint that is lost is made up
/// for by the other node's sweep.
/// </summary>
internal sealed partial class HintSender(NpgsqlDataSource dataSource, TimeProvider time, ILogger<HintSender> log) : IAsyncDisposable
{
    public const string ChangeChannel = "webmail_change";
    public const string QueueChannel = "webmail_queue";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    // NOTIFY's payload ends at 8,000 bytes.
    private const int MaxPayload = 7_900;

    private readonly Lock _gate = new();
    private Dictionary<(long Account, int Mailbox), long> _waiting = [];
    private bool _queueWaiting;
    private Task _sending = Task.CompletedTask;
    private bool _running;

    /// <summary>Stands at the head of this node's hints, so that it knows its own.</summary>
    public string Node { get; } = Guid.NewGuid().ToString("n");

    public void Send(long account, int mailbox, long modSeq)
    {
        lock (_gate)
        {
            _waiting.TryGetValue((account, mailbox), out var before);
            _waiting[(account, mailbox)] = Math.Max(before, modSeq);
            Start();
        }
    }

    /// <summary>There is something in the queue.</summary>
    public void SendQueue()
    {
        lock (_gate)
        {
            _queueWaiting = true;
            Start();
        }
    }

    /// <summary>Waits for what is on its way.</summary>
    public async ValueTask DisposeAsync()
    {
        Task sending;
        lock (_gate)
            sending = _sending;
        await sending;
    }

    private void Start()
    {
        if (_running)
            return;
        _running = true;
        _sending = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            Dictionary<(long Account, int Mailbox), long> batch;
            bool queue;
            lock (_gate)
            {
                batch = _waiting;
                queue = _queueWaiting;
                if (batch.Count == 0 && !queue)
                {
                    _running = false;
                    return;
                }

                _waiting = [];
                _queueWaiting = false;
            }

            try
            {
                await SendAsync(batch, queue);
            }
            catch (Exception e)
            {
                // Whatever it was: the next hints must find this loop alive.
                Lost(e.Message);
            }

            await Task.Delay(Pause, time);
        }
    }

    // The hints are worth nothing after a crash, so they don't wait for the disk.
    private const string NotifySql = "select set_config('synchronous_commit', 'off', true), pg_notify(c, p) from unnest($1::text[], $2::text[]) x(c, p)";

    private async Task SendAsync(Dictionary<(long Account, int Mailbox), long> batch, bool queue)
    {
        var payloads = Payloads(batch);
        var channels = Enumerable.Repeat(ChangeChannel, payloads.Count).ToList();
        if (queue)
        {
            channels.Add(QueueChannel);
            payloads.Add(Node);
        }

        await using var lease = await HotConnections.OpenAsync(dataSource, CancellationToken.None);
        await using var command = new NpgsqlCommand(NotifySql, lease.Connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. channels] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. payloads] });
        await command.ExecuteNonQueryAsync();
    }

    private List<string> Payloads(Dictionary<(long Account, int Mailbox), long> batch)
    {
        var payloads = new List<string>();
        var text = new StringBuilder(Node);
        foreach (var ((account, mailbox), modSeq) in batch)
        {
            if (text.Length > MaxPayload - 64)
            {
                payloads.Add(text.ToString());
                text.Clear().Append(Node);
            }

            text.Append(CultureInfo.InvariantCulture, $" {account}.{mailbox}.{modSeq}");
        }

        if (text.Length > Node.Length)
            payloads.Add(text.ToString());
        return payloads;
    }

    [LoggerMessage(LogLevel.Warning, "Hints to other nodes were not sent; they will notice by themselves: {Reason}")]
    private partial void Lost(string reason);
}
