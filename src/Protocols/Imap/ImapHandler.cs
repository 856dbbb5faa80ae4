using System.Text;
using Microsoft.Extensions.Logging;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Auth.Sasl;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap;

/// <summary>
/// The IMAP server: the loop over one connection. It frames a command (<see cref="CommandReader"/>), parses it, runs it, tells the client what
/// changed meanwhile, writes the tagged line, and does what comes after it. Only this loop writes tagged lines.
/// No lock is held anywhere; a session's state belongs to its loop, and other threads only wake it.
/// </summary>
internal sealed class ImapHandler(
    WebmailSettings settings,
    IAuthenticator authenticator,
    SaslOffer sasl,
    IMailStore store,
    UserAdmin users,
    ServerTls tls,
    WireClock clock,
    TimeProvider time,
    ILogger<ImapHandler> log) : IWireHandler, IDisposable
{
    public WebmailSettings Settings { get; } = settings;

    public IAuthenticator Authenticator { get; } = authenticator;

    public SaslOffer Sasl { get; } = sasl;

    public IMailStore Store { get; } = store;

    public UserAdmin Users { get; } = users;

    public TimeProvider Time { get; } = time;

    public ILogger Log { get; } = log;

    public IdleRounds Rounds { get; } = new(time);

    private TimeSpan LoginTime => TimeSpan.FromSeconds(Settings.Limits.LoginSeconds);

    private TimeSpan IdleTime => TimeSpan.FromSeconds(Settings.Limits.ImapIdleSeconds);

    private TimeSpan HandshakeTime => Settings.Limits.LoginSeconds > 0 ? LoginTime : TimeSpan.FromMinutes(1);

    public void Dispose() => Rounds.Dispose();

    public async Task RunAsync(WireConnection connection)
    {
        await using var wire = new WirePipe(connection, clock);
        using var session = new ImapSession(this, wire);
        await using var reader = new CommandReader(wire, new LiteralGate(session));
        try
        {
            wire.SetTimeout(LoginTime);
            if (connection.ImplicitTls && !await wire.StartTlsAsync(tls, HandshakeTime, default))
                return;
            session.Out.Line($"* OK [{Code.Capability(ImapCapabilities.Of(session))}] Webmail is ready");
            await CommandsAsync(session, reader);
        }
        catch (ConnectionEndedException e)
        {
            SayGoodbye(session, e.Why);
        }
        catch (OperationCanceledException)
        {
            // The client is gone; nobody is left to be told.
        }
        catch (MailException)
        {
            // The store failed in the middle of a literal: nothing true can be said any more.
        }
        catch (Exception e)
        {
            Bug(e, "The loop", session);
        }
        finally
        {
            session.Out.Commit();
        }
    }

    private async ValueTask CommandsAsync(ImapSession session, CommandReader reader)
    {
        var errors = 0;
        var ct = CancellationToken.None;
        for (var isNext = true; ;)
        {
            session.Out.Commit();

            // The client's silence is counted from its last command, whatever it is told meanwhile.
            if (session.Mail is not null && isNext)
                session.Wire.SetTimeout(IdleTime);
            var frame = await reader.ReadAsync(ct);
            isNext = frame.Status != ReadStatus.Woken;
            if (!isNext && await PushAsync(session, ct))
                continue;
            if (!isNext)
                return;
            if (frame.Status != ReadStatus.Data)
                throw new ConnectionEndedException(frame.Status);
            if (!await session.IsCurrentAsync(ct))
            {
                await reader.ReleaseAsync();
                session.Out.Line($"* BYE This account may not go on here; log in again");
                return;
            }

            var reply = await AnswerAsync(session, reader, frame, ct);
            await reader.ReleaseAsync();
            if (reply.After == After.Close || frame.Fatal)
                return;
            errors = reply.Outcome == Outcome.Bad ? errors + 1 : 0;
            if (Settings.Limits.Errors > 0 && errors >= Settings.Limits.Errors)
            {
                session.Out.Line($"* BYE Too many bad commands");
                return;
            }

            if (reply.After == After.StartDeflate)
            {
                session.Out.Commit();
                await session.Wire.StartDeflateAsync(ct);
            }

            if (reply.After == After.StartTls)
            {
                session.Out.Commit();
                if (!await session.Wire.StartTlsAsync(tls, HandshakeTime, ct))
                    return;
            }
        }
    }

    /// <summary>Between two commands: tells what a client that used NOTIFY listens for. False: it may not go on, and BYE was said.</summary>
    private async ValueTask<bool> PushAsync(ImapSession session, CancellationToken ct)
    {
        if (session.Notifier is not { } notifier)
            return true;
        if (!await notifier.IsCurrentAsync(ct))
        {
            session.Out.Line($"* BYE This account may not go on here; log in again");
            return false;
        }

        session.IsUidCommand = false;
        return await UpdateAsync(session, !notifier.Selected.IsDelayed, session.Selected?.IsStale == true, ct);
    }

    private readonly record struct Parsed(string Tag, CommandEntry? Entry, object? Command, Reply? Refusal);

    /// <summary>From a framed command to its tagged line.</summary>
    private async ValueTask<Reply> AnswerAsync(ImapSession session, CommandReader reader, CommandFrame frame, CancellationToken ct)
    {
        var (tag, entry, command, refusal) = Parse(session, frame);
        reader.ReleaseBytes();
        if (tag.Length == 0)
        {
            if (frame.Fatal)
                session.Out.Line($"* BYE {new Text(refusal!.Text)}");
            else
                session.Out.Line($"* BAD {new Text(refusal!.Text)}");
            return refusal;
        }

        session.Tag = tag;
        var reply = refusal ?? await RunAsync(session, entry!, command!, ct);
        if (frame.Fatal)
            session.Out.Line($"* BYE [{reply.Code ?? Code.TooBig}] {new Text(reply.Text)}");
        else if (reply.After != After.Close && !await UpdateAsync(session, MayExpunge(session, entry), entry?.Verb.AsksForNews == true, ct))
            reply = reply with { After = After.Close };
        reply.Write(session.Out, tag);
        return reply;
    }

    private static Parsed Parse(ImapSession session, CommandFrame frame)
    {
        var tag = "";
        CommandEntry? entry = null;
        try
        {
            var reader = new ImapReader(frame.Bytes.Span, frame.Spooled, session.Rules);
            tag = reader.Tag();
            if (frame.Refusal is { } refused)
                return new(tag, null, null, refused);
            reader.Space();
            entry = ImapCommands.Table.Find(ref reader);
            session.IsUidCommand = reader.IsUid;
            if (entry.Refusal(session) is { } refusal)
                return new(tag, entry, null, refusal);
            var command = entry.Parse(ref reader);
            session.CanonicalNames = reader.CanonicalNames;
            return new(tag, entry, command, null);
        }
        catch (SyntaxException e)
        {
            return new(tag, entry, null, frame.Refusal ?? Reply.Bad(e.Message, e.Code));
        }
        catch (MailException e)
        {
            return new(tag, entry, null, ImapErrors.Reply(e));
        }
    }

    private async ValueTask<Reply> RunAsync(ImapSession session, CommandEntry entry, object command, CancellationToken ct)
    {
        try
        {
            if (session.Selected is { IsShared: true } box && !await box.MayReadAsync(ct) && entry.NeedsSelected && !entry.Verb.Leaves)
                return Reply.No("You may not read this mailbox any more", Code.NoPerm);
            return await entry.RunAsync(session, command, ct);
        }
        catch (SyntaxException e)
        {
            return Reply.Bad(e.Message, e.Code);
        }
        catch (MailException e) when (!session.Out.IsMidLine)
        {
            return ImapErrors.Reply(e);
        }
        catch (Exception e) when (e is not (ConnectionEndedException or OperationCanceledException) && !session.Out.IsMidLine)
        {
            Bug(e, entry.Verb.Name, session);
            return Reply.No("Something went wrong here; it has been written down", Code.ServerBug);
        }
    }

    private static bool MayExpunge(ImapSession session, CommandEntry? entry) =>
        entry is not null && (session.IsUidCommand || !entry.Verb.HoldsExpunges || session.Notifier is { Selected.IsDelayed: false });

    /// <summary>Tells the client what happened in its mailbox, and in others that it listens for. False: the mailbox is gone, and BYE was said.</summary>
    private async ValueTask<bool> UpdateAsync(ImapSession session, bool mayExpunge, bool ask, CancellationToken ct)
    {
        try
        {
            if (session.Selected is { } box)
                await box.UpdateAsync(mayExpunge, ask, ct);
            if (session.Notifier is { } notifier)
                await notifier.CatchUpAsync(ct);
            return true;
        }
        catch (MailException e) when (e.Error == MailError.NotFound)
        {
            // RFC 2180 section 3.3: the mailbox can't be served any more.
            session.Out.Line($"* BYE The selected mailbox was deleted");
            return false;
        }
        catch (MailException)
        {
            // The store can't be asked now: the news come with a later command.
            return true;
        }
        catch (Exception e) when (e is not (ConnectionEndedException or OperationCanceledException))
        {
            Bug(e, "Update", session);
            return true;
        }
    }

    private static void SayGoodbye(ImapSession session, ReadStatus why)
    {
        if (why == ReadStatus.TimedOut)
            session.Out.Line($"* BYE You were silent for too long");
        else if (why == ReadStatus.Stopping)
            session.Out.Line($"* BYE The server is stopping");
    }

    /// <summary>Whoever runs the server must see it, and a test that sees it fails: the verb and the connection are logged, never arguments.</summary>
    private void Bug(Exception e, string verb, ImapSession session) => Log.CommandFailed(e, verb, session.Wire.Connection.Id);
}
