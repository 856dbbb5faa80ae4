using System.Collections;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Pop3;

/// <summary>
/// INBOX as it was at login (RFC 1939 section 5), with what this session wants deleted. Numbers are of the snapshot and never change; what another
/// session expunges meanwhile is still listed and can no longer be retrieved. Messages that were retrieved become \Seen at the end of the session, as
/// IMAP and the web show them (docs/adr/0042).
/// </summary>
internal sealed class Maildrop
{
    private readonly AccountMail _mail;
    private readonly MailboxSnapshot _box;
    private readonly ReadAhead _bodies;
    private readonly ReadAhead _headers;
    private readonly BitArray _deleted;
    private readonly BitArray _retrieved;

    public Maildrop(AccountMail mail, MailboxSnapshot box)
    {
        _mail = mail;
        _box = box;
        _deleted = new(box.Count);
        _retrieved = new(box.Count);
        _bodies = new(box, mail.Messages.ReadBodiesAsync, position => !_deleted[position]);
        _headers = new(box, mail.Messages.ReadHeadersAsync, position => !_deleted[position]);
        Reset();
    }

    public Principal Principal => _mail.Principal;

    /// <summary>The highest message number there is.</summary>
    public int Count => _box.Count;

    /// <summary>Those not marked as deleted.</summary>
    public int Messages { get; private set; }

    /// <summary>The octets of those not marked as deleted.</summary>
    public long Octets { get; private set; }

    /// <summary>The entry of a message number; null when there is none or it is marked as deleted.</summary>
    public IndexEntry? Find(int number) => number >= 1 && number <= _box.Count && !_deleted[number - 1] ? _box[number - 1] : null;

    /// <summary>Stable over sessions, and not used again after a mailbox was made anew: UIDVALIDITY and UID.</summary>
    public string UniqueId(in IndexEntry entry) => $"{_box.UidValidity}.{entry.Uid}";

    public void Delete(int number)
    {
        _deleted[number - 1] = true;
        Messages--;
        Octets -= _box[number - 1].Size;
    }

    public void Reset()
    {
        _deleted.SetAll(false);
        Messages = _box.Count;
        Octets = 0;
        for (var i = 0; i < _box.Count; i++)
            Octets += _box[i].Size;
    }

    /// <summary>The body of a message that <see cref="Find"/> knows; null when another session has removed it.</summary>
    public ValueTask<MessageBody?> ReadAsync(int number, CancellationToken ct) => _bodies.ReadAsync(number - 1, ct);

    /// <summary>The header of such a message with its empty line; null when another session has removed it.</summary>
    public ValueTask<MessageBody?> ReadHeaderAsync(int number, CancellationToken ct) => _headers.ReadAsync(number - 1, ct);

    public void Retrieved(int number) => _retrieved[number - 1] = true;

    /// <summary>The UPDATE state: removes what was marked, all or nothing. How many were still there.</summary>
    public async ValueTask<long> UpdateAsync(CancellationToken ct)
    {
        var doomed = Uids(position => _deleted[position]);
        return doomed.IsEmpty ? 0 : (await _mail.Messages.RemoveAsync(_box.Id, doomed, ct)).Uids.Count;
    }

    /// <summary>Makes \Seen what was retrieved and stays. The second time there is nothing left to do.</summary>
    public async ValueTask MarkSeenAsync(CancellationToken ct)
    {
        var seen = Uids(position => _retrieved[position] && !_deleted[position] && !_box[position].Flags.Has(FlagSet.Seen));
        _retrieved.SetAll(false);
        if (!seen.IsEmpty)
            await _mail.Messages.ChangeFlagsAsync(_box.Id, seen, new(FlagOperation.Add, FlagSet.Seen), null, ct);
    }

    private UidSet Uids(Func<int, bool> wanted)
    {
        var uids = new UidSet.Builder();
        for (var i = 0; i < _box.Count; i++)
        {
            if (wanted(i))
                uids.Add(_box[i].Uid);
        }

        return uids.ToSet();
    }
}
