using System.IO.Pipelines;
using System.Buffers;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;

namespace Webmail.Web.Cli;

/// <summary>
/// A message as Unix programs write it, made fit for mail: lines end in CRLF whatever they ended in, a missing From is added, text that doesn't begin
/// with a header field gets the empty line that makes it a body. Read in pieces, whatever its size.
/// </summary>
internal static class SendmailInput
{
    const int LongestHeader = IncomingSpool.MaxHeader;

    /// <param name="dotIsText">False: a line with a single dot ends the message.</param>
    /// <param name="from">A whole From field, for a message without one.</param>
    /// <param name="domain">For names without one in the header.</param>
    /// <param name="limit">In bytes; 0: none.</param>
    /// <exception cref="MailException">TooLarge</exception>
    public static async Task CopyAsync(Stream input, IncomingSpool spool, bool dotIsText, byte[] from, string domain, long limit, CancellationToken ct)
    {
        var state = new State(spool, dotIsText, from, new UnqualifiedAddresses(domain));
        var reader = PipeReader.Create(input);
        while (!state.IsOver)
        {
            var result = await reader.ReadAsync(ct);
            var buffer = result.Buffer;
            while (!state.IsOver && TakeLine(ref buffer, result.IsCompleted, out var line))
                await state.LineAsync(line, ct);
            reader.AdvanceTo(buffer.Start, buffer.End);
            if (limit > 0 && spool.Length > limit)
                throw new MailException(MailError.TooLarge, $"The message is larger than {limit} bytes");
            if (result.IsCompleted)
                break;
        }

        await state.EndAsync(ct);
        await reader.CompleteAsync();
    }

    // CRLF, LF and a lone CR (progress bars of cron jobs) each end a line: a bare CR or LF may not travel (RFC 5321 section 2.3.8).
    static bool TakeLine(ref ReadOnlySequence<byte> buffer, bool isCompleted, out byte[] line)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadToAny(out ReadOnlySequence<byte> found, "\r\n"u8, advancePastDelimiter: false))
        {
            line = [];
            if (!isCompleted || buffer.IsEmpty)
                return false;
            line = buffer.ToArray();
            buffer = buffer.Slice(buffer.End);
            return true;
        }

        line = found.ToArray();
        reader.TryRead(out var end);
        if (end == '\r')
        {
            if (!reader.TryPeek(out var next) && !isCompleted)
                return false;
            if (next == '\n')
                reader.Advance(1);
        }

        buffer = buffer.Slice(reader.Position);
        return true;
    }

    sealed class State(IncomingSpool spool, bool dotIsText, byte[] from, UnqualifiedAddresses addresses)
    {
        static readonly byte[] CrLf = "\r\n"u8.ToArray();

        bool inBody;
        bool hasFrom;
        bool hasField;
        long headerLength;

        public bool IsOver { get; private set; }

        public async ValueTask LineAsync(byte[] line, CancellationToken ct)
        {
            if (!dotIsText && line is [(byte)'.'])
            {
                IsOver = true;
                return;
            }

            if (!inBody)
            {
                // mbox writers and UUCP put "From someone date" in front.
                if (!hasField && line.AsSpan().StartsWith("From "u8))
                    return;
                if (!IsHeaderLine(line))
                {
                    await EndHeaderAsync(ct);
                    if (line.Length == 0)
                        return;
                }
                else
                {
                    line = addresses.Complete(line);
                }
            }

            await WriteAsync(line, ct);
        }

        public async ValueTask EndAsync(CancellationToken ct)
        {
            if (!inBody)
                await EndHeaderAsync(ct);
        }

        bool IsHeaderLine(byte[] line)
        {
            if (line.Length == 0 || headerLength > LongestHeader)
                return false;
            headerLength += line.Length + 2;
            if (line[0] is (byte)' ' or (byte)'\t')
                return hasField;
            var colon = line.AsSpan().IndexOf((byte)':');
            if (colon <= 0 || line.AsSpan(0, colon).TrimEnd(" \t"u8).ContainsAnyExceptInRange((byte)33, (byte)126))
                return false;
            hasField = true;
            hasFrom |= System.Text.Ascii.EqualsIgnoreCase(line.AsSpan(0, colon).TrimEnd(" \t"u8), "From"u8);
            return true;
        }

        async ValueTask EndHeaderAsync(CancellationToken ct)
        {
            inBody = true;
            if (!hasFrom)
                await spool.WriteAsync(from, ct);
            await spool.WriteAsync(CrLf, ct);
        }

        async ValueTask WriteAsync(byte[] line, CancellationToken ct)
        {
            await spool.WriteAsync(line, ct);
            await spool.WriteAsync(CrLf, ct);
        }
    }
}
