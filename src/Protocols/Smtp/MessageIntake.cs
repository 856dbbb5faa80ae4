using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;

namespace Webmail.Protocols.Smtp;

/// <summary>
/// A message while it arrives, by DATA or BDAT. The first thing that goes wrong is remembered and the rest of the octets are thrown away, since the client
/// must be heard to the end before it can be answered.
/// </summary>
internal sealed class MessageIntake(SmtpSession session) : IAsyncDisposable
{
    private static readonly SmtpReply BareNewline = SmtpReply.Of(
        550, "5.6.0", "The message has a bare CR or LF: lines end in CRLF (RFC 5321 section 2.3.8)");

    private readonly IncomingSpool _spool = session.Services.Inbound.Begin();
    private SmtpReply? _failure;

    /// <summary>How many octets have come, thrown away ones included.</summary>
    public long Length { get; private set; }

    /// <summary>What went wrong; null: nothing yet.</summary>
    public SmtpReply? Failure => _failure;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken ct)
    {
        Length += piece.Length;
        var limit = session.Settings.Limits.MessageSize;
        if (limit > 0 && Length > limit)
            _failure ??= Extensions.Size.TooLarge(limit);
        if (_failure is not null)
            return;
        try
        {
            await _spool.WriteAsync(piece, ct);
        }
        catch (MailException e)
        {
            _failure = SmtpErrors.ReplyFor(e);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            session.Services.Log.ServerBug(e, session.Wire.Connection.Id, "message");
            _failure = SmtpErrors.Bug;
        }
    }

    /// <summary>The message is complete: hands it on, and answers for it.</summary>
    public async ValueTask<SmtpReply> FinishAsync(SmtpTransaction transaction, bool sawBareNewline, CancellationToken ct)
    {
        if (sawBareNewline)
            _failure ??= BareNewline;
        if (_failure is { } failure)
            return session.Profile.IsLmtp ? SmtpReply.Join([.. transaction.Recipients.Select(_ => failure)]) : failure;

        var client = await session.ClientAsync(transaction);
        var options = transaction.Options;
        var outcome = await session.Services.Inbound.AcceptAsync(
            new(client, transaction.Sender, transaction.Recipients, _spool, options.EnvId, options.Ret, options.NeedsUtf8, options.Is8Bit), ct);
        if (outcome.Outcomes.Any(o => o.Refusal is null))
        {
            session.Errors = 0;
            session.IdleCommands = 0;
        }

        return session.Profile.IsLmtp ? ReplyForEach(outcome) : ReplyForAll(outcome);
    }

    public ValueTask DisposeAsync() => _spool.DisposeAsync();

    private static SmtpReply ReplyForEach(InboundOutcome outcome) =>
        SmtpReply.Join([.. outcome.Outcomes.Select(o =>
            o.Refusal is { } refusal ? SmtpErrors.ReplyFor(refusal) : SmtpReply.Of(250, "2.1.5", $"<{o.Recipient.Address.ToAsciiString()}> stored, {outcome.TraceId:N}"))]);

    private static SmtpReply ReplyForAll(InboundOutcome outcome) =>
        outcome.Outcomes.FirstOrDefault(o => o.Refusal is null) is not null || outcome.Outcomes.Count == 0
            ? SmtpReply.Of(250, "2.0.0", $"Taken, {outcome.TraceId:N}")
            : SmtpErrors.ReplyFor(outcome.Outcomes[0].Refusal!);
}
