using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Postgres;

namespace Webmail.MailCore.Store.Search;

/// <summary>A message on its way into a thread.</summary>
/// <param name="Number">Its place in the mailbox: what decides between equal dates.</param>
/// <param name="Date">Seconds since 1970 UTC: sent, or received where that isn't known.</param>
/// <param name="Subject">The base subject, folded.</param>
/// <param name="Ancestry">Own id first (0: none), then the ancestors with the parent last.</param>
internal sealed record ThreadedMessage(Uid Uid, long Message, int Number, long Date, long Received, byte[] Subject, long[] Ancestry);

/// <summary>THREAD: reads what the algorithms compare, and runs them. No state.</summary>
internal sealed class Threader(SortKeys keys)
{
    public async ValueTask<IReadOnlyList<ThreadNode>> RunAsync(MailboxSnapshot mailbox, UidSet uids, ThreadAlgorithm algorithm, CancellationToken ct)
    {
        var messages = await MessagesAsync(mailbox, uids, algorithm != ThreadAlgorithm.OrderedSubject, ct);
        if (algorithm == ThreadAlgorithm.OrderedSubject)
            return SubjectThreads.Of(messages);
        var threads = new ReferenceThreads(messages);
        if (algorithm == ThreadAlgorithm.Refs)
            return threads.ByNewestArrival();
        var doubtful = threads.MessagesWithSharedSubjects();
        var replies = doubtful.Count == 0 ? [] : await RepliesAsync(mailbox.Id.Account, [.. doubtful], ct);
        return threads.JoinedBySubject(replies);
    }

    private async ValueTask<List<ThreadedMessage>> MessagesAsync(MailboxSnapshot mailbox, UidSet uids, bool withAncestry, CancellationToken ct)
    {
        IndexEntry[] entries = [.. ((Snapshot)mailbox).Among(uids)];
        var ids = Array.ConvertAll(entries, static e => e.Message);
        var subjects = await keys.ReadAsync(mailbox.Id.Account, KeyColumn.Subject, ids, ct);
        var ancestries = withAncestry ? await keys.ReadAsync(mailbox.Id.Account, KeyColumn.Ancestry, ids, ct) : null;
        var messages = new List<ThreadedMessage>(entries.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = entries[i];
            var ancestry = ancestries is null ? [] : ancestries[i].IsEmpty ? SortKeys.Unpack(await keys.AncestryAsync(mailbox.Id, entry.Uid, ct)) : SortKeys.Unpack(ancestries[i]);
            messages.Add(new(entry.Uid, entry.Message, i, Sorter.SentOrReceived(entry), entry.Received, subjects[i].ToArray(), ancestry));
        }

        return messages;
    }

    /// <summary>Those of the messages whose subjects say that they are replies or forwarded.</summary>
    private async ValueTask<HashSet<long>> RepliesAsync(AccountId account, long[] messages, CancellationToken ct)
    {
        var replies = await keys.ReadAsync(account, KeyColumn.IsReply, messages, ct);
        return [.. messages.Where((_, i) => replies[i] is [1])];
    }
}

/// <summary>ORDEREDSUBJECT (RFC 5256 section 3): the first message of a subject with all others below it.</summary>
internal static class SubjectThreads
{
    public static IReadOnlyList<ThreadNode> Of(IReadOnlyList<ThreadedMessage> messages) =>
    [
        .. messages.GroupBy(static m => m.Subject, SubjectComparer.Instance)
            .Select(static thread => thread.OrderBy(static m => m.Date).ThenBy(static m => m.Number).ToList())
            .OrderBy(static thread => thread[0].Date).ThenBy(static thread => thread[0].Number)
            .Select(static thread => new ThreadNode(thread[0].Uid, [.. thread.Skip(1).Select(static m => new ThreadNode(m.Uid, []))])),
    ];
}

internal sealed class SubjectComparer : IEqualityComparer<byte[]>
{
    public static readonly SubjectComparer Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj)
    {
        var hash = default(HashCode);
        hash.AddBytes(obj);
        return hash.ToHashCode();
    }
}
