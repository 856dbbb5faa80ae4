using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Webmail.MailCore.Settings;
using Webmail.Protocols.Wire;
using Webmail.Web.Configuration;

namespace Webmail.Web;

/// <summary>One door: a listener key of the configuration with its addresses and what speaks there.</summary>
/// <param name="Name">As in Webmail__Listeners__{Name}.</param>
/// <param name="Handler">The key of the <see cref="IWireHandler"/>; null: HTTP.</param>
internal sealed record Door(string Name, string Title, string? Handler, bool ImplicitTls, IReadOnlyList<IPEndPoint> EndPoints);

/// <summary>
/// Addresses and ports to handlers, from the configuration: the table of all doors. Kestrel accepts and gives each connection to the protocol's
/// handler; TLS on mail ports is the handler's (one path with STARTTLS, see ADR 0081), TLS on HTTPS is Kestrel's.
/// </summary>
internal sealed class Listeners(WebmailSettings settings)
{
    readonly List<(Door Door, ListenOptions Options)> open = [];

    public IReadOnlyList<Door> Doors { get; } =
    [
        new("Http", "Web and API", null, false, settings.Listeners.Http),
        new("Https", "Web and API (TLS)", null, true, settings.Listeners.Https),
        new("Smtp", "SMTP", "smtp", false, settings.Listeners.Smtp),
        new("Submission", "Submission (STARTTLS)", "submission", false, settings.Listeners.Submission),
        new("Submissions", "Submission (TLS)", "submission", true, settings.Listeners.Submissions),
        new("Lmtp", "LMTP", "lmtp", false, settings.Listeners.Lmtp),
        new("Imap", "IMAP (STARTTLS)", "imap", false, settings.Listeners.Imap),
        new("Imaps", "IMAP (TLS)", "imap", true, settings.Listeners.Imaps),
        new("Pop3", "POP3 (STARTTLS)", "pop3", false, settings.Listeners.Pop3),
        new("Pop3s", "POP3 (TLS)", "pop3", true, settings.Listeners.Pop3s),
    ];

    /// <summary>The addresses as bound: a port of 0 was given its number.</summary>
    public IEnumerable<(Door Door, IPEndPoint EndPoint)> Bound => open.Select(o => (o.Door, o.Options.IPEndPoint!));

    public void Configure(KestrelServerOptions kestrel)
    {
        foreach (var door in Doors)
        {
            foreach (var endPoint in door.EndPoints)
                kestrel.Listen(endPoint, options => Configure(kestrel.ApplicationServices, door, options));
        }
    }

    void Configure(IServiceProvider services, Door door, ListenOptions options)
    {
        open.Add((door, options));
        if (door.Handler is { } key)
        {
            options.Protocols = HttpProtocols.None;
            var gate = new WireGate(
                services.GetRequiredKeyedService<IWireHandler>(key), services.GetRequiredService<ConnectionLimits>(), settings.Networks.Proxies, door.ImplicitTls);
            options.Run(gate.RunAsync);
        }
        else if (door.ImplicitTls)
        {
            var tls = services.GetRequiredService<ServerTls>();
            options.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(ForHttp(tls.Options(takesLogins: false))) });
        }
    }

    static SslServerAuthenticationOptions ForHttp(SslServerAuthenticationOptions options)
    {
        options.ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];
        return options;
    }

    /// <summary>Tries each address before anything starts, so that the refusal names its key; Kestrel's own would name only the first.</summary>
    /// <exception cref="SettingsException">In use, not ours, or not allowed.</exception>
    public void Check()
    {
        if (Doors.All(d => d.EndPoints.Count == 0))
            throw new SettingsException("Webmail:Listeners:Http", "every listener is off; give at least one an address, for example 127.0.0.1:8080.");
        foreach (var door in Doors)
        {
            foreach (var endPoint in door.EndPoints)
            {
                if (WhyClosed(endPoint) is { } reason)
                    throw new SettingsException("Webmail:Listeners:" + door.Name, reason);
            }
        }
    }

    /// <summary>Null: the address can be listened on.</summary>
    public static string? WhyClosed(IPEndPoint endPoint)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(endPoint);
            socket.Listen();
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"{endPoint} is in use by another program; stop that, or choose another port.",
                SocketError.AccessDenied => $"{endPoint} needs a right that this user doesn't have (ports below 1024); run as root or with CAP_NET_BIND_SERVICE, or choose another port.",
                SocketError.AddressNotAvailable => $"{endPoint.Address} isn't an address of this machine; use one that it has, or *:{endPoint.Port} for all.",
                _ => $"{endPoint} can't be listened on ({e.Message}); choose another address or port.",
            };
        }
    }
}
