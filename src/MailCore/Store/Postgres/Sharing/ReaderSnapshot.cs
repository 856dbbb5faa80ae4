using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres.Sharing;

/// <summary>
/// A mailbox as one reader who isn't its owner sees it: the snapshot that all share, with the reader's own \Seen. Both are of one moment, so that nothing at
/// or below <see cref="HighestModSeq"/> is missing.
/// </summary>
internal sealed class ReaderSnapshot(Snapshot shared, ReaderSeen seen) : MailboxSnapshot
{
    private int? _unseen;

    /// <summary>With the owner's \Seen.</summary>
    public Snapshot Shared => shared;

    public ReaderSeen Seen => seen;

    public override MailboxId Id => shared.Id;

    public override uint UidValidity => shared.UidValidity;

    public override Uid UidNext => shared.UidNext;

    public override ModSeq HighestModSeq => new(Math.Max(shared.State.ModSeq, seen.ModSeq));

    public override int KeywordCount => shared.KeywordCount;

    public override int Count => shared.Count;

    public override int Unseen => _unseen ??= CountUnseen();

    public override IndexEntry this[int position] => Own(shared[position]);

    public override int Find(Uid uid) => shared.Find(uid);

    public override int FirstUnseen
    {
        get
        {
            var position = 0;
            while (position < shared.Count)
            {
                if (!seen.TryFind(shared[position].Uid.Value, out var run) || !run.IsSeen)
                    return position;
                position = run.Last == uint.MaxValue ? shared.Count : AtOrAfter(run.Last + 1);
            }

            return -1;
        }
    }

    public override MailboxDelta Since(MailboxSnapshot older)
    {
        if (older is not ReaderSnapshot before)
            throw new ArgumentException("Not an older snapshot of this reader", nameof(older));
        var delta = shared.Since(before.Shared);
        var mine = seen.ChangedSince(before.Seen.ModSeq);
        if (mine.IsEmpty)
            return delta;
        var there = new UidSet.Builder();
        foreach (var entry in shared.Among(mine))
            there.Add(entry.Uid);
        foreach (var range in delta.Changed.Ranges)
            there.Add(range);
        return delta with { Changed = there.ToSet().Except(delta.Arrived) };
    }

    /// <summary>Arrived or changed since, for this reader.</summary>
    public UidSet ChangedSince(long modSeq)
    {
        var changed = new UidSet.Builder();
        foreach (var range in shared.ChangedSince(modSeq).Ranges)
            changed.Add(range);
        foreach (var entry in shared.Among(seen.ChangedSince(modSeq)))
            changed.Add(entry.Uid);
        return changed.ToSet();
    }

    /// <summary>The entries of a set that are there, in ascending order.</summary>
    public IEnumerable<IndexEntry> Among(UidSet uids) => shared.Among(uids).Select(entry => Own(entry));

    public IndexEntry Own(in IndexEntry entry)
    {
        var flags = entry.Flags.Without(FlagSet.Seen);
        return seen.TryFind(entry.Uid.Value, out var run)
            ? entry with { Flags = run.IsSeen ? flags | FlagSet.Seen : flags, ModSeq = new(Math.Max(entry.ModSeq.Value, run.ModSeq)) }
            : entry with { Flags = flags };
    }

    private int CountUnseen()
    {
        var unseen = shared.Count;
        foreach (var run in seen.Runs)
        {
            if (run.IsSeen)
                unseen -= (run.Last == uint.MaxValue ? shared.Count : AtOrAfter(run.Last + 1)) - AtOrAfter(run.First);
        }

        return unseen;
    }

    private int AtOrAfter(uint uid)
    {
        var found = shared.Find(new(uid));
        return found < 0 ? ~found : found;
    }
}
