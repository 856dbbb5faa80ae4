using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>What differs between two versions of a mailbox: walks both in step, and steps over chunks that are the same memory.</summary>
internal static class SnapshotComparison
{
    public static MailboxDelta Compare(Snapshot before, Snapshot after)
    {
        var vanished = new UidSet.Builder();
        var arrived = new UidSet.Builder();
        var changed = new UidSet.Builder();
        ReadOnlySpan<Chunk> olds = before.Chunks, news = after.Chunks;
        int i = 0, j = 0, a = 0, b = 0;
        while (i < olds.Length && j < news.Length)
        {
            if (a == 0 && b == 0 && ReferenceEquals(olds[i], news[j]))
            {
                i++;
                j++;
                continue;
            }

            uint left = olds[i].UidAt(a), right = news[j].UidAt(b);
            if (left == right)
            {
                if (news[j].ModSeqAt(b) > olds[i].ModSeqAt(a))
                    changed.Add(new Uid(left));
            }
            else if (left < right)
            {
                vanished.Add(new Uid(left));
            }
            else
            {
                arrived.Add(new Uid(right));
            }

            if (left <= right)
                Step(olds, ref i, ref a);
            if (right <= left)
                Step(news, ref j, ref b);
        }

        for (; i < olds.Length; Step(olds, ref i, ref a))
            vanished.Add(new Uid(olds[i].UidAt(a)));
        for (; j < news.Length; Step(news, ref j, ref b))
            arrived.Add(new Uid(news[j].UidAt(b)));
        return new(vanished.ToSet(), arrived.ToSet(), changed.ToSet());
    }

    private static void Step(ReadOnlySpan<Chunk> chunks, ref int chunk, ref int at)
    {
        if (++at < chunks[chunk].Count)
            return;
        at = 0;
        chunk++;
    }
}
