using Webmail.MailCore.Inbound;

namespace Webmail.Protocols.Smtp;

/// <summary>What tells the three doors apart: port 25, submission and LMTP.</summary>
/// <param name="Word">What the greeting calls the protocol.</param>
internal sealed record SmtpProfile(Ingress Ingress, string Word, CommandTable Commands)
{
    public static SmtpProfile Smtp { get; } = new(Ingress.Smtp, "ESMTP", SmtpCommands.All);

    public static SmtpProfile Submission { get; } = new(Ingress.Submission, "ESMTP", SmtpCommands.All);

    /// <summary>A reply for each recipient after the message, and only trusted clients.</summary>
    public bool IsLmtp => Ingress == Ingress.Lmtp;
}
