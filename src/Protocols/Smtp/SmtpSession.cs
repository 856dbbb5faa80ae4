using System.Net;
using System.Text;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Smtp;

/// <summary>The state of one connection. One command at a time; nothing here is shared.</summary>
internal sealed class SmtpSession : IAsyncDisposable
{
    /// <summary>RFC 4954 section 4: a line of an AUTH exchange.</summary>
    private const int MaxAuthLine = 12_288;

    private static readonly TimeSpan NameTimeout = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _closed = new();
    private InboundClient? _client;
    private Task<string?> _name;
    private IPAddress _address;
    private string? _proxiedHelo;

    public SmtpSession(SmtpProfile profile, SmtpServices services, WirePipe wire)
    {
        Profile = profile;
        Services = services;
        Wire = wire;
        _address = Plain(wire.Connection.Remote.Address);
        _name = LookUpName();
    }

    public SmtpProfile Profile { get; }

    public SmtpServices Services { get; }

    public WebmailSettings Settings => Services.Settings;

    public WirePipe Wire { get; }

    /// <summary>What the client called itself; null: it hasn't yet.</summary>
    public string? Helo { get; private set; }

    /// <summary>EHLO or LHLO rather than HELO.</summary>
    public bool IsExtended { get; private set; }

    public bool IsGreeted => Helo is not null;

    public SmtpTransaction? Transaction { get; private set; }

    public Principal? Principal { get; private set; }

    /// <summary>Refusals since the last message that was taken.</summary>
    public int Errors { get; set; }

    /// <summary>Commands that lead nowhere (NOOP, RSET, VRFY, HELP) since the last message that was taken.</summary>
    public int IdleCommands { get; set; }

    /// <summary>XCLIENT is for the machine at the other end, whatever address it spoke for before.</summary>
    public bool IsFromProxy => NetworkSettings.Contains(Settings.Networks.Proxies, Wire.Connection.Remote.Address);

    public bool IsTrusted => NetworkSettings.Contains(Settings.Networks.Trusted, _address);

    /// <summary>May one log in here without TLS, or is there TLS?</summary>
    public bool AllowsPlaintextLogin => PlaintextRule.Allows(Settings.Networks, Facts);

    /// <summary>AUTH is for people who send: not for LMTP.</summary>
    public IEnumerable<string> Mechanisms => Profile.IsLmtp ? [] : Services.Sasl.To(Facts);

    public ClientFacts Facts => new(_address, "smtp", Wire.IsEncrypted) { Tls = Wire.Tls };

    /// <summary>The client as the rules see it now; the name only if DNS has answered.</summary>
    public InboundClient Client => _client ??= new(
        Profile.Ingress,
        _address,
        _name.IsCompletedSuccessfully ? _name.GetAwaiter().GetResult() : null,
        _proxiedHelo ?? Helo,
        Protocol(needsUtf8: false),
        Wire.IsEncrypted,
        Wire.TlsDescription,
        IsTrusted,
        Principal);

    /// <summary>The client with its name, for which DNS gets some seconds more, and the protocol of this very transaction.</summary>
    public async ValueTask<InboundClient> ClientAsync(SmtpTransaction transaction)
    {
        string? name;
        try
        {
            name = await _name.WaitAsync(NameTimeout, Services.Time, _closed.Token);
        }
        catch (TimeoutException)
        {
            name = null;
        }

        return Client with { Name = name, Protocol = Protocol(transaction.Options.NeedsUtf8) };
    }

    /// <summary>EHLO, HELO, LHLO: the client says its name, and a transaction under way ends.</summary>
    public async ValueTask GreetAsync(string helo, bool isExtended)
    {
        await EndTransactionAsync();
        Helo = helo;
        IsExtended = isExtended;
        _client = null;
    }

    public void LogIn(Principal principal)
    {
        Principal = principal;
        _client = null;
    }

    public void Begin(SmtpTransaction transaction) => Transaction = transaction;

    public async ValueTask EndTransactionAsync()
    {
        if (Transaction is not { } transaction)
            return;
        Transaction = null;
        await transaction.DisposeAsync();
    }

    /// <summary>TLS has begun: what was said before may have been said by somebody else (RFC 3207 section 4.2).</summary>
    public async ValueTask ForgetAsync()
    {
        await EndTransactionAsync();
        Helo = null;
        IsExtended = false;
        Principal = null;
        _client = null;
    }

    /// <summary>XCLIENT: the session begins anew, for the client that the proxy speaks of.</summary>
    public async ValueTask SpeakForAsync(ProxiedClient proxied)
    {
        await ForgetAsync();
        _proxiedHelo = proxied.Helo ?? _proxiedHelo;
        Principal = proxied.Principal;
        if (proxied.Address is { } address)
        {
            _address = Plain(address);
            _name = proxied.IsNameKnown ? Task.FromResult(proxied.Name) : LookUpName();
        }
        else if (proxied.IsNameKnown)
        {
            _name = Task.FromResult(proxied.Name);
        }
    }

    /// <summary>A challenge of an AUTH exchange, and the client's answer; null: the exchange is over (cancelled, too long, gone), with the reply for that.</summary>
    public async ValueTask<(string? Answer, SmtpReply? Over)> AskAsync(ReadOnlyMemory<byte> challenge, CancellationToken ct)
    {
        SmtpReply.Of(334, null, Convert.ToBase64String(challenge.Span)).WriteTo(Wire.Output);
        Wire.SetTimeout(TimeSpan.FromSeconds(Settings.Limits.LoginSeconds));
        WireLine line;
        do
        {
            line = await Wire.ReadLineAsync(MaxAuthLine, LineEnding.CrLf, ct);
        }
        while (line.Status == ReadStatus.Woken);
        return line.Status switch
        {
            ReadStatus.Data when line.Bytes.Span.SequenceEqual("*"u8) => (null, SmtpReply.Of(501, "5.7.0", "Authentication cancelled")),
            ReadStatus.Data => (Encoding.Latin1.GetString(line.Bytes.Span), null),
            ReadStatus.TooLong => (null, SmtpReply.Of(500, "5.5.6", "The line is too long for an authentication exchange")),
            _ => (null, SmtpHandler.ReplyToEnd(line.Status)),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _closed.Dispose();
        await EndTransactionAsync();
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private Task<string?> LookUpName() =>
        Profile.Ingress == Ingress.Smtp ? Services.ReverseName.LookAsync(_address, _closed.Token) : Task.FromResult<string?>(null);

    /// <summary>RFC 3848, RFC 6531 section 4.3.</summary>
    private string Protocol(bool needsUtf8)
    {
        if (!IsExtended)
            return "SMTP";
        var word = (needsUtf8, Profile.IsLmtp) switch
        {
            (true, true) => "UTF8LMTP",
            (true, false) => "UTF8SMTP",
            (false, true) => "LMTP",
            (false, false) => "ESMTP",
        };
        return word + (Wire.IsEncrypted ? "S" : "") + (Principal is null ? "" : "A");
    }
}

/// <summary>What a proxy said of the client that it speaks for (XCLIENT).</summary>
/// <param name="IsNameKnown">The proxy said something of the name, if only that there is none.</param>
internal sealed record ProxiedClient(IPAddress? Address, string? Name, bool IsNameKnown, string? Helo, Principal? Principal);
