using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Notify;

/// <summary>What a session did itself since it was last told of others' doings.</summary>
internal sealed class OwnChanges
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<(MailboxId?, string)> _annotated = [];
    private readonly Dictionary<MailboxId, (UidSet Uids, ModSeq ModSeq)> _arrived = [];

    public bool HasNames => _names.Count > 0 || _annotated.Count > 0;

    public void Add(MailboxName name) => _names.Add(name.Value);

    /// <summary>SETMETADATA.</summary>
    /// <param name="mailbox">Null: of the server.</param>
    public void Add(MailboxId? mailbox, IEnumerable<string> entries) => _annotated.UnionWith(entries.Select(entry => (mailbox, entry)));

    public bool Has(AnnotationChange change) => _annotated.Contains((change.Mailbox, change.Entry));

    public void ForgetNames()
    {
        _names.Clear();
        _annotated.Clear();
    }

    /// <summary>The name, a level above it that came into being with it, or one below that went with it.</summary>
    public bool Has(string name)
    {
        foreach (var own in _names)
        {
            if (own == name || own.StartsWith(name + MailboxName.Separator, StringComparison.Ordinal)
                || name.StartsWith(own + MailboxName.Separator, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>APPEND and COPY.</summary>
    public void Add(MailboxId mailbox, UidSet uids, ModSeq modSeq)
    {
        if (!uids.IsEmpty)
            _arrived[mailbox] = _arrived.TryGetValue(mailbox, out var before) ? (UidSet.FromRanges([.. before.Uids.Ranges, .. uids.Ranges]), modSeq) : (uids, modSeq);
    }

    /// <summary>What came into a mailbox by this session's own doing, once.</summary>
    public UidSet Take(MailboxId mailbox) => _arrived.Remove(mailbox, out var own) ? own.Uids : UidSet.Empty;

    /// <summary>All that happened in a mailbox since it had so many messages was this session's doing.</summary>
    public bool IsAll(MailboxInfo info, Uid uidNext, int messages)
    {
        if (!_arrived.TryGetValue(info.Id, out var own) || info.HighestModSeq < own.ModSeq)
            return false;
        _arrived.Remove(info.Id);
        return info.HighestModSeq == own.ModSeq && info.UidNext.Value - uidNext.Value == own.Uids.Count && info.Messages - messages == own.Uids.Count;
    }
}
