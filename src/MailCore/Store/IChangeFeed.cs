using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store;

/// <summary>
/// Tells that something changed, never what: re-read it. A hint can be late (at most 30 s, when LISTEN was cut off), never lost, and may come twice.
/// Hints of this node's own commits come at once.
/// </summary>
public interface IChangeFeed
{
    /// <summary>Calls back when a mailbox changed or was deleted. The callback runs on the feed's thread: it must only set a flag or complete a wait.</summary>
    IDisposable Watch(MailboxId mailbox, Action changed);

    /// <summary>Calls back when anything of the principal's account changed: a mailbox, its list, keywords, the account's rights.</summary>
    IDisposable WatchAccount(Auth.Principal principal, Action changed);
}
