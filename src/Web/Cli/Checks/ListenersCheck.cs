using System.Net;
using System.Net.Sockets;
using Webmail.MailCore.Data.Cluster;

namespace Webmail.Web.Cli.Checks;

/// <summary>Each listener answers where a server runs; could be opened where none does.</summary>
internal sealed class ListenersCheck : IDoctorCheck
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public string Subject => "listeners";

    public async Task<IReadOnlyList<Finding>> RunAsync(Workbench bench, CancellationToken ct)
    {
        var isRunning = bench.Database.Local is { } local ? !local.IsOwner : DataDirectoryLock.IsOwned(bench.Settings.DataDirectory);
        var findings = new List<Finding> { isRunning ? Finding.Ok("server", "is running") : Finding.Note("server", "isn't running") };
        foreach (var door in new Listeners(bench.Settings).Doors)
        {
            foreach (var endPoint in door.EndPoints)
                findings.Add(isRunning ? await KnockAsync(door, endPoint, ct) : Try(door, endPoint));
        }

        return findings;
    }

    static Finding Try(Door door, IPEndPoint endPoint) => Listeners.WhyClosed(endPoint) is { } reason
        ? Finding.Problem(door.Name, reason, $"set Webmail__Listeners__{door.Name}")
        : Finding.Ok(door.Name, $"{endPoint} is free");

    static async Task<Finding> KnockAsync(Door door, IPEndPoint endPoint, CancellationToken ct)
    {
        var target = endPoint.Address.Equals(IPAddress.Any) ? new(IPAddress.Loopback, endPoint.Port)
            : endPoint.Address.Equals(IPAddress.IPv6Any) ? new(IPAddress.IPv6Loopback, endPoint.Port) : endPoint;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(target, limit.Token);
            if (door.Handler is null || door.ImplicitTls)
                return Finding.Ok(door.Name, $"{endPoint} takes connections");
            var greeting = new byte[512];
            var length = await socket.ReceiveAsync(greeting, limit.Token);
            return length > 0
                ? Finding.Ok(door.Name, $"{endPoint} greets")
                : Finding.Problem(door.Name, $"{endPoint} closes without a greeting", "look at the server's log; Webmail__Limits__Connections may be reached");
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return Finding.Problem(door.Name, $"{endPoint} doesn't answer", "restart the server if its settings were changed, and look at its log");
        }
    }
}
