using Npgsql;
using Webmail.MailCore.Auth;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// This folder is the store's SQL: one class a verb, a statement directly above the method that runs it. Invariants: every writer takes the account's lock first
/// (in ascending order where there are several) and does its work in further statements; each write is one round trip; no connection or lock is held while
/// talking to a client. <see cref="CommitLane"/> makes appends share transactions, <see cref="MailboxIndex"/> holds what is open, <see cref="Committed"/> ties them.
/// </summary>
internal sealed class PostgresMailStore(
    NpgsqlDataSource dataSource, StoreParts parts, Committed committed, KeywordCache keywords, MailboxListings listings, BlobStore blobs, ChangeFeed feed) : IMailStore
{
    public AccountMail For(Principal principal) => new(
        principal,
        new MailboxStore(dataSource, parts.Transfers, committed, keywords, listings, principal.Account),
        new MessageStore(parts, principal.Account),
        blobs,
        feed);
}
