using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.Fetch;
using Webmail.Protocols.Imap.Notify;
using Webmail.Protocols.Imap.Search;

namespace Webmail.Protocols.Imap;

/// <summary>
/// The mailbox that a session has open: its numbering (<see cref="MailboxView"/>), which messages are \Recent here, and the only place that writes EXISTS,
/// RECENT, EXPUNGE and unasked FETCH. Everything runs on the session's loop but <see cref="OnChanged"/>, which the change feed calls.
/// </summary>
internal sealed class SelectedMailbox : IDisposable
{
    /// <summary>Commands in quick succession ask the database for other nodes' changes at most this often where a hint came.</summary>
    private static readonly TimeSpan AskAtMostEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>NOOP and CHECK ask at once where a hint came, and without one when this has passed: no longer than a hint may need (docs/adr/0181).</summary>
    private static readonly TimeSpan HintTime = TimeSpan.FromMilliseconds(20);

    private readonly ImapSession _session;
    private readonly IDisposable _watch;
    private readonly List<UidRange> _recent = [];
    private readonly List<(UidSet Uids, ModSeq ModSeq)> _told = [];
    private long _asked;
    private int _recentCount;
    private bool _owes;
    private volatile bool _stale;

    private SelectedMailbox(ImapSession session, AccountMail mail, MailboxInfo info, bool isReadOnly)
    {
        _session = session;
        Mail = mail;
        Id = info.Id;
        IsShared = info.Owner is not null;
        Rights = info.Rights;
        IsReadOnly = isReadOnly;
        _watch = mail.Changes.Watch(Id, OnChanged);
        View = null!;
    }

    public AccountMail Mail { get; }

    public MailboxId Id { get; }

    /// <summary>EXAMINE opened it.</summary>
    public bool IsReadOnly { get; }

    /// <summary>It is another's: what this client may do with it is asked before each command.</summary>
    public bool IsShared { get; }

    /// <summary>As of the command that runs now. Without the right to read nothing is told and nothing is done until it is given back, or the client leaves.</summary>
    public MailboxRights Rights { get; private set; }

    /// <summary>RFC 4314 section 5.2: something that all share can be changed. \Seen is not among it.</summary>
    public bool IsWritable => !IsReadOnly
        && (Rights & (MailboxRights.Insert | MailboxRights.Expunge | MailboxRights.Write | MailboxRights.DeleteMessages)) != MailboxRights.None;

    public MailboxView View { get; private set; }

    private bool KnowsRecent => !_session.IsRev2;

    /// <summary>The feed said that something changed, and nobody has looked yet.</summary>
    public bool IsStale => _stale;

    /// <summary>Set while IDLE waits, and from NOTIFY on: a change then wakes the connection.</summary>
    public bool IsWaiting { get; set; }

    public static async ValueTask<SelectedMailbox> OpenAsync(ImapSession session, AccountMail mail, MailboxInfo info, bool isReadOnly, CancellationToken ct)
    {
        // Watch first, read then: what happens between the two is seen either way.
        var box = new SelectedMailbox(session, mail, info, isReadOnly);
        try
        {
            var snapshot = await mail.Messages.OpenAsync(info.Id, ct);
            box.View = new(snapshot);
            await session.LoadKeywordsAsync(mail, info.Id, snapshot.KeywordCount, ct);
            box._asked = session.Time.GetTimestamp();
            if (box.KnowsRecent)
                await box.BeginRecentAsync(info, ct);
            return box;
        }
        catch
        {
            box.Dispose();
            throw;
        }
    }

    public bool IsRecent(Uid uid)
    {
        if (!KnowsRecent)
            return false;
        foreach (var range in _recent)
        {
            if (uid.Value >= range.First && uid.Value <= range.Last)
                return true;
        }

        return false;
    }

    /// <summary>Results that the client follows (RFC 5267).</summary>
    public UpdatingSearches Updates { get; } = new();

    public UidSet Recent => UidSet.FromRanges(_recent);

    /// <summary>What this node knows now; newer than the view where others were at work since the last command.</summary>
    public MailboxSnapshot Newest => Mail.Messages.Current(Id) ?? View.Messages;

    /// <summary>The client learns of this change from the command's own answer (or wants silence): don't send it again.</summary>
    public void Told(UidSet uids, ModSeq modSeq)
    {
        if (!uids.IsEmpty)
            _told.Add((uids, modSeq));
    }

    /// <summary>The client's own command expunged: it is told even where it listens for nothing (RFC 3501 section 6.4.3).</summary>
    public void Owes() => _owes = true;

    /// <summary>Brings the client up to date: flags, then EXPUNGE (where allowed), then EXISTS and RECENT.</summary>
    /// <param name="mayExpunge">False: what vanished keeps its number for now.</param>
    /// <param name="ask">Read the mailbox row even if nothing hints at a change.</param>
    /// <exception cref="MailException">NotFound: the mailbox was deleted</exception>
    public async ValueTask UpdateAsync(bool mayExpunge, bool ask, CancellationToken ct)
    {
        var wanted = _session.Notifier?.Selected ?? SelectedEvents.Usual;
        if (wanted.Events == NotifyEvent.None && !_owes)
        {
            _told.Clear();
            return;
        }

        if (IsShared && (ask || _stale) && !await MayReadAsync(ct))
            _stale = false;
        if (!Rights.Has(MailboxRights.Read))
            return;
        _owes = false;
        var newest = await NewestAsync(ask, ct);
        var before = _recentCount;
        if (!ReferenceEquals(newest, View.Messages))
        {
            var delta = newest.Since(View.Messages);
            await LearnKeywordsAsync(newest, delta, ct);
            await Updates.FindAsync(Mail.Messages, newest, delta, ct);
            if (wanted.Events.Has(NotifyEvent.FlagChange))
                WriteChanged(newest, delta.Changed);
            Updates.WriteLeaving(_session.Out, View);
            _told.Clear();
            var countBefore = View.Count;
            View.Advance(newest, delta.Vanished);
            var arrived = View.Count > countBefore;
            if (mayExpunge)
                WriteExpunged();
            if (arrived)
                await WriteArrivedAsync(delta.Arrived, wanted.Items, ct);
            else if (_recentCount != before)
                WriteRecent();
            await Updates.WriteComingAsync(_session.Out, View, Mail.Messages, ct);
            return;
        }

        if (mayExpunge && View.HasGhosts)
        {
            WriteExpunged();
            if (_recentCount != before)
                WriteRecent();
        }
    }

    /// <summary>Looks up what this client may do with another's mailbox, and tells it where that has changed (RFC 4314 section 5.1.1).</summary>
    public async ValueTask<bool> MayReadAsync(CancellationToken ct)
    {
        var before = Rights;
        var couldWrite = IsWritable;
        Rights = await Mail.Mailboxes.RightsAsync(Id, ct);
        if (!Rights.Has(MailboxRights.Read))
            return false;
        if (Rights.Flags() != before.Flags())
            _session.WriteKnownFlags(this);
        if (couldWrite && !IsWritable)
            _session.Out.Line($"* OK [{Code.ReadOnly}] You may only read here now");
        else if (!couldWrite && IsWritable)
            _session.Out.Line($"* OK [{Code.ReadWrite}] You may change things here now");
        return true;
    }

    /// <summary>RECENT, which IMAP4rev2 doesn't have any more (RFC 9051 appendix E, item 12).</summary>
    public void WriteRecent()
    {
        if (KnowsRecent)
            _session.Out.Line($"* {_recentCount} RECENT");
    }

    /// <summary>An untagged FETCH with the flags: the answer to STORE, or news.</summary>
    public void WriteFlags(int position, in IndexEntry entry, bool withUid)
    {
        var writer = _session.Out;
        writer.FetchHead(position, entry.Uid);
        if (SaysUid(withUid))
            writer.Write($"UID {entry.Uid} ");
        if (_session.IsCondstore)
            writer.Write($"MODSEQ ({entry.ModSeq}) ");
        writer.Line($"FLAGS ({new FlagsText(entry.Flags, IsRecent(entry.Uid), _session.Keywords)}))");
    }

    /// <summary>The answer to a silent STORE where the client syncs by modseq.</summary>
    public void WriteModSeq(int position, in IndexEntry entry, bool withUid)
    {
        _session.Out.FetchHead(position, entry.Uid);
        if (SaysUid(withUid))
            _session.Out.Write($"UID {entry.Uid} ");
        _session.Out.Line($"MODSEQ ({entry.ModSeq}))");
    }

    /// <summary>Whether an untagged FETCH says the UID: always with QRESYNC (RFC 7162 section 3.2.4) and IMAP4rev2 (RFC 9051 section 7.5.2), never beside UIDFETCH.</summary>
    public bool SaysUid(bool isAsked) => (isAsked || _session.IsQresync || _session.IsRev2) && !_session.IsUidOnly;

    public void Dispose() => _watch.Dispose();

    private void OnChanged()
    {
        _stale = true;
        if (IsWaiting)
            _session.Wire.Wake();
    }

    private async ValueTask<MailboxSnapshot> NewestAsync(bool ask, CancellationToken ct)
    {
        var passed = _session.Time.GetElapsedTime(_asked);
        if (ask ? _stale || passed >= HintTime : _stale && passed >= AskAtMostEvery)
        {
            // Cleared before the read: a hint that comes meanwhile leads to another one.
            _stale = false;
            _asked = _session.Time.GetTimestamp();
            return await Mail.Messages.OpenAsync(Id, ct);
        }

        return Newest;
    }

    private async ValueTask LearnKeywordsAsync(MailboxSnapshot newest, MailboxDelta delta, CancellationToken ct)
    {
        long bits = 0;
        foreach (var set in (ReadOnlySpan<UidSet>)[delta.Changed, delta.Arrived])
        {
            foreach (var range in set.Ranges)
            {
                var index = newest.Find(new(range.First));
                for (index = index < 0 ? ~index : index; index < newest.Count && newest[index] is var entry && entry.Uid.Value <= range.Last; index++)
                    bits |= entry.Flags.Bits;
            }
        }

        await _session.LearnKeywordsAsync(new(bits), ct);
    }

    private void WriteChanged(MailboxSnapshot newest, UidSet changed)
    {
        foreach (var range in changed.Ranges)
        {
            var index = newest.Find(new(range.First));
            for (index = index < 0 ? ~index : index; index < newest.Count && newest[index] is var entry && entry.Uid.Value <= range.Last; index++)
            {
                if (!WasTold(entry) && View.PositionOf(entry.Uid) is var position and >= 0)
                    WriteFlags(position, entry, _session.IsUidCommand || _session.Notifier is not null);
            }
        }
    }

    private bool WasTold(in IndexEntry entry)
    {
        foreach (var (uids, modSeq) in _told)
        {
            if (entry.ModSeq == modSeq && uids.Contains(entry.Uid))
                return true;
        }

        return false;
    }

    private void WriteExpunged()
    {
        var vanished = new UidSet.Builder();
        foreach (var (number, uid) in View.Bury())
        {
            if (IsRecent(uid))
                _recentCount--;
            if (_session.IsQresync || _session.IsUidOnly)
                vanished.Add(uid);
            else
                _session.Out.Line($"* {number} EXPUNGE");
        }

        if (vanished.ToSet() is { IsEmpty: false } uids)
            _session.Out.Line($"* VANISHED {uids}");
    }

    private async ValueTask WriteArrivedAsync(UidSet arrived, IReadOnlyList<FetchItem> items, CancellationToken ct)
    {
        _session.Out.Line($"* {View.Count} EXISTS");
        await ArriveRecentAsync(arrived, ct);
        var own = _session.Notifier?.Own.Take(Id) ?? UidSet.Empty;
        foreach (var (uids, what) in Updates.Fetches(arrived, own, items))
            await new FetchRun(_session, this, what, null).WriteAsync(View.PositionsOf(uids), ct);
    }

    private async ValueTask ArriveRecentAsync(UidSet arrived, CancellationToken ct)
    {
        if (!KnowsRecent)
            return;
        if (!IsReadOnly)
            AddRecent(await Mail.Messages.ClaimRecentAsync(Id, ct));
        else if (arrived.Ranges is [var first, ..])
            AddRecent(new(first.First));
        WriteRecent();
    }

    private async ValueTask BeginRecentAsync(MailboxInfo info, CancellationToken ct)
    {
        var recentFrom = IsReadOnly ? info.RecentFrom : await Mail.Messages.ClaimRecentAsync(info.Id, ct);
        if (recentFrom.Value > 0)
            AddRecent(recentFrom);
    }

    /// <summary>All messages of the view from this UID on are recent here.</summary>
    private void AddRecent(Uid from)
    {
        var last = View.Messages.UidNext.Value - 1;
        if (from.Value > last)
            return;
        if (_recent.Count > 0 && _recent[^1].Last >= from.Value)
            from = new(_recent[^1].Last + 1);
        if (from.Value > last)
            return;
        if (_recent.Count > 0 && _recent[^1].Last + 1 == from.Value)
            _recent[^1] = new(_recent[^1].First, last);
        else
            _recent.Add(new(from.Value, last));
        var index = View.Messages.Find(from);
        _recentCount += View.Messages.Count - (index < 0 ? ~index : index);
    }
}
