using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Search;

/// <summary>Finds, among the messages of a snapshot, those that match.</summary>
internal interface ISearch
{
    ValueTask<UidSet> RunAsync(MailboxSnapshot mailbox, SearchQuery query, CancellationToken ct);
}
