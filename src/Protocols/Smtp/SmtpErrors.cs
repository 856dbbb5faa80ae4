using System.Diagnostics;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;

namespace Webmail.Protocols.Smtp;

/// <summary>MailCore's refusals in SMTP's words: the one place, for SMTP, submission and LMTP.</summary>
internal static class SmtpErrors
{
    public static readonly SmtpReply Bug = SmtpReply.Of(451, "4.3.0", "Something went wrong here; try again later");

    public static SmtpReply ReplyFor(Refusal refusal) => refusal.Kind switch
    {
        RefusalKind.UnknownUser => SmtpReply.Of(550, "5.1.1", refusal.Text),
        RefusalKind.Disabled => SmtpReply.Of(450, "4.2.1", refusal.Text),
        RefusalKind.RelayDenied => SmtpReply.Of(550, "5.7.1", refusal.Text),
        RefusalKind.NotYourAddress => SmtpReply.Of(553, "5.7.1", refusal.Text),
        RefusalKind.OverQuota => SmtpReply.Of(452, "4.2.2", refusal.Text),
        RefusalKind.Loop => SmtpReply.Of(554, "5.4.6", refusal.Text),
        RefusalKind.TooLarge => SmtpReply.Of(552, "5.3.4", refusal.Text),
        RefusalKind.Malformed => SmtpReply.Of(550, "5.6.0", refusal.Text),
        RefusalKind.Temporary => SmtpReply.Of(451, "4.3.0", refusal.Text),
        RefusalKind.Policy => SmtpReply.Of(550, "5.7.1", refusal.Text),
        _ => throw new UnreachableException(),
    };

    public static SmtpReply ReplyFor(MailException e) => e.Error switch
    {
        MailError.NotFound => SmtpReply.Of(550, "5.1.1", e.Message),
        MailError.AlreadyExists => SmtpReply.Of(554, "5.3.0", e.Message),
        MailError.NoPermission => SmtpReply.Of(550, "5.7.1", e.Message),
        MailError.OverQuota => SmtpReply.Of(452, "4.2.2", e.Message),
        MailError.TooLarge => SmtpReply.Of(552, "5.3.4", e.Message),
        MailError.ReadOnly => SmtpReply.Of(550, "5.2.1", e.Message),
        MailError.Conflict => SmtpReply.Of(451, "4.3.0", e.Message),
        MailError.Throttled => SmtpReply.Of(454, "4.7.0", e.Message),
        MailError.Unavailable => SmtpReply.Of(451, "4.3.0", e.Message),
        MailError.Invalid => SmtpReply.Of(501, "5.5.4", e.Message),
        MailError.LimitReached => SmtpReply.Of(452, "4.5.3", e.Message),
        MailError.AuthenticationFailed => SmtpReply.Of(535, "5.7.8", e.Message),
        MailError.InUse => SmtpReply.Of(451, "4.3.0", e.Message),
        _ => throw new UnreachableException(),
    };
}
