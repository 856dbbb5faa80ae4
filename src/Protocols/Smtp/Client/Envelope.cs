using System.Globalization;
using System.Text;
using Webmail.MailCore.Outbound;
using Webmail.MailCore.Store;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Smtp.Client;

/// <param name="Message">The sender or a header can't be written in ASCII: it goes with SMTPUTF8 or not at all.</param>
/// <param name="Any">A recipient's address, or the message.</param>
internal readonly record struct Utf8Need(bool Message, bool Any);

/// <summary>What of a message goes into commands and DATA, given what the peer offers.</summary>
internal static class Envelope
{
    private const int Block = 64 * 1024;
    private const int LargestHeader = 1024 * 1024;

    public static long SizeOf(TransportMessage message) => message.Front.Length + message.Body.Length;

    public static string Mail(TransportMessage message, PeerExtensions peer, bool withUtf8)
    {
        var mail = new StringBuilder("MAIL FROM:<").Append(message.Sender?.ToAsciiString()).Append('>');
        if (peer.Size)
            mail.Append(CultureInfo.InvariantCulture, $" SIZE={SizeOf(message)}");
        // A peer without 8BITMIME gets the octets all the same: all in use are 8-bit clean, and a conversion would break the signature.
        if (message.Is8Bit && peer.EightBitMime)
            mail.Append(" BODY=8BITMIME");
        if (withUtf8)
            mail.Append(" SMTPUTF8");
        if (peer.Dsn && message.Ret is "FULL" or "HDRS")
            mail.Append(" RET=").Append(message.Ret);
        if (peer.Dsn && IsParameter(message.EnvId))
            mail.Append(" ENVID=").Append(message.EnvId);
        return mail.ToString();
    }

    public static string Rcpt(RemoteRecipient recipient, PeerExtensions peer)
    {
        var rcpt = new StringBuilder("RCPT TO:<").Append(recipient.Address.ToAsciiString()).Append('>');
        if (peer.Dsn && IsParameter(recipient.Notify))
            rcpt.Append(" NOTIFY=").Append(recipient.Notify);
        if (peer.Dsn && IsParameter(recipient.Orcpt))
            rcpt.Append(" ORCPT=").Append(recipient.Orcpt);
        return rcpt.ToString();
    }

    /// <summary>RFC 6531 section 3.4: SMTPUTF8 is needed for what is there, not for what the sender's client once said.</summary>
    public static async ValueTask<Utf8Need> NeedsUtf8Async(TransportMessage message, CancellationToken ct)
    {
        var inMessage = message.Sender is { NeedsUtf8: true } || message.NeedsUtf8 && await HasUtf8HeaderAsync(message.Body, ct);
        return new(inMessage, inMessage || message.Recipients.Any(r => r.Address.NeedsUtf8));
    }

    /// <summary>The octets of DATA with their end. False: the peer went away, or takes nothing.</summary>
    public static async ValueTask<bool> WriteDataAsync(WirePipe wire, TransportMessage message, TimeSpan blockTimeout, CancellationToken ct)
    {
        var dots = new DotEncoder();
        dots.Write(wire.Output, message.Front.Span);
        var block = new byte[(int)Math.Min(Block, Math.Max(1, message.Body.Length))];
        for (long at = 0; ;)
        {
            var read = await message.Body.ReadAsync(at, block, ct);
            if (read == 0)
                break;
            at += read;
            dots.Write(wire.Output, block.AsSpan(0, read));
            wire.SetTimeout(blockTimeout);
            if (!await wire.FlushAsync(ct))
                return false;
        }

        dots.End(wire.Output);
        wire.SetTimeout(blockTimeout);
        return await wire.FlushAsync(ct);
    }

    private static async ValueTask<bool> HasUtf8HeaderAsync(MessageBody body, CancellationToken ct)
    {
        var block = new byte[Block];
        var afterLine = false;
        for (long at = 0; at < LargestHeader;)
        {
            var read = await body.ReadAsync(at, block, ct);
            if (read == 0)
                return false;
            at += read;
            foreach (var octet in block.AsSpan(0, read))
            {
                if (octet > 127)
                    return true;
                if (octet == '\n' && afterLine)
                    return false;
                afterLine = octet == '\n' || octet == '\r' && afterLine;
            }
        }

        return false;
    }

    /// <summary>xtext and its kin (RFC 3461 section 4): nothing that could end the command or begin another parameter.</summary>
    private static bool IsParameter(string? text) => text is { Length: > 0 and <= 500 } && text.All(c => c is > ' ' and < (char)127);
}
