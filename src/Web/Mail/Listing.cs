using System.Runtime.CompilerServices;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Web.Mail;

/// <summary>
/// What the list shows and in which order: newest received first. Holds positions into snapshots and no rows; a whole mailbox that already stands in
/// the order of arrival (nearly every one) costs nothing, however large. Immutable.
/// </summary>
public sealed class Listing
{
    public static readonly Listing Empty = new([], [], 0);

    private static readonly ConditionalWeakTable<MailboxSnapshot, StrongBox<long[]?>> Orders = [];

    private readonly MailboxSnapshot[] _boxes;
    private readonly long[]? _order; // box index in the upper, position in the lower half; null: the one box, last entry first

    private Listing(MailboxSnapshot[] boxes, long[]? order, int count)
    {
        _boxes = boxes;
        _order = order;
        Count = count;
    }

    public int Count { get; }

    public IReadOnlyList<MailboxSnapshot> Boxes => _boxes;

    public (MessageKey Key, IndexEntry Entry) this[int index]
    {
        get
        {
            var at = _order is null ? Count - 1 - index : _order[index];
            var box = _boxes[(int)(at >> 32)];
            var entry = box[(int)(at & 0xFFFF_FFFF)];
            return (new(box.Id, entry.Uid), entry);
        }
    }

    /// <summary>Every message of a mailbox.</summary>
    public static Listing Of(MailboxSnapshot box) => new([box], Orders.GetValue(box, b => new(OrderOf(b))).Value, box.Count);

    /// <summary>Those messages of a mailbox that pass.</summary>
    public static Listing Of(MailboxSnapshot box, Func<IndexEntry, bool> passes)
    {
        var found = new List<long>();
        for (var i = 0; i < box.Count; i++)
        {
            if (passes(box[i]))
                found.Add(i);
        }

        return Sorted([box], found);
    }

    /// <summary>The found messages of several mailboxes in one list.</summary>
    public static Listing Of(IReadOnlyList<(MailboxSnapshot Box, UidSet Uids)> parts)
    {
        var found = new List<long>();
        for (var b = 0; b < parts.Count; b++)
        {
            foreach (var uid in parts[b].Uids)
            {
                if (parts[b].Box.Find(uid) is var position and >= 0)
                    found.Add(((long)b << 32) | (uint)position);
            }
        }

        return Sorted([.. parts.Select(p => p.Box)], found);
    }

    /// <summary>Where a message stands, or -1.</summary>
    public int IndexOf(MessageKey key)
    {
        var b = Array.FindIndex(_boxes, x => x.Id == key.Box);
        if (b < 0 || _boxes[b].Find(key.Uid) is not (var position and >= 0))
            return -1;
        return _order is null ? Count - 1 - position : Array.IndexOf(_order, ((long)b << 32) | (uint)position);
    }

    private static long[]? OrderOf(MailboxSnapshot box)
    {
        for (var i = 1; i < box.Count; i++)
        {
            if (box[i].Received < box[i - 1].Received)
                return Sorted([box], [.. Enumerable.Range(0, box.Count).Select(p => (long)p)])._order;
        }

        return null;
    }

    private static Listing Sorted(MailboxSnapshot[] boxes, List<long> found)
    {
        var order = found.ToArray();
        var keys = new (long Received, long Position)[order.Length];
        for (var i = 0; i < order.Length; i++)
            keys[i] = (-boxes[(int)(order[i] >> 32)][(int)(order[i] & 0xFFFF_FFFF)].Received, -(order[i] & 0xFFFF_FFFF));
        Array.Sort(keys, order);
        return new(boxes, order, order.Length);
    }
}
