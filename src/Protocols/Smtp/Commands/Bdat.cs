using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Smtp.Commands;

/// <summary>
/// BDAT (RFC 3030): a counted chunk of the message. Its octets are on their way whatever we think of it, so they are always read, and thrown away when the
/// chunk is refused.
/// </summary>
internal sealed record Bdat(long Size, bool IsLast) : IAnyTimeCommand<Bdat>
{
    private static readonly SmtpReply MailFirst = SmtpReply.Of(503, "5.5.1", "Say EHLO and MAIL FROM first");

    public static string Verb => "BDAT";

    public static Bdat Parse(ref SmtpReader r)
    {
        r.Space();
        var size = r.Number();
        var isLast = false;
        if (!r.IsAtEnd)
        {
            r.Space();
            if (!r.IsAtEnd)
            {
                if (!r.Word().Equals("LAST", StringComparison.OrdinalIgnoreCase))
                    throw SmtpSyntaxException.Arguments("Say BDAT size or BDAT size LAST");
                isLast = true;
            }
        }

        r.End();
        return new(size, isLast);
    }

    public async ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct)
    {
        var transaction = session.Transaction;
        var refusal = transaction is null ? MailFirst
            : transaction.Recipients.Count == 0 ? Data.WithoutRecipients(session, transaction)
            : null;
        if (refusal is null)
            transaction!.Chunks ??= new MessageIntake(session);
        var status = await ReadAsync(session, refusal is null ? transaction!.Chunks : null, ct);
        if (status != ReadStatus.Data)
            return SmtpHandler.ReplyToEnd(status).Then(After.Close);
        if (refusal is not null)
            return refusal;
        if (!IsLast)
            return transaction!.Chunks!.Failure ?? SmtpReply.Of(250, "2.0.0", $"{Size} octets received");
        try
        {
            return await transaction!.Chunks!.FinishAsync(transaction, transaction.ChunkLines.SawBare, ct);
        }
        finally
        {
            await session.EndTransactionAsync();
        }
    }

    private async ValueTask<ReadStatus> ReadAsync(SmtpSession session, MessageIntake? intake, CancellationToken ct)
    {
        var wire = session.Wire;
        var left = Size;
        var start = session.Services.Time.GetTimestamp();
        while (left > 0)
        {
            wire.SetTimeout(TimeSpan.FromSeconds(session.Settings.Limits.SmtpIdleSeconds));
            var (status, buffer) = await wire.ReadAsync(ct);
            if (status is ReadStatus.Woken or ReadStatus.Stopping)
                continue;
            if (status == ReadStatus.Data && session.Services.Time.GetElapsedTime(start) > Data.LongestMessage)
                status = ReadStatus.TimedOut;
            if (status != ReadStatus.Data)
                return status;
            var taken = buffer.Slice(0, Math.Min(left, buffer.Length));
            if (intake is not null)
            {
                foreach (var segment in taken)
                {
                    session.Transaction!.FeedChunk(segment.Span);
                    await intake.WriteAsync(segment, ct);
                }
            }

            left -= taken.Length;
            wire.Input.AdvanceTo(taken.End);
        }

        return ReadStatus.Data;
    }
}
