using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Auth.Sasl;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Pop3;

/// <summary>The state of one connection: AUTHORIZATION without a <see cref="Maildrop"/>, TRANSACTION with one. One command at a time; nothing is shared.</summary>
internal sealed class Pop3Session(Pop3Services services, WirePipe wire) : IAsyncDisposable
{
    // RFC 4422 leaves it to the protocol; RFC 4954 asks SMTP for this much, and it serves here.
    private const int MaxSaslLine = 12_288;

    private static readonly TimeSpan LastWish = TimeSpan.FromSeconds(5);

    private IDisposable? _watch;

    public Pop3Services Services => services;

    public WirePipe Wire => wire;

    public Maildrop? Maildrop { get; private set; }

    /// <summary>What USER said; PASS must follow at once (RFC 1939 section 7).</summary>
    public string? User { get; set; }

    /// <summary>The UTF8 command was given: STLS may no longer follow (RFC 6856 section 2.1).</summary>
    public bool IsUtf8 { get; set; }

    public Pop3Language Language { get; set; } = Pop3Language.Default;

    public int Errors { get; set; }

    public ClientFacts Client => new(wire.Connection.Remote.Address, "pop3", wire.IsEncrypted) { Tls = wire.Tls };

    public bool AllowsPlaintext => PlaintextRule.Allows(services.Settings.Networks, Client);

    /// <summary>USER and PASS.</summary>
    public async ValueTask<Pop3Reply> LoginAsync(string name, string password, CancellationToken ct) =>
        await services.Authenticator.LoginAsync(name, password, Client, ct) is { } principal ? await EnterAsync(principal, ct) : WrongPassword;

    /// <summary>AUTH (RFC 5034).</summary>
    /// <param name="initial">Base64, "=" for an empty one; null: none.</param>
    public async ValueTask<Pop3Reply> AuthenticateAsync(ISaslExchange exchange, string? initial, CancellationToken ct)
    {
        ReadOnlyMemory<byte>? message = null;
        if (initial is not null && (message = Decode(initial)) is null)
            return Pop3Reply.Err("That isn't base64");
        while (true)
        {
            var step = await exchange.StepAsync(message, ct);
            if (step.IsDone)
            {
                return step.Principal is { } principal ? await EnterAsync(principal, ct)
                    : step.Advice is { } advice ? Pop3Reply.Err(advice, Code.Auth)
                    : WrongPassword;
            }

            Challenge(step.Challenge.Span);
            var line = await ReadLineAsync(MaxSaslLine, ct);
            if (line.Status != ReadStatus.Data)
                return Pop3Handler.ReplyToEnd(line.Status, isLoggedIn: false);
            if (line.Bytes.Span.SequenceEqual("*"u8))
                return Pop3Reply.Err("Cancelled");
            if ((message = Decode(Encoding.ASCII.GetString(line.Bytes.Span))) is null)
                return Pop3Reply.Err("That isn't base64");
        }
    }

    /// <summary>A line; a wake-up alone is passed over unless the user may not go on.</summary>
    public async ValueTask<WireLine> ReadLineAsync(int maxLength, CancellationToken ct)
    {
        while (true)
        {
            var line = await wire.ReadLineAsync(maxLength, LineEnding.CrLfOrLf, ct);
            if (line.Status != ReadStatus.Woken)
                return line;
            if (!await IsCurrentAsync(ct))
                return new(ReadStatus.End, default);
        }
    }

    /// <summary>False: the account was disabled or removed, or its password changed, since this session began.</summary>
    public async ValueTask<bool> IsCurrentAsync(CancellationToken ct)
    {
        try
        {
            return Maildrop is null || await services.Authenticator.IsCurrentAsync(Maildrop.Principal, ct);
        }
        catch (MailException e) when (e.Error == MailError.Unavailable)
        {
            // Nothing can be read or removed in an outage: each command says so itself.
            return true;
        }
    }

    /// <summary>After STLS nothing that was said before counts (RFC 2595 section 4).</summary>
    public void Forget()
    {
        User = null;
        Language = Pop3Language.Default;
    }

    public async ValueTask DisposeAsync()
    {
        _watch?.Dispose();
        if (Maildrop is null)
            return;
        using var limit = new CancellationTokenSource(LastWish);
        try
        {
            await Maildrop.MarkSeenAsync(limit.Token);
        }
        catch (Exception e) when (e is MailException or OperationCanceledException)
        {
            // The client is gone, and nothing is lost by it.
        }
        catch (Exception e)
        {
            services.Log.ServerBug(e, "end", wire.Connection.Id);
        }
    }

    private async ValueTask<Pop3Reply> EnterAsync(Principal principal, CancellationToken ct)
    {
        User = null;
        var mail = services.Store.For(principal);
        var inbox = await mail.Mailboxes.FindAsync(MailboxName.Inbox, ct) ?? throw new MailException(MailError.Unavailable, "The mailbox isn't there yet");
        var drop = new Maildrop(mail, await mail.Messages.OpenAsync(inbox.Id, ct));
        _watch = mail.Changes.WatchAccount(principal, wire.Wake);
        Maildrop = drop;
        return Pop3Reply.Ok($"Logged in, {drop.Messages} messages ({drop.Octets} octets)");
    }

    private static readonly Pop3Reply WrongPassword = Pop3Reply.Err("Wrong name or password", Code.Auth);

    private void Challenge(ReadOnlySpan<byte> challenge)
    {
        wire.Output.Write("+ "u8);
        var span = wire.Output.GetSpan(Base64.GetMaxEncodedToUtf8Length(challenge.Length));
        Base64.EncodeToUtf8(challenge, span, out _, out var written);
        wire.Output.Advance(written);
        wire.Output.Write("\r\n"u8);
    }

    private static ReadOnlyMemory<byte>? Decode(string base64)
    {
        if (base64 is "=" or "")
            return ReadOnlyMemory<byte>.Empty;
        var octets = new byte[base64.Length];
        if (base64.AsSpan().ContainsAny(" \t\r\n") || !Convert.TryFromBase64String(base64, octets, out var length))
            return null;
        return octets.AsMemory(0, length);
    }
}
