using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap;

/// <summary>
/// How one client numbers the messages of its mailbox: the snapshot that it was told of, and between its messages the ghosts, which are gone from the
/// store while the client hasn't been told (RFC 3501 section 7.4.1). A ghost keeps its message number until <see cref="Bury"/>.
/// Sequence numbers exist here and nowhere else. Positions count from 0.
/// </summary>
internal sealed class MailboxView(MailboxSnapshot messages)
{
    private Ghost[] _ghosts = [];

    private readonly record struct Ghost(int Position, IndexEntry Entry);

    public MailboxSnapshot Messages { get; private set; } = messages;

    /// <summary>EXISTS.</summary>
    public int Count => Messages.Count + _ghosts.Length;

    public bool HasGhosts => _ghosts.Length > 0;

    /// <summary>"$" (RFC 5182): by UID, so that it loses what is expunged by itself.</summary>
    public UidSet Saved { get; set; } = UidSet.Empty;

    /// <summary>The message at a position, as it was when the client was told. True: it is a ghost.</summary>
    public bool Get(int position, out IndexEntry entry)
    {
        if (_ghosts.Length == 0)
        {
            entry = Messages[position];
            return false;
        }

        var before = GhostsBefore(position);
        if (before < _ghosts.Length && _ghosts[before].Position == position)
        {
            entry = _ghosts[before].Entry;
            return true;
        }

        entry = Messages[position - before];
        return false;
    }

    /// <summary>The position of a message that still is there, or -1.</summary>
    public int PositionOf(Uid uid)
    {
        var index = Messages.Find(uid);
        return index < 0 ? -1 : PositionOfIndex(index);
    }

    /// <summary>
    /// What a client means by a set. Null: a message number that isn't there (RFC 9051 section 9, seq-number: BAD). UIDs that aren't there are
    /// no error; a range of positions may hold ghosts.
    /// </summary>
    public Positions? Resolve(NumSet set)
    {
        var ranges = new List<(int First, int Last)>(set.Ranges.Count);
        if (set.IsSaved)
        {
            foreach (var range in Saved.Ranges)
                AddUids(new(range.First, range.Last), ranges);
        }

        foreach (var range in set.Ranges)
        {
            if (set.IsUid)
            {
                AddUids(range, ranges);
                continue;
            }

            uint first = range.First == NumRange.Star ? (uint)Count : range.First, last = range.Last == NumRange.Star ? (uint)Count : range.Last;
            if (first > last)
                (first, last) = (last, first);
            if (first == 0 || last > Count)
                return null;
            ranges.Add(((int)first - 1, (int)last - 1));
        }

        return Positions.From(ranges);
    }

    /// <summary>Where those of the messages are that still are there.</summary>
    public Positions PositionsOf(UidSet uids)
    {
        var ranges = new List<(int First, int Last)>(uids.Ranges.Length);
        foreach (var range in uids.Ranges)
            AddUids(new(range.First, range.Last), ranges);
        return Positions.From(ranges);
    }

    /// <summary>The UIDs at these positions, ghosts left out.</summary>
    public UidSet UidsAt(Positions positions, out bool sawGhosts)
    {
        sawGhosts = false;
        var uids = new UidSet.Builder();
        foreach (var (first, last) in positions.Ranges)
        {
            for (var position = first; position <= last; position++)
            {
                if (Get(position, out var entry))
                    sawGhosts = true;
                else
                    uids.Add(entry.Uid);
            }
        }

        return uids.ToSet();
    }

    /// <summary>Takes a newer snapshot. What vanished becomes a ghost, what arrived stands at the end.</summary>
    public void Advance(MailboxSnapshot newer, UidSet vanished)
    {
        if (!vanished.IsEmpty)
        {
            var ghosts = new List<Ghost>(_ghosts);
            foreach (var range in vanished.Ranges)
            {
                for (var index = IndexAtOrAfter(range.First); index < Messages.Count && Messages[index] is var entry && entry.Uid.Value <= range.Last; index++)
                    ghosts.Add(new(PositionOfIndex(index), entry));
            }

            ghosts.Sort(static (a, b) => a.Position.CompareTo(b.Position));
            _ghosts = [.. ghosts];
        }

        Messages = newer;
    }

    /// <summary>
    /// Forgets the ghosts and gives their message numbers as EXPUNGE says them: each counted after the ones before it are gone.
    /// </summary>
    public IEnumerable<(int Number, Uid Uid)> Bury()
    {
        var ghosts = _ghosts;
        _ghosts = [];
        for (var i = 0; i < ghosts.Length; i++)
            yield return (ghosts[i].Position + 1 - i, ghosts[i].Entry.Uid);
    }

    private void AddUids(NumRange range, List<(int First, int Last)> into)
    {
        if (Messages.Count == 0)
            return;
        var highest = Messages[Messages.Count - 1].Uid.Value;
        uint first = range.First == NumRange.Star ? highest : range.First, last = range.Last == NumRange.Star ? highest : range.Last;
        if (first > last)
            (first, last) = (last, first);
        var from = IndexAtOrAfter(first);
        var to = last == uint.MaxValue ? Messages.Count - 1 : IndexAtOrAfter(last + 1) - 1;
        if (from <= to)
            into.Add((PositionOfIndex(from), PositionOfIndex(to)));
    }

    private int IndexAtOrAfter(uint uid)
    {
        var found = Messages.Find(new(uid));
        return found < 0 ? ~found : found;
    }

    /// <summary>How many ghosts stand before a position.</summary>
    private int GhostsBefore(int position)
    {
        int low = 0, high = _ghosts.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_ghosts[middle].Position < position)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private int PositionOfIndex(int index)
    {
        // Ghost number g stands before the message when no more than index living messages precede it: Position - g <= index, which grows with g.
        int low = 0, high = _ghosts.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_ghosts[middle].Position - middle <= index)
                low = middle + 1;
            else
                high = middle;
        }

        return index + low;
    }
}
