using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Webmail.MailCore.Model;
using Webmail.MailCore.Outbound;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.Protocols.Smtp.Client;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Tests.Smtp.Client;

/// <summary>What the tests of the SMTP client share: the client, and how a peer greets and says goodbye.</summary>
public abstract class RemoteSmtpDialogue : IDisposable
{
    private protected static readonly string[] Everything = ["250-mx.test", "250-PIPELINING", "250-SIZE 1000000", "250-8BITMIME", "250-DSN", "250 SMTPUTF8"];

    private readonly WireClock _clock = new(TimeProvider.System);

    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _clock.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected RemoteSmtp Client(RemoteTimeouts? timeouts = null, IPAddress? bind = null) => new(
        new WebmailSettings { Hostname = "mail.sina.com", DataDirectory = "/nowhere", Outbound = new() { BindAddress = bind } },
        _clock, timeouts ?? new(), NullLogger<RemoteSmtp>.Instance);

    private protected static TransportTarget To(ScriptedPeer peer, bool lmtp = false) => new("mx.test", [IPAddress.Loopback], peer.Port, lmtp);

    private protected static TransportMessage Message(string text, params string[] recipients) => new(
        EmailAddress.Parse("lisi@sina.com"), [.. recipients.Select(r => new RemoteRecipient(EmailAddress.Parse(r), null, null))],
        default, new MemoryBody(Encoding.UTF8.GetBytes(text)), null, null, false, false);

    private protected async Task<IReadOnlyList<RecipientResult>> SendAsync(ScriptedPeer peer, TransportMessage message, bool lmtp = false)
    {
        await using var session = await Client().ConnectAsync(To(peer, lmtp), Ct);
        return await session.SendAsync(message, Ct);
    }

    private protected static async Task GreetAsync(PeerLine c, params string[] ehlo)
    {
        await c.SendAsync("220 mx.test");
        await c.ExpectAsync("EHLO mail.sina.com", ehlo.Length > 0 ? ehlo : Everything);
    }

    private protected static async Task QuitAsync(PeerLine c) => await c.ExpectAsync("QUIT", "221 bye");

    private protected static (RecipientState, string) Only(IReadOnlyList<RecipientResult> results) => (Assert.Single(results).State, results[0].Status);
}
