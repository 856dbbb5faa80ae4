using Webmail.MailCore.Model;

namespace Webmail.Protocols.Pop3;

/// <summary>MailCore's refusals in POP3's words: the one switch. SYS/TEMP and SYS/PERM say whether trying again helps (RFC 3206).</summary>
internal static class Pop3Errors
{
    /// <summary>A bug or an outage, logged by the loop.</summary>
    public static readonly Pop3Reply Bug = Pop3Reply.Err("Something went wrong here; try again later", Code.SysTemp) with { IsOurs = true };

    public static Pop3Reply ReplyFor(MailException e) => Pop3Reply.Err(e.Message, CodeFor(e.Error)) with { IsOurs = e.Error == MailError.Unavailable };

    internal static string? CodeFor(MailError error) => error switch
    {
        MailError.AuthenticationFailed => Code.Auth,
        MailError.InUse => Code.InUse,
        MailError.Throttled or MailError.Unavailable or MailError.Conflict => Code.SysTemp,
        MailError.OverQuota or MailError.LimitReached or MailError.NoPermission or MailError.ReadOnly => Code.SysPerm,
        MailError.NotFound or MailError.AlreadyExists or MailError.TooLarge or MailError.Invalid => null,
        _ => Code.SysPerm,
    };
}
