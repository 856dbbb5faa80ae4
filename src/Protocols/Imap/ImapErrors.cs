using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap;

/// <summary>The one place where a refusal of MailCore gets IMAP's words.</summary>
internal static class ImapErrors
{
    public static Reply Reply(MailException refusal) => Imap.Reply.No(refusal.Message, CodeOf(refusal.Error));

    public static Code CodeOf(MailError error) => error switch
    {
        MailError.NotFound => Code.NonExistent,
        MailError.AlreadyExists => Code.AlreadyExists,
        MailError.NoPermission => Code.NoPerm,
        MailError.OverQuota => Code.OverQuota,
        MailError.TooLarge => Code.TooBig,
        MailError.ReadOnly => Code.ReadOnly,
        MailError.Conflict => Code.InUse,
        MailError.Throttled => Code.Unavailable,
        MailError.Unavailable => Code.Unavailable,
        MailError.Invalid => Code.Cannot,
        MailError.LimitReached => Code.Limit,
        MailError.AuthenticationFailed => Code.AuthenticationFailed,
        MailError.InUse => Code.Cannot,
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, "No words for this error"),
    };
}
