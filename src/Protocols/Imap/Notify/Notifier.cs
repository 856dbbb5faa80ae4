using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.List;
using Webmail.Protocols.Imap.Metadata;

namespace Webmail.Protocols.Imap.Notify;

/// <summary>
/// What one session asked to hear of (RFC 5465), and what it has been told. News are the difference of two listings that the node reads once for all its
/// sessions: a client that doesn't read costs a reference to an old one. Everything runs on the session's loop but the two callbacks, which wake it.
/// </summary>
internal sealed class Notifier : IDisposable
{
    private readonly ImapSession _session;
    private readonly EventGroup[] _groups;
    private readonly IdleRounds.Waiter _waiter;
    private readonly IDisposable _account;
    private readonly OwnChanges _own = new();
    private IMailboxListWatch? _watch;
    private MailboxListing? _told;
    private long _serverTold;
    private int _rounds;

    private Notifier(ImapSession session, AccountMail mail, IReadOnlyList<EventGroup> groups)
    {
        _session = session;
        _groups = [.. groups.Where(static group => !group.Filter.IsSelected)];
        Selected = SelectedEvents.Of(groups);
        _waiter = session.Server.Rounds.Join(session);
        _account = mail.Changes.WatchAccount(mail.Principal, _waiter.AccountChanged);
    }

    public SelectedEvents Selected { get; }

    /// <summary>What this session did itself: it isn't told of that (RFC 5465 section 5).</summary>
    public OwnChanges Own => _own;

    public static async ValueTask<Notifier> OpenAsync(ImapSession session, AccountMail mail, IReadOnlyList<EventGroup> groups, CancellationToken ct)
    {
        var notifier = new Notifier(session, mail, groups);
        try
        {
            if (Array.Exists(notifier._groups, static group => group.Events != NotifyEvent.None))
            {
                notifier._watch = await mail.Mailboxes.WatchAsync(session.Wire.Wake, ct);
                notifier._told = notifier._watch.Current;
                notifier._serverTold = notifier._watch.Server.Count;
            }

            return notifier;
        }
        catch
        {
            notifier.Dispose();
            throw;
        }
    }

    /// <summary>STATUS of every mailbox whose messages are watched, but for the selected one (RFC 5465 section 3.1).</summary>
    public async ValueTask WriteStatusAsync(CancellationToken ct)
    {
        foreach (var info in _told?.Names ?? [])
        {
            var events = EventsOf(info.Name.Value, info.IsSubscribed);
            if (!info.IsSelectable || info.Id == _session.Selected?.Id || !events.Has(NotifyEvent.Messages))
                continue;
            _session.Out.Write($"* STATUS {info.Name} (MESSAGES {info.Messages} UIDNEXT {info.UidNext} UIDVALIDITY {info.UidValidity}");
            if (events.Has(NotifyEvent.FlagChange))
                _session.Out.Write($" UNSEEN {info.Unseen} HIGHESTMODSEQ {info.HighestModSeq}");
            _session.Out.Line($")");
            await _session.Out.FlushIfLargeAsync(ct);
        }
    }

    /// <summary>After a command that changed names: the listing is read again, so that what this session did is known apart from what others do.</summary>
    public async ValueTask CatchUpAsync(CancellationToken ct)
    {
        if (_watch is not null && _own.HasNames)
            await _watch.LookAsync(ct);
        await WriteAsync(ct);
        _own.ForgetNames();
    }

    /// <summary>Tells what is new. Costs nothing where nothing is.</summary>
    public async ValueTask WriteAsync(CancellationToken ct)
    {
        WriteServerNews();
        if (_watch is null || ReferenceEquals(_watch.Current, _told))
            return;
        var (before, now) = (_told!, _watch.Current);
        _told = now;
        foreach (var news in ListingNews.Of(before, now))
        {
            if (IsWanted(before, now, news) && !_own.Has(news.Name))
                WriteName(now, news);
            await _session.Out.FlushIfLargeAsync(ct);
        }

        WriteAnnotated(before, now);
        foreach (var info in now.Names)
        {
            if (info.IsSelectable && info.Id != _session.Selected?.Id && before.Find(info.Id) is var old && old != info)
                WriteStatus(old, info);
            await _session.Out.FlushIfLargeAsync(ct);
        }
    }

    /// <summary>Whether the account may go on; a word to the client now and then, as in IDLE.</summary>
    public async ValueTask<bool> IsCurrentAsync(CancellationToken ct)
    {
        var due = _waiter.Take();
        if (due != IdleRounds.Due.Nothing && !await _session.IsCurrentAsync(ct))
            return false;
        if (due == IdleRounds.Due.Round && ++_rounds % IdleRounds.WordEvery == 0)
            _session.Out.Line($"* OK Still here");
        return true;
    }

    public void Dispose()
    {
        _watch?.Dispose();
        _account.Dispose();
        _waiter.Dispose();
    }

    private NotifyEvent EventsOf(string name, bool isSubscribed)
    {
        var events = NotifyEvent.None;
        foreach (var group in _groups)
        {
            if (!group.Filter.Matches(name, isSubscribed))
                continue;

            // NONE: nothing of these mailboxes, whatever comes behind it.
            if (group.Events == NotifyEvent.None)
                break;
            events |= group.Events;
        }

        return events;
    }

    private bool IsWanted(MailboxListing before, MailboxListing now, NameNews news)
    {
        // Who watches what is subscribed hears of a name that was subscribed, too.
        bool was = before.IsSubscribed(news.Name), isNow = now.IsSubscribed(news.Name);
        var events = EventsOf(news.Name, was || isNow);
        if (news.OldName is { } oldName)
            events |= EventsOf(oldName, before.IsSubscribed(oldName));
        return (news.IsAffected && events.Has(NotifyEvent.MailboxName)) || (was != isNow && events.Has(NotifyEvent.SubscriptionChange));
    }

    /// <summary>RFC 5465 sections 5.4 and 5.5.</summary>
    private void WriteName(MailboxListing now, NameNews news)
    {
        if (now.Find(news.Name) is { } info)
            ListLine.Write(_session.Out, info, news.OldName);
        else
            ListLine.WriteNonExistent(_session.Out, MailboxName.Parse(news.Name), oldName: null, now.IsSubscribed(news.Name));
    }

    /// <summary>RFC 5465 sections 5.6 and 5.7: the names, mailbox by mailbox.</summary>
    private void WriteAnnotated(MailboxListing before, MailboxListing now)
    {
        foreach (var changes in now.Annotated.Where(change => change.ModSeq > before.ModSeq && !_own.Has(change)).GroupBy(static change => change.Mailbox))
        {
            var entries = changes.Select(static change => change.Entry).Distinct(StringComparer.Ordinal);
            if (changes.Key is not { } mailbox)
                WriteServer(entries);
            else if (now.Find(mailbox) is { } info && EventsOf(info.Name.Value, info.IsSubscribed).Has(NotifyEvent.MailboxMetadataChange))
                MetadataResponse.WriteNames(_session.Out, info.Name, entries);
        }
    }

    private void WriteServerNews()
    {
        if (_watch?.Server is not { } server || server.Count == _serverTold)
            return;
        var entries = server.Latest.TakeLast((int)Math.Min(server.Count - _serverTold, server.Latest.Count)).Distinct(StringComparer.Ordinal).ToList();
        _serverTold = server.Count;
        WriteServer(entries);
    }

    private void WriteServer(IEnumerable<string> entries)
    {
        if (Array.Exists(_groups, static group => group.Events.Has(NotifyEvent.ServerMetadataChange)))
            MetadataResponse.WriteNames(_session.Out, name: null, entries);
    }

    /// <summary>RFC 5465 sections 5.1 to 5.3. A mailbox that is new is told of where it has messages.</summary>
    private void WriteStatus(MailboxInfo? old, MailboxInfo info)
    {
        var events = EventsOf(info.Name.Value, info.IsSubscribed);
        var uidNext = old?.UidNext ?? new(1);
        var moved = info.UidNext != uidNext || info.Messages != (old?.Messages ?? 0);
        var hasFlags = events.Has(NotifyEvent.FlagChange);
        var flagged = hasFlags && (info.Unseen != (old?.Unseen ?? 0) || (_session.IsCondstore && info.HighestModSeq != old?.HighestModSeq && old is not null));
        if (!events.Has(NotifyEvent.Messages) || !(moved || flagged) || _own.IsAll(info, uidNext, old?.Messages ?? 0))
            return;
        var writer = _session.Out;
        writer.Write($"* STATUS {info.Name} (");
        if (moved)
            writer.Write($"MESSAGES {info.Messages} UIDNEXT {info.UidNext} ");
        if (hasFlags)
            writer.Write($"UNSEEN {info.Unseen} ");
        if (_session.IsCondstore)
            writer.Write($"HIGHESTMODSEQ {info.HighestModSeq} ");
        writer.Line($"UIDVALIDITY {info.UidValidity})");
    }
}
