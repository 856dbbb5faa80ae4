using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Fetch;

/// <summary>
/// Answers one FETCH. Messages go in pages: a page's rows and bodies are read in one round trip each, the next page is read while this one is written,
/// and nothing of the database is held meanwhile. What a page may weigh is bounded, and so is what waits for a slow client.
/// </summary>
internal sealed class FetchRun(ImapSession session, SelectedMailbox box, IReadOnlyList<FetchItem> items, ModSeq? changedSince)
{
    private const int PageRows = 500;

    /// <summary>Octets of bodies in a page; a larger body is a page of its own.</summary>
    private const long PageOctets = 2 * 1024 * 1024;

    private static readonly TimeSpan ClientTime = TimeSpan.FromMinutes(30);

    private readonly FetchNeeds _needs = NeedsOf(items);
    private readonly bool _setsSeen = !box.IsReadOnly && box.Rights.Has(MailboxRights.KeepSeen) && items.Any(static item => item.SetsSeen);
    private readonly bool _hasFlags = items.Any(static item => item is FlagsItem);
    private readonly bool _hasModSeq = items.Any(static item => item is ModSeqItem);
    private readonly FetchMessage _message = new(session.Keywords);
    private readonly MailboxSnapshot _newest = box.Newest;
    private int _newestIndex;

    /// <summary>A message number was asked for whose message is gone.</summary>
    public bool SawGhosts { get; private set; }

    /// <summary>A message was left out because a part's transfer encoding is unknown.</summary>
    public bool SawUnknownEncoding { get; private set; }

    private readonly record struct Wanted(int Position, IndexEntry Entry);

    /// <param name="Bodies">Whole messages, or their headers where nothing else of them is asked for.</param>
    private sealed record Page(List<Wanted> Messages, IReadOnlyList<MessageRow>? Rows, IReadOnlyList<(Uid Uid, MessageBody Body)>? Bodies);

    /// <summary>Who has the body has the header.</summary>
    private static FetchNeeds NeedsOf(IReadOnlyList<FetchItem> items)
    {
        var needs = items.Aggregate(FetchNeeds.Index, static (needs, item) => needs | item.Needs);
        return (needs & FetchNeeds.Body) != FetchNeeds.Index ? needs & ~FetchNeeds.Header : needs;
    }

    private bool Needs(FetchNeeds need) => (_needs & need) != FetchNeeds.Index;

    public async ValueTask WriteAsync(Positions positions, CancellationToken ct)
    {
        if (_needs == FetchNeeds.Index)
        {
            await WriteIndexAsync(positions, ct);
            return;
        }

        using var wanted = Walk(positions).GetEnumerator();
        var more = wanted.MoveNext();
        var next = more ? ReadAsync(Take(wanted, ref more), ct) : null;
        while (next is not null)
        {
            var page = await next;
            next = more ? ReadAsync(Take(wanted, ref more), ct) : null;
            try
            {
                session.Wire.SetTimeout(ClientTime);
                await WritePageAsync(page, ct);
            }
            catch
            {
                if (next is not null)
                    await next.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                throw;
            }
        }
    }

    private async ValueTask WriteIndexAsync(Positions positions, CancellationToken ct)
    {
        var writer = session.Out;
        foreach (var (position, entry) in Walk(positions))
        {
            _message.Set(entry, box.IsRecent(entry.Uid));
            writer.FetchHead(position, entry.Uid);
            for (var i = 0; i < items.Count; i++)
            {
                if (i > 0)
                    writer.Raw(" "u8);
                items[i].Write(_message, writer);
            }

            writer.Raw(")\r\n"u8);
            await writer.FlushIfLargeAsync(ct);
        }
    }

    /// <summary>The messages at these positions, with their flags as of now.</summary>
    private IEnumerable<Wanted> Walk(Positions positions)
    {
        var fresh = !ReferenceEquals(_newest, box.View.Messages);
        foreach (var (first, last) in positions.Ranges)
        {
            for (var position = first; position <= last; position++)
            {
                if (box.View.Get(position, out var entry))
                {
                    SawGhosts = true;
                    continue;
                }

                if (fresh && Fresh(entry.Uid, out var now))
                    entry = now;
                if (changedSince is not { } since || entry.ModSeq > since)
                    yield return new(position, entry);
            }
        }
    }

    /// <summary>Looks a message up in the newest snapshot; cheap when asked in ascending order.</summary>
    private bool Fresh(Uid uid, out IndexEntry entry)
    {
        if (_newestIndex < _newest.Count)
        {
            entry = _newest[_newestIndex];
            if (entry.Uid == uid)
            {
                _newestIndex++;
                return true;
            }
        }

        var index = _newest.Find(uid);
        entry = index < 0 ? default : _newest[index];
        _newestIndex = index < 0 ? ~index : index + 1;
        return index >= 0;
    }

    private List<Wanted> Take(IEnumerator<Wanted> wanted, ref bool more)
    {
        var page = new List<Wanted>();
        long octets = 0;
        var bodies = Needs(FetchNeeds.Body);
        do
        {
            var message = wanted.Current;
            octets += bodies ? message.Entry.Size : 0;
            if (page.Count == PageRows || (page.Count > 0 && octets > PageOctets))
                return page;
            page.Add(message);
            more = wanted.MoveNext();
        }
        while (more);
        return page;
    }

    private async Task<Page> ReadAsync(List<Wanted> messages, CancellationToken ct)
    {
        var uids = new Uid[messages.Count];
        for (var i = 0; i < uids.Length; i++)
            uids[i] = messages[i].Entry.Uid;
        var rows = Needs(FetchNeeds.Row) ? await box.Mail.Messages.ReadRowsAsync(box.Id, uids, ct) : null;
        var bodies = Needs(FetchNeeds.Body) ? await box.Mail.Messages.ReadBodiesAsync(box.Id, uids, ct)
            : Needs(FetchNeeds.Header) ? await box.Mail.Messages.ReadHeadersAsync(box.Id, uids, ct)
            : null;
        return new(messages, rows, bodies);
    }

    private async ValueTask WritePageAsync(Page page, CancellationToken ct)
    {
        var seen = _setsSeen ? await SetSeenAsync(page, ct) : null;
        int row = 0, body = 0;
        foreach (var (position, entry) in page.Messages)
        {
            var thisRow = page.Rows is null ? null : RowOf(page.Rows, entry.Uid, ref row);
            var thisBody = page.Bodies is null ? null : BodyOf(page.Bodies, entry.Uid, ref body);
            if ((page.Rows is not null && thisRow is null) || (page.Bodies is not null && thisBody is null))
            {
                // Expunged since the command began: the client will be told.
                SawGhosts = true;
                continue;
            }

            var now = entry;
            var flagsChanged = seen is not null && seen.Changed.Contains(entry.Uid);
            if (flagsChanged && seen!.Snapshot.Find(entry.Uid) is var index and >= 0)
                now = seen.Snapshot[index];
            if (Needs(FetchNeeds.Body))
                _message.Set(now, box.IsRecent(now.Uid), thisRow, body: thisBody);
            else
                _message.Set(now, box.IsRecent(now.Uid), thisRow, header: thisBody);
            await WriteOneAsync(position, flagsChanged, ct);
        }
    }

    private async ValueTask WriteOneAsync(int position, bool flagsChanged, CancellationToken ct)
    {
        foreach (var item in items)
        {
            if (await item.PrepareAsync(_message, ct))
                continue;
            SawUnknownEncoding = true;
            return;
        }

        var writer = session.Out;
        writer.IsMidLine = true;
        writer.FetchHead(position, _message.Entry.Uid);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                writer.Raw(" "u8);
            await items[i].WriteAsync(_message, writer, ct);
        }

        // RFC 3501 section 6.4.5: flags that change because of the FETCH are part of its answer.
        if (flagsChanged && !_hasFlags)
        {
            writer.Raw(" "u8);
            FlagsItem.Instance.Write(_message, writer);
        }

        if (flagsChanged && session.IsCondstore && !_hasModSeq)
        {
            writer.Raw(" "u8);
            ModSeqItem.Instance.Write(_message, writer);
        }

        writer.Raw(")\r\n"u8);
        writer.IsMidLine = false;
        await writer.FlushIfLargeAsync(ct);
    }

    /// <summary>One change for all messages of the page that were unseen.</summary>
    private async ValueTask<FlagsChanged?> SetSeenAsync(Page page, CancellationToken ct)
    {
        var unseen = new UidSet.Builder();
        var body = 0;
        foreach (var (_, entry) in page.Messages)
        {
            if (!entry.Flags.Has(FlagSet.Seen) && (page.Bodies is null || BodyOf(page.Bodies, entry.Uid, ref body) is not null))
                unseen.Add(entry.Uid);
        }

        var uids = unseen.ToSet();
        if (uids.IsEmpty)
            return null;
        var changed = await box.Mail.Messages.ChangeFlagsAsync(box.Id, uids, new(FlagOperation.Add, FlagSet.Seen), null, ct);
        box.Told(changed.Changed, changed.ModSeq);
        return changed;
    }

    private static MessageRow? RowOf(IReadOnlyList<MessageRow> rows, Uid uid, ref int at)
    {
        while (at < rows.Count && rows[at].Uid < uid)
            at++;
        return at < rows.Count && rows[at].Uid == uid ? rows[at] : null;
    }

    private static MessageBody? BodyOf(IReadOnlyList<(Uid Uid, MessageBody Body)> bodies, Uid uid, ref int at)
    {
        while (at < bodies.Count && bodies[at].Uid < uid)
            at++;
        return at < bodies.Count && bodies[at].Uid == uid ? bodies[at].Body : null;
    }
}
