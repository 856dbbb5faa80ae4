using Microsoft.Extensions.Logging;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Smtp;

/// <summary>
/// The loop over one connection of SMTP, submission or LMTP: a line in, a reply out, and what becomes of the connection. Replies leave when the next read
/// has to wait, so a pipelined batch is answered in one flush. Only this loop performs what a reply asks for (TLS, closing). Holds no
/// lock and no database connection while it waits for the client.
/// </summary>
internal sealed class SmtpHandler(SmtpProfile profile, SmtpServices services) : IWireHandler
{
    /// <summary>RFC 5321 section 4.5.3.1.4 asks for 512 at least, AUTH for 12288 (RFC 4954 section 4).</summary>
    private const int MaxLine = 12_288;

    private const int MaxIdleCommands = 100;

    private static readonly SmtpReply TooLong = SmtpReply.Of(500, "5.5.2", "The line is too long");
    private static readonly SmtpReply NotSmtp = SmtpReply.Of(500, "5.5.1", "This is a mail server").Then(After.Close);

    private static readonly SmtpReply BareNewline =
        SmtpReply.Of(500, "5.5.2", "A bare CR or LF: lines end in CRLF (RFC 5321 section 2.3.8)").Then(After.Close);

    private static readonly SmtpReply Early = SmtpReply.Of(554, "5.5.1", "You talked before you were greeted").Then(After.Close);
    private static readonly SmtpReply TooManyErrors = SmtpReply.Of(421, "4.7.0", "Too many errors, closing").Then(After.Close);
    private static readonly SmtpReply NotForYou = SmtpReply.Of(554, "5.7.1", "LMTP is for trusted clients only").Then(After.Close);

    public async Task RunAsync(WireConnection connection)
    {
        await using var wire = new WirePipe(connection, services.Clock);
        await using var session = new SmtpSession(profile, services, wire);
        try
        {
            if (connection.ImplicitTls && !await wire.StartTlsAsync(services.Tls, LoginTimeout, CancellationToken.None, TakesLogins))
                return;
            if (await OpenAsync(session))
                await LoopAsync(session, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // The connection is gone.
        }
        catch (Exception e)
        {
            services.Log.ServerBug(e, connection.Id, "connection");
        }
    }

    /// <summary>The reply to a read that ended without a line; null for an end without anybody to tell.</summary>
    internal static SmtpReply ReplyToEnd(ReadStatus status) => status switch
    {
        ReadStatus.TimedOut => SmtpReply.Of(421, "4.4.2", "Nothing came for too long, closing").Then(After.Close),
        ReadStatus.Stopping => SmtpReply.Of(421, "4.3.2", "The server is stopping, closing").Then(After.Close),
        ReadStatus.BareNewline => BareNewline,
        ReadStatus.TooLong => TooLong,
        _ => SmtpReply.Of(421, "4.4.2", "Closing").Then(After.Close),
    };

    /// <summary>Port 25 takes them too, but most who come there are servers.</summary>
    private bool TakesLogins => profile.Ingress == Ingress.Submission;

    private TimeSpan LoginTimeout => TimeSpan.FromSeconds(services.Settings.Limits.LoginSeconds);

    private async Task<bool> OpenAsync(SmtpSession session)
    {
        var networks = services.Settings.Networks;
        var address = session.Wire.Connection.Remote.Address;
        SmtpReply? refusal = null;
        if (profile.IsLmtp && !System.Net.IPAddress.IsLoopback(address) && !NetworkSettings.Contains(networks.Trusted, address))
            refusal = NotForYou;
        else if (profile.Ingress == Ingress.Smtp && !session.IsTrusted && !session.IsFromProxy && await TalksEarlyAsync(session))
            refusal = Early;
        (refusal ?? Greeting(services.Settings, profile)).WriteTo(session.Wire.Output);
        return refusal is null;
    }

    internal static SmtpReply Greeting(WebmailSettings settings, SmtpProfile profile) =>
        SmtpReply.Of(220, null, $"{settings.Hostname} {profile.Word} Webmail");

    /// <summary>Senders of junk don't wait to be greeted (RFC 5321 section 4.3.1 says that they must).</summary>
    private async ValueTask<bool> TalksEarlyAsync(SmtpSession session)
    {
        var wait = services.Settings.Limits.SmtpGreetingDelaySeconds;
        if (wait <= 0)
            return false;
        await Task.Delay(TimeSpan.FromSeconds(wait), services.Time, session.Wire.Connection.Stopping);
        if (!session.Wire.Input.TryRead(out var result))
            return false;
        session.Wire.Input.AdvanceTo(result.Buffer.Start);
        return !result.Buffer.IsEmpty;
    }

    private async Task LoopAsync(SmtpSession session, CancellationToken ct)
    {
        var wire = session.Wire;
        while (true)
        {
            wire.SetTimeout(TimeSpan.FromSeconds(services.Settings.Limits.SmtpIdleSeconds));
            var line = await wire.ReadLineAsync(MaxLine, LineEnding.CrLf, ct);
            if (line.Status == ReadStatus.End)
                return;
            if (line.Status == ReadStatus.Woken)
                continue;
            var reply = line.Status == ReadStatus.Data ? await AnswerAsync(session, line.Bytes, ct) : ReplyToEnd(line.Status);
            if (!reply.IsPositive && IsOverTheTop(session, reply))
                reply = TooManyErrors;
            reply.WriteTo(wire.Output);
            if (reply.After == After.Close || !await wire.FlushIfLargeAsync(ct))
                return;
            if (reply.After == After.StartTls)
            {
                if (!await wire.StartTlsAsync(services.Tls, LoginTimeout, ct, TakesLogins))
                    return;
                await session.ForgetAsync();
            }
        }
    }

    private async ValueTask<SmtpReply> AnswerAsync(SmtpSession session, ReadOnlyMemory<byte> line, CancellationToken ct)
    {
        string? verb = null;
        try
        {
            var reply = await profile.Commands.RunAsync(session, line.Span, out verb, ct);
            return verb is "GET" or "POST" or "PUT" or "HEAD" or "OPTIONS" or "CONNECT" ? NotSmtp : reply;
        }
        catch (SmtpSyntaxException e)
        {
            return e.Reply;
        }
        catch (MailException e)
        {
            return SmtpErrors.ReplyFor(e);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            services.Log.ServerBug(e, session.Wire.Connection.Id, verb ?? "");
            await session.EndTransactionAsync();
            return SmtpErrors.Bug;
        }
    }

    private bool IsOverTheTop(SmtpSession session, SmtpReply reply)
    {
        // 451 is an error of ours (RFC 5321 section 4.2.3): in an outage a client may ask again and again.
        if (reply.After == After.Close || session.Principal is not null || reply.Code == 451)
            return false;
        var limit = services.Settings.Limits.Errors;
        return ++session.Errors > limit && limit > 0;
    }

    /// <summary>Counts a command that leads nowhere; beyond many, each is an error.</summary>
    internal static SmtpReply Idle(SmtpSession session, SmtpReply reply) =>
        ++session.IdleCommands > MaxIdleCommands && session.Principal is null && session.Settings.Limits.Errors > 0
            ? SmtpReply.Of(450, "4.7.0", "Too many commands that lead nowhere")
            : reply;
}

internal static partial class SmtpLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "SERVERBUG in {Verb} of SMTP connection {Connection}")]
    public static partial void ServerBug(this ILogger log, Exception e, string connection, string verb);
}
