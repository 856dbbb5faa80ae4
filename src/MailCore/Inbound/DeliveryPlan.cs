using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Inbound;

/// <summary>
/// Who gets a message: each account and each outside address once, however many recipients lead there, and which recipient depends on which of
/// them, so that afterwards each can be answered for.
/// </summary>
internal sealed class DeliveryPlan
{
    private static readonly Refusal Gone = new(RefusalKind.UnknownUser, "No such user here");
    private static readonly Refusal Full = new(RefusalKind.OverQuota, "The mailbox is full");
    private static readonly Refusal Later = new(RefusalKind.Temporary, "The message could not be stored; try again later");

    private readonly List<Entry> _entries = [];
    private readonly List<LocalDelivery> _local = [];
    private readonly List<EmailAddress> _localAddresses = [];
    private readonly Dictionary<AccountId, int> _accounts = [];
    private readonly Dictionary<EmailAddress, RemoteRecipient> _remote = [];

    public IReadOnlyList<LocalDelivery> Local => _local;

    public IReadOnlyList<RemoteRecipient> Remote => [.. _remote.Values];

    public bool IsEmpty => _local.Count == 0 && _remote.Count == 0;

    public void Refuse(InboundRecipient recipient, Refusal refusal) => _entries.Add(new(recipient, [], false, refusal));

    /// <summary>A recipient elsewhere, or one that the queue is to look after.</summary>
    public void AddRemote(InboundRecipient recipient)
    {
        AddRemote(recipient, recipient.Address);
        _entries.Add(new(recipient, [], true, null));
    }

    public void AddLocal(InboundRecipient recipient, Resolution resolution)
    {
        var places = new List<int>(resolution.Local.Count);
        foreach (var target in resolution.Local)
            places.Add(PlaceOf(target));
        foreach (var address in resolution.Outside)
            AddRemote(recipient, address);
        _entries.Add(new(recipient, places, resolution.Outside.Count > 0, null));
    }

    /// <summary>
    /// Works out from what the store said which recipients were taken. <paramref name="unfinished"/> is what must go to the queue, because somebody was
    /// taken and the client will not send again: with a reply for each recipient (LMTP), only what belongs to a recipient that was taken.
    /// </summary>
    public IReadOnlyList<RecipientOutcome> Judge(DeliveryResult result, bool replyForEach, out IReadOnlyList<RemoteRecipient> unfinished)
    {
        var statuses = result.Local;
        var outcomes = new List<RecipientOutcome>(_entries.Count);
        foreach (var entry in _entries)
            outcomes.Add(new(entry.Recipient, entry.Refusal ?? JudgeOne(entry, result)));

        var open = new Dictionary<EmailAddress, RemoteRecipient>();
        var anyTaken = outcomes.Exists(o => o.Refusal is null);
        for (var i = 0; i < _entries.Count; i++)
        {
            if (!anyTaken || (replyForEach && outcomes[i].Refusal is not null))
                continue;
            Collect(_entries[i], statuses, open);
            outcomes[i] = outcomes[i] with { Refusal = null };
        }

        unfinished = [.. open.Values];
        return outcomes;
    }

    /// <summary>
    /// The outcomes when the queue could not take what was unfinished: the client must send again, though some copies are stored and come twice then. To answer
    /// for them would lose the others.
    /// </summary>
    public IReadOnlyList<RecipientOutcome> JudgeUnfinished(IReadOnlyList<RecipientOutcome> outcomes, DeliveryResult result, bool replyForEach) =>
    [
        .. outcomes.Select((outcome, i) => outcome.Refusal is null && (!replyForEach || _entries[i].Places.Exists(p => result.Local[p] != DeliveryStatus.Stored))
            ? outcome with { Refusal = Later }
            : outcome),
    ];

    /// <summary>The recipients with a copy in a mailbox here.</summary>
    public IReadOnlyList<InboundRecipient> StoredHere(IReadOnlyList<DeliveryStatus> statuses) =>
        [.. _entries.Where(e => e.Places.Exists(p => statuses[p] == DeliveryStatus.Stored)).Select(e => e.Recipient)];

    /// <summary>The same answer for everyone.</summary>
    public static IReadOnlyList<RecipientOutcome> All(IReadOnlyList<InboundRecipient> recipients, Refusal refusal) =>
        [.. recipients.Select(r => new RecipientOutcome(r, refusal))];

    private static Refusal? JudgeOne(Entry entry, DeliveryResult result)
    {
        var statuses = result.Local;
        if ((entry.HasRemote && result.Queued) || entry.Places.Exists(p => statuses[p] == DeliveryStatus.Stored))
            return null;
        if (entry.HasRemote || entry.Places.Exists(p => statuses[p] == DeliveryStatus.Failed))
            return Later;
        return entry.Places.Exists(p => statuses[p] == DeliveryStatus.OverQuota) ? Full : Gone;
    }

    private void Collect(Entry entry, IReadOnlyList<DeliveryStatus> statuses, Dictionary<EmailAddress, RemoteRecipient> open)
    {
        if (entry.Refusal is not null)
            open.TryAdd(entry.Recipient.Address, ToRemote(entry.Recipient, entry.Recipient.Address));
        foreach (var place in entry.Places)
        {
            if (statuses[place] != DeliveryStatus.Stored)
                open.TryAdd(_localAddresses[place], ToRemote(entry.Recipient, _localAddresses[place]));
        }
    }

    private int PlaceOf(LocalTarget target)
    {
        if (_accounts.TryGetValue(target.Account, out var place))
        {
            if (target.AlwaysTake)
                _local[place] = _local[place] with { Force = true };
            return place;
        }

        _accounts.Add(target.Account, _local.Count);
        _local.Add(new(target.Account, SpecialUse.None, FlagSet.None, target.AlwaysTake));
        _localAddresses.Add(target.Address);
        return _local.Count - 1;
    }

    private void AddRemote(InboundRecipient recipient, EmailAddress address) => _remote.TryAdd(address, ToRemote(recipient, address));

    private static RemoteRecipient ToRemote(InboundRecipient recipient, EmailAddress address) => new(address, recipient.Notify, recipient.Orcpt);

    private sealed record Entry(InboundRecipient Recipient, List<int> Places, bool HasRemote, Refusal? Refusal);
}
