using System.Buffers;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Smtp.Commands;

/// <summary>
/// DATA (RFC 5321 section 4.1.1.4). The message ends with CRLF.CRLF and with nothing like it; one that has a bare CR or LF is read to its true end and
/// refused, so nothing of it can be taken for a command (SMTP smuggling).
/// </summary>
internal sealed record Data : ITransactionCommand<Data>
{
    /// <summary>The piece that is decoded at a time; held only while there is something to decode.</summary>
    private const int Piece = 16 * 1024;

    /// <summary>A client that drips for longer than this isn't sending mail.</summary>
    internal static readonly TimeSpan LongestMessage = TimeSpan.FromHours(1);

    private static readonly SmtpReply NoRecipients = SmtpReply.Of(554, "5.5.1", "There is no valid recipient");
    private static readonly SmtpReply RcptFirst = SmtpReply.Of(503, "5.5.1", "Say RCPT TO first");
    private static readonly SmtpReply Go = SmtpReply.Of(354, null, "Send the message, and end it with <CRLF>.<CRLF>");
    private static readonly SmtpReply ChunksBegun = SmtpReply.Of(503, "5.5.1", "The message has begun with BDAT: go on so");

    public static string Verb => "DATA";

    public static Data Parse(ref SmtpReader r)
    {
        r.End();
        return new();
    }

    public async ValueTask<SmtpReply> RunAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct)
    {
        if (transaction.Chunks is not null)
            return ChunksBegun;
        if (transaction.Recipients.Count == 0)
            return WithoutRecipients(session, transaction);
        Go.WriteTo(session.Wire.Output);
        await using var intake = new MessageIntake(session);
        var (status, sawBare) = await ReadAsync(session, intake, ct);
        if (status != ReadStatus.Data)
            return SmtpHandler.ReplyToEnd(status).Then(After.Close);
        try
        {
            return await intake.FinishAsync(transaction, sawBare, ct);
        }
        finally
        {
            await session.EndTransactionAsync();
        }
    }

    /// <summary>Where no recipient was taken: 554 after refusals (RFC 5321 section 3.3), but in LMTP always 503 (RFC 2033 section 4.2).</summary>
    internal static SmtpReply WithoutRecipients(SmtpSession session, SmtpTransaction transaction) =>
        transaction.HasRefused && !session.Profile.IsLmtp ? NoRecipients : RcptFirst;

    private static async ValueTask<(ReadStatus Status, bool SawBare)> ReadAsync(SmtpSession session, MessageIntake intake, CancellationToken ct)
    {
        var wire = session.Wire;
        var decoder = new DotDecoder();
        var start = session.Services.Time.GetTimestamp();
        while (true)
        {
            wire.SetTimeout(TimeSpan.FromSeconds(session.Settings.Limits.SmtpIdleSeconds));
            var (status, buffer) = await wire.ReadAsync(ct);
            if (status is ReadStatus.Woken or ReadStatus.Stopping)
                continue;
            if (status == ReadStatus.Data && session.Services.Time.GetElapsedTime(start) > LongestMessage)
                status = ReadStatus.TimedOut;
            if (status != ReadStatus.Data)
                return (status, false);

            var piece = ArrayPool<byte>.Shared.Rent(Piece);
            try
            {
                var end = await DecodeAsync(buffer, piece);
                if (end is { } position)
                {
                    wire.Input.AdvanceTo(position);
                    return (ReadStatus.Data, decoder.SawBareNewline);
                }

                wire.Input.AdvanceTo(buffer.End);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(piece);
            }
        }

        // Where the message ended; null: it goes on.
        async ValueTask<SequencePosition?> DecodeAsync(ReadOnlySequence<byte> buffer, byte[] piece)
        {
            long done = 0;
            foreach (var segment in buffer)
            {
                var at = 0;
                while (at < segment.Length)
                {
                    var result = decoder.Decode(segment.Span[at..], piece, out var consumed, out var written);
                    at += consumed;
                    if (written > 0)
                        await intake.WriteAsync(piece.AsMemory(0, written), ct);
                    if (result == DotStatus.End)
                        return buffer.GetPosition(done + at);
                }

                done += segment.Length;
            }

            return null;
        }
    }
}
