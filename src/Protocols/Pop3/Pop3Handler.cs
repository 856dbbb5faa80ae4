using Microsoft.Extensions.Logging;
using Webmail.MailCore.Model;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Pop3;

/// <summary>
/// POP3 (RFC 1939, RFC 2449, RFC 2595, RFC 5034, RFC 6856): the loop over one connection. A line in, a reply out, and what becomes of the connection.
/// A session sees INBOX as it was at login and takes no lock: any number of sessions, of IMAP and the web too, go on beside it (docs/adr/0042). Messages are
/// removed at QUIT, in one transaction, and only then. Replies leave when the next read has to wait, so a pipelined batch is answered in one flush.
/// </summary>
internal sealed class Pop3Handler(Pop3Services services) : IWireHandler
{
    // RFC 2449 section 4 has 255 octets; AUTH with an initial response, and UTF-8 names, need more.
    private const int MaxLine = 12_288 + 32;

    private static readonly Pop3Reply TooLong = Pop3Reply.Err("The line is too long");
    private static readonly Pop3Reply TooManyErrors = Pop3Reply.Err("Too many errors, closing", Code.SysPerm).Then(After.Close);
    private static readonly Pop3Reply Changed = Pop3Reply.Err("The account was changed: log in again", Code.Auth).Then(After.Close);

    public async Task RunAsync(WireConnection connection)
    {
        await using var wire = new WirePipe(connection, services.Clock);
        await using var session = new Pop3Session(services, wire);
        try
        {
            if (connection.ImplicitTls && !await wire.StartTlsAsync(services.Tls, LoginTimeout, CancellationToken.None))
                return;
            wire.SetTimeout(LoginTimeout);

            // No "<…>" in the greeting: it would offer APOP (RFC 1939 section 7).
            Pop3Reply.Ok($"{services.Settings.Hostname} POP3 Webmail").WriteTo(wire.Output, session.Language);
            await LoopAsync(session, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // The connection is gone.
        }
        catch (Exception e)
        {
            services.Log.ServerBug(e, "connection", connection.Id);
        }
    }

    /// <summary>The reply to a read that ended without a line.</summary>
    internal static Pop3Reply ReplyToEnd(ReadStatus status, bool isLoggedIn) => status switch
    {
        ReadStatus.TooLong => TooLong,
        ReadStatus.Stopping => Pop3Reply.Err("The server is stopping", Code.SysTemp).Then(After.Close),
        ReadStatus.TimedOut when !isLoggedIn => Pop3Reply.Err("Nobody logged in for too long").Then(After.Close),
        _ => Silence,
    };

    // RFC 1939 section 3: at the end of the autologout timer the connection closes without a response.
    private static readonly Pop3Reply Silence = Pop3Reply.Err("").Then(After.Close);

    private TimeSpan LoginTimeout => TimeSpan.FromSeconds(services.Settings.Limits.LoginSeconds);

    private async Task LoopAsync(Pop3Session session, CancellationToken ct)
    {
        var wire = session.Wire;
        while (true)
        {
            if (session.Maildrop is not null)
                wire.SetTimeout(TimeSpan.FromSeconds(services.Settings.Limits.Pop3IdleSeconds));
            var line = await session.ReadLineAsync(MaxLine, ct);
            var reply = line.Status == ReadStatus.Data ? await AnswerAsync(session, line.Bytes, ct) : ReplyToEnd(line.Status, session.Maildrop is not null);
            if (ReferenceEquals(reply, Silence))
                return;
            if (reply is { IsOk: false, IsOurs: false } && reply.After != After.Close && ++session.Errors >= services.Settings.Limits.Errors && services.Settings.Limits.Errors > 0)
                reply = TooManyErrors;
            if (!await WriteAsync(session, reply, ct) || reply.After == After.Close)
                return;
            if (reply.After == After.StartTls)
            {
                if (!await wire.StartTlsAsync(services.Tls, LoginTimeout, ct))
                    return;
                session.Forget();
            }
        }
    }

    private static async ValueTask<bool> WriteAsync(Pop3Session session, Pop3Reply reply, CancellationToken ct)
    {
        reply.WriteTo(session.Wire.Output, session.Language);
        return reply.Body is null ? await session.Wire.FlushIfLargeAsync(ct) : await reply.Body.WriteAsync(session.Wire, ct);
    }

    private async ValueTask<Pop3Reply> AnswerAsync(Pop3Session session, ReadOnlyMemory<byte> line, CancellationToken ct)
    {
        var verb = "";
        try
        {
            var (entry, command, refusal) = Parse(session, line.Span);
            if (entry is null)
                return refusal!;
            verb = entry.Verb.Name;
            if (session.Maildrop is not null && !await session.IsCurrentAsync(ct))
                return Changed;
            return await entry.Run(session, command!, ct);
        }
        catch (Pop3SyntaxException e)
        {
            return Pop3Reply.Err(e.Message);
        }
        catch (MailException e)
        {
            return Pop3Errors.ReplyFor(e);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            services.Log.ServerBug(e, verb, session.Wire.Connection.Id);
            return Pop3Errors.Bug;
        }
    }

    /// <summary>Finds the command, asks whether its state is the session's, and only then reads its arguments.</summary>
    private static (CommandEntry? Entry, object? Command, Pop3Reply? Refusal) Parse(Pop3Session session, ReadOnlySpan<byte> line)
    {
        var reader = new Pop3Reader(line);
        if (Pop3Commands.All.Find(reader.Keyword()) is not { } entry)
            return (null, null, Pop3Reply.Err("There is no such command"));
        if (entry.Refusal(session) is { } refusal)
            return (null, null, refusal);
        return (entry, entry.Parse(ref reader), null);
    }
}

internal static partial class Pop3Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "SERVERBUG in {Verb} of POP3 connection {Connection}")]
    public static partial void ServerBug(this ILogger log, Exception e, string verb, string connection);
}
