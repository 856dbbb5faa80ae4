using System.Globalization;
using System.Text;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Outbound;

internal enum DsnKind
{
    Failed,
    Delayed,

    /// <summary>Delivered here, and the sender asked to be told.</summary>
    Delivered,

    /// <summary>Handed to a host that will report nothing (RFC 3461 section 5.2.2).</summary>
    Relayed,
}

/// <param name="Orcpt">As given in RCPT ("rfc822;a+2Bb@c"); null: not given.</param>
/// <param name="RemoteMta">Who said <paramref name="Reply"/>; null: we did.</param>
internal sealed record DsnRecipient(EmailAddress Address, string? Orcpt, string Status, string Reply, string? RemoteMta);

/// <summary>What a notice reports.</summary>
/// <param name="Returned">The original's header, or all of it when <paramref name="IsWhole"/>.</param>
/// <param name="EnvId">As given in MAIL (xtext); null: not given.</param>
internal sealed record DsnReport(
    DsnKind Kind, string Hostname, EmailAddress To, IReadOnlyList<DsnRecipient> Recipients, string? EnvId, DateTimeOffset Arrival,
    DateTimeOffset Now, DateTimeOffset? RetryUntil, ReadOnlyMemory<byte> Returned, bool IsWhole, bool NeedsUtf8);

/// <summary>
/// Writes delivery status notifications: multipart/report (RFC 6522) of a part for people, one for programs (RFC 3464) and the original or its header.
/// Internationalised addresses follow RFC 6533. Pure.
/// </summary>
internal static class Dsn
{
    /// <summary>The whole message, lines ending in CRLF; its header is ASCII unless the addressee's own address isn't.</summary>
    public static byte[] Write(DsnReport report, string messageId, string boundary)
    {
        // RFC 6533 section 3: the "global" types once an address or the original's header can't be ASCII.
        var isGlobal = report.NeedsUtf8 || report.Recipients.Any(r => r.Address.NeedsUtf8) || report.To.NeedsUtf8;
        var text = new MemoryStream(2048 + report.Returned.Length);
        Header(text, report, messageId, boundary);
        Line(text, $"--{boundary}");
        ForPeople(text, report);
        Line(text, "", $"--{boundary}");
        ForPrograms(text, report, isGlobal);
        Line(text, $"--{boundary}");
        Original(text, report, isGlobal);
        Line(text, "", $"--{boundary}--");
        return text.ToArray();
    }

    private static void Header(MemoryStream text, DsnReport report, string messageId, string boundary)
    {
        Line(text, "Return-Path: <>");
        Line(text, $"Date: {Date(report.Now)}");
        Line(text, $"From: Mail Delivery System <MAILER-DAEMON@{report.Hostname}>");
        Line(text, $"To: {report.To.ToAsciiString()}");
        Line(text, $"Subject: {Words(report.Kind).Subject}");
        Line(text, $"Message-ID: <{messageId}@{report.Hostname}>");
        if (DsnText.MessageIdOf(report.Returned.Span) is { } original)
            Line(text, $"In-Reply-To: {original}", $"References: {original}");
        // RFC 3834 section 5: no vacation notice and no other robot shall answer this.
        Line(text, "Auto-Submitted: auto-replied");
        Line(text, "MIME-Version: 1.0", "Content-Type: multipart/report; report-type=delivery-status;", $"\tboundary=\"{boundary}\"", "");
        Line(text, "This is a delivery status notification in MIME format.", "");
    }

    private static void ForPeople(MemoryStream text, DsnReport report)
    {
        var words = Words(report.Kind);
        var body = new StringBuilder($"This is the mail system at {report.Hostname}.\r\n\r\n{words.Explanation}\r\n");
        foreach (var recipient in report.Recipients)
        {
            body.Append(CultureInfo.InvariantCulture, $"\r\n  <{recipient.Address}>\r\n");
            var said = recipient.RemoteMta is null ? recipient.Reply : $"{recipient.RemoteMta} said: {recipient.Reply}";
            if (report.Kind is DsnKind.Failed or DsnKind.Delayed)
                body.AppendJoin("\r\n", DsnText.Wrap(said, "      ")).Append("\r\n");
        }

        if (report.Kind == DsnKind.Delayed && report.RetryUntil is { } until)
            body.Append(CultureInfo.InvariantCulture, $"\r\nYou need not send it again: it will be tried until {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC.\r\n");
        var content = body.ToString();
        Line(text, "Content-Description: Notification", "Content-Type: text/plain; charset=utf-8");
        Line(text, $"Content-Transfer-Encoding: {(Ascii.IsValid(content) ? "7bit" : "8bit")}", "");
        text.Write(Encoding.UTF8.GetBytes(content));
    }

    private static void ForPrograms(MemoryStream text, DsnReport report, bool isGlobal)
    {
        Line(text, "Content-Description: Delivery report", $"Content-Type: message/{(isGlobal ? "global-delivery-status" : "delivery-status")}");
        if (isGlobal)
            Line(text, "Content-Transfer-Encoding: 8bit");
        Line(text, "");
        if (DsnText.FromXText(report.EnvId) is { } envId)
            Line(text, $"Original-Envelope-Id: {envId}");
        Line(text, $"Reporting-MTA: dns; {report.Hostname}", $"Arrival-Date: {Date(report.Arrival)}", "");
        foreach (var recipient in report.Recipients)
            ForPrograms(text, report, recipient, isGlobal);
    }

    private static void ForPrograms(MemoryStream text, DsnReport report, DsnRecipient recipient, bool isGlobal)
    {
        if (DsnText.OriginalRecipient(recipient.Orcpt) is { } original)
            Line(text, $"Original-Recipient: {original}");
        Line(text, recipient.Address.NeedsUtf8
            ? $"Final-Recipient: utf-8; {recipient.Address}"
            : $"Final-Recipient: rfc822; {recipient.Address.ToAsciiString()}");
        Line(text, $"Action: {Words(report.Kind).Action}", $"Status: {recipient.Status}");
        if (recipient.RemoteMta is { } mta)
            Line(text, $"Remote-MTA: dns; {mta}");
        if (report.Kind is DsnKind.Failed or DsnKind.Delayed || recipient.RemoteMta is not null)
        {
            var type = recipient.RemoteMta is null ? "x-webmail" : "smtp";
            var reply = isGlobal ? recipient.Reply : DsnText.ToAscii(recipient.Reply);
            Line(text, [.. DsnText.Wrap($"Diagnostic-Code: {type}; {reply}", "\t", first: "")]);
        }

        Line(text, $"Last-Attempt-Date: {Date(report.Now)}");
        if (report.Kind == DsnKind.Delayed && report.RetryUntil is { } until)
            Line(text, $"Will-Retry-Until: {Date(until)}");
        Line(text, "");
    }

    private static void Original(MemoryStream text, DsnReport report, bool isGlobal)
    {
        var type = (report.IsWhole, isGlobal) switch
        {
            (true, true) => "message/global",
            (true, false) => "message/rfc822",
            (false, true) => "message/global-headers",
            _ => "text/rfc822-headers",
        };
        Line(text, $"Content-Description: {(report.IsWhole ? "Undelivered message" : "Header of the message")}", $"Content-Type: {type}");
        if (report.Returned.Span.IndexOfAnyExceptInRange((byte)0, (byte)127) >= 0)
            Line(text, "Content-Transfer-Encoding: 8bit");
        Line(text, "");
        var lines = new LineEndings();
        var normal = new byte[2 * report.Returned.Length];
        text.Write(normal.AsSpan(0, lines.Normalise(report.Returned.Span, normal)));
    }

    private static (string Subject, string Action, string Explanation) Words(DsnKind kind) => kind switch
    {
        DsnKind.Failed => ("Your message could not be delivered", "failed",
            "Your message could not be delivered to the following addresses. It will not be\r\ntried again."),
        DsnKind.Delayed => ("Your message is delayed", "delayed",
            "Your message could not be delivered yet to the following addresses."),
        DsnKind.Delivered => ("Your message was delivered", "delivered",
            "Your message was delivered to the following addresses."),
        _ => ("Your message was passed on", "relayed",
            "Your message was passed on to a mail system that will send no further notice, for\r\nthe following addresses."),
    };

    /// <summary>RFC 5322 section 3.3.</summary>
    private static string Date(DateTimeOffset at) => at.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);

    private static void Line(MemoryStream text, params ReadOnlySpan<string> lines)
    {
        foreach (var line in lines)
        {
            text.Write(Encoding.UTF8.GetBytes(line));
            text.Write("\r\n"u8);
        }
    }
}
