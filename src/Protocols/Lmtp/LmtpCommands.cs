using Webmail.MailCore.Inbound;
using Webmail.Protocols.Smtp;

namespace Webmail.Protocols.Lmtp;

/// <summary>
/// LMTP (RFC 2033): SMTP's commands with LHLO for EHLO and HELO, and after the message a reply for each recipient, in the order in which they were taken. For
/// our own mailboxes only and from trusted clients only, so a front MTA keeps what we refuse.
/// </summary>
internal static class LmtpCommands
{
    public static CommandTable All { get; } = SmtpCommands.WithoutGreeting().AnyTime<Lhlo>();

    public static SmtpProfile Profile { get; } = new(Ingress.Lmtp, "LMTP", All);
}
