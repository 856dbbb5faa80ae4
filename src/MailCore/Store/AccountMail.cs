using Webmail.MailCore.Auth;

namespace Webmail.MailCore.Store;

/// <summary>One account's mail as one principal may see and change it. Cheap to make; holds no connection.</summary>
public sealed record AccountMail(
    Principal Principal, IMailboxStore Mailboxes, IMessageStore Messages, IBlobStore Blobs, IChangeFeed Changes, IMailboxSharing Sharing, IAnnotationStore Annotations);

/// <summary>The store's door.</summary>
public interface IMailStore
{
    AccountMail For(Principal principal);
}
