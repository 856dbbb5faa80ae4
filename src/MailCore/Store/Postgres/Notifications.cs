using Npgsql;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>Other rooms' share of the one connection that listens: short notes from node to node, which may get lost (then there is a gap).</summary>
internal sealed class Notifications(NpgsqlDataSource dataSource)
{
    /// <summary>The directory changed; the payload names accounts.</summary>
    public const string Directory = "webmail_directory";

    /// <summary>Annotations of the server changed; the payload names them.</summary>
    public const string Server = "webmail_server";

    private readonly Lock _gate = new();
    private Listening[] _listeners = [];

    private sealed record Listening(string Channel, Action<string> Heard, Action Gap);

    /// <summary>Calls back for each note on a channel, this node's own included; and after a gap, when notes may have been missed.</summary>
    public IDisposable Listen(string channel, Action<string> heard, Action gap)
    {
        var listening = new Listening(channel, heard, gap);
        lock (_gate)
            _listeners = [.. _listeners, listening];
        return new Registration(this, listening);
    }

    private const string NotifySql = "select pg_notify($1, $2)";

    /// <summary>After the commit that it tells of, never in it.</summary>
    public async ValueTask NotifyAsync(string channel, string payload, CancellationToken ct) =>
        await dataSource.ExecuteAsync(NotifySql, [Value(channel), Value(payload)], ct);

    public void Heard(string channel, string payload)
    {
        foreach (var listener in _listeners)
        {
            if (listener.Channel == channel)
                listener.Heard(payload);
        }
    }

    public void Gap()
    {
        foreach (var listener in _listeners)
            listener.Gap();
    }

    private sealed class Registration(Notifications notifications, Listening listening) : IDisposable
    {
        public void Dispose()
        {
            lock (notifications._gate)
                notifications._listeners = [.. notifications._listeners.Where(l => l != listening)];
        }
    }
}
