using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres.Sharing;

/// <summary>The change feed of one account: of another's mailbox it also hears what changes for readers only, their \Seen and their rights.</summary>
internal sealed class ReaderFeed(ChangeFeed feed, AccountId account) : IChangeFeed
{
    public IDisposable Watch(MailboxId mailbox, Action changed) =>
        mailbox.Account == account ? feed.Watch(mailbox, changed) : new Both(feed.Watch(mailbox, changed), feed.WatchReaders(mailbox, changed));

    public IDisposable WatchAccount(Principal principal, Action changed) => feed.WatchAccount(principal, changed);

    private sealed class Both(IDisposable first, IDisposable second) : IDisposable
    {
        public void Dispose()
        {
            first.Dispose();
            second.Dispose();
        }
    }
}
