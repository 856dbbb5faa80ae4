using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Search;

/// <summary>Finds, among the messages of a snapshot, those that match.</summary>
internal interface ISearch
{
    /// <param name="progress">Told of the messages that are decided; null: nobody asks.</param>
    ValueTask<UidSet> RunAsync(MailboxSnapshot mailbox, SearchQuery query, WorkProgress? progress, CancellationToken ct);
}
