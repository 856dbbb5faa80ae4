using Microsoft.Extensions.Localization;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Web.Localization;

namespace Webmail.Web.Mail;

/// <summary>What people call a folder: those with a use have a name in each language, others their own.</summary>
internal static class FolderNames
{
    public static string Of(MailboxInfo box, IStringLocalizer<Words> words) => box.Name.IsInbox
        ? words["Inbox"]
        : box.SpecialUse switch
        {
            SpecialUse.Drafts => words["Drafts"],
            SpecialUse.Sent => words["Sent"],
            SpecialUse.Junk => words["Junk"],
            SpecialUse.Trash => words["Trash"],
            SpecialUse.Archive => words["Archive"],
            _ => box.Name.Leaf,
        };

    public static string IconOf(MailboxInfo box) => box.Name.IsInbox
        ? "inbox"
        : box.SpecialUse switch
        {
            SpecialUse.Drafts => "drafts",
            SpecialUse.Sent => "sent",
            SpecialUse.Junk => "junk",
            SpecialUse.Trash => "trash",
            SpecialUse.Archive => "archive",
            _ => "folder",
        };
}
