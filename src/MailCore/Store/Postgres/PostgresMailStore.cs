using Npgsql;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Store.Postgres.Sharing;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// This folder is the store's SQL: one class a verb, a statement directly above the method that runs it. Invariants: every writer takes the account's lock first
/// (in ascending order where there are several) and does its work in further statements; each write is one round trip; no connection or lock is held while
/// talking to a client. <see cref="CommitLane"/> makes appends share transactions, <see cref="MailboxIndex"/> holds what is open, <see cref="Committed"/> ties them.
/// </summary>
internal sealed class PostgresMailStore(
    NpgsqlDataSource dataSource, StoreParts parts, SharingParts sharing, Committed committed, KeywordCache keywords, KeywordMaker keywordMaker,
    MailboxListings listings, Notifications notifications, BlobStore blobs, ChangeFeed feed) : IMailStore
{
    public AccountMail For(Principal principal)
    {
        var account = principal.Account;
        var others = new SharedMessages(parts, sharing, account);
        var mailboxes = new MailboxStore(dataSource, parts.Transfers, committed, keywords, keywordMaker, listings, others, account);
        return new(
            principal, mailboxes, new MessageStore(parts, others, account), blobs, new ReaderFeed(feed, account),
            new MailboxSharing(dataSource, mailboxes, committed, account), new AnnotationStore(dataSource, committed, notifications, principal));
    }
}
