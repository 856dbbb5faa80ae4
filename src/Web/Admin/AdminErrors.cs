using Microsoft.Extensions.Localization;
using Webmail.MailCore.Model;
using Webmail.Web.Localization;

namespace Webmail.Web.Admin;

/// <summary>A refusal in the administrator's language; where the service says which value it minds, its own words follow.</summary>
internal static class AdminErrors
{
    public static string Words(MailException e, IStringLocalizer<Words> words) => e.Error switch
    {
        MailError.AlreadyExists => words["That is there already."],
        MailError.NotFound => words["That is no longer there."],
        MailError.NoPermission => words["You may not do that."],
        MailError.InUse => words["It still has users or aliases."],
        MailError.LimitReached => words["A limit was reached."],
        MailError.Invalid => $"{words["That can't be accepted."]} {e.Message}",
        MailError.AuthenticationFailed => words["That is not your current password."],
        MailError.Throttled => words["Too many attempts. Wait some minutes, then try again."],
        _ => words["That did not work. Try again in a moment."],
    };
}
