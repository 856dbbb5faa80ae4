using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Pop3;

internal delegate ValueTask<IReadOnlyList<(Uid Uid, MessageBody Body)>> ReadMessages(MailboxId mailbox, IReadOnlyList<Uid> uids, CancellationToken ct);

/// <summary>
/// Bodies for a client that fetches one message after the other: the first is read alone, then four at a time, sixteen, sixty-four (up to 1 MiB), so that
/// the store is asked once for many. A client that jumps about pays for what it asks for only.
/// </summary>
/// <param name="read">Whole messages, or their headers.</param>
/// <param name="isWanted">Whether to read the message at a position ahead.</param>
internal sealed class ReadAhead(MailboxSnapshot box, ReadMessages read, Func<int, bool> isWanted)
{
    private const int MaxMessages = 64;
    private const long MaxOctets = 1024 * 1024;

    private readonly Dictionary<uint, MessageBody> _read = [];
    private int _last = -2;
    private int _batch = 1;

    public async ValueTask<MessageBody?> ReadAsync(int position, CancellationToken ct)
    {
        var uid = box[position].Uid;
        var isNext = position == _last + 1;
        _last = position;
        if (_read.Remove(uid.Value, out var body))
            return body;
        _read.Clear();
        _batch = isNext ? Math.Min(_batch * 4, MaxMessages) : 1;
        foreach (var (other, octets) in await read(box.Id, Choose(position), ct))
            _read[other.Value] = octets;
        return _read.Remove(uid.Value, out body) ? body : null;
    }

    private List<Uid> Choose(int position)
    {
        var uids = new List<Uid>(_batch) { box[position].Uid };
        long octets = box[position].Size;
        for (var next = position + 1; next < box.Count && uids.Count < _batch; next++)
        {
            if (!isWanted(next))
                continue;
            octets += box[next].Size;
            if (octets > MaxOctets)
                break;
            uids.Add(box[next].Uid);
        }

        return uids;
    }
}
