using System.Collections.Concurrent;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>
/// This node's index of open mailboxes: the newest snapshot of each, brought up to date by asking what changed. Invariants: a snapshot never goes back;
/// it is the exact state of the mailbox at its modseq, so of two the one with the higher modseq is the newer, whoever made it; a commit of this node is in it
/// before the method that made it returns. The locks guard a few fields and are never held over an await; the number of entries is bounded, and what has not been used
/// for longest is forgotten first.
/// </summary>
internal sealed class MailboxIndex(MailboxChangesReader reader, TimeProvider time)
{
    /// <summary>Some 250 MB of entries; sessions keep what they use beyond it.</summary>
    private const long MaxEntries = 4_000_000;

    private readonly ConcurrentDictionary<MailboxId, Slot> _slots = new();
    private long _entries;

    /// <summary>The newest snapshot here, without a look at the database.</summary>
    public Snapshot? Current(MailboxId id) => _slots.TryGetValue(id, out var slot) ? slot.Current : null;

    /// <summary>The mailbox as of now. All who ask while a look is under way share the next one, since the one under way may be too old for them.</summary>
    /// <exception cref="MailException">NotFound, Unavailable</exception>
    public async ValueTask<Snapshot> OpenAsync(MailboxId id, CancellationToken ct)
    {
        var slot = SlotOf(id);
        slot.LastUsed = time.GetTimestamp();
        return await LookAsync(slot).WaitAsync(ct);
    }

    /// <summary>
    /// A commit of this node took the mailbox from one modseq to another. Where the index stood right before it, it takes the change as it is; else it has a look.
    /// Nothing is done for mailboxes that are not open here.
    /// </summary>
    public async ValueTask CommittedAsync(MailboxId id, long previous, Func<Snapshot, MailboxChanges> changes)
    {
        if (!_slots.TryGetValue(id, out var slot))
            return;
        lock (slot.Gate)
        {
            // A look that is under way may be older than the commit: then there must be another.
            if (slot.Current is null && slot.Running is null)
                return;
            if (slot.Current is { } current && current.State.ModSeq == previous)
            {
                Publish(slot, SnapshotEdit.Apply(current, changes(current)));
                return;
            }
        }

        try
        {
            await LookAsync(slot);
        }
        catch (MailException)
        {
            // It is committed whatever the index says: without a snapshot the next reader loads it afresh.
            Forget(id);
        }
    }

    /// <summary>One writer of this node at a time for verbs that compare and set; across nodes the database decides. Release it.</summary>
    public SemaphoreSlim WriterOf(MailboxId id) => SlotOf(id);

    /// <summary>True when every message this node knows of is known to have been announced as \Recent: there is nothing to claim.</summary>
    public bool NothingIsRecent(MailboxId id, out Uid recentFrom)
    {
        recentFrom = default;
        if (!_slots.TryGetValue(id, out var slot) || slot.Current is not { } current || Interlocked.Read(ref slot.RecentFrom) < current.State.UidNext)
            return false;
        recentFrom = current.UidNext;
        return true;
    }

    public void Claimed(MailboxId id, long recentFrom)
    {
        if (_slots.TryGetValue(id, out var slot))
            InterlockedMax(ref slot.RecentFrom, recentFrom);
    }

    public void Forget(MailboxId id)
    {
        if (!_slots.TryRemove(id, out var slot))
            return;
        lock (slot.Gate)
            Publish(slot, null);
    }

    private Slot SlotOf(MailboxId id) => _slots.GetOrAdd(id, static (id, time) => new Slot(id, time.GetTimestamp()), time);

    private Task<Snapshot> LookAsync(Slot slot)
    {
        lock (slot.Gate)
        {
            if (slot.Running is null)
                return slot.Running = Task.Run(() => LookAndGoOnAsync(slot));
            slot.Next ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return slot.Next.Task;
        }
    }

    private async Task<Snapshot> LookAndGoOnAsync(Slot slot)
    {
        try
        {
            var read = await reader.ReadAsync(slot.Id, slot.Current, CancellationToken.None);
            if (read is null)
            {
                Forget(slot.Id);
                throw new MailException(MailError.NotFound, "The mailbox was deleted");
            }

            lock (slot.Gate)
            {
                if (slot.Current is null || slot.Current.State.ModSeq < read.State.ModSeq)
                    Publish(slot, read);
                return slot.Current!;
            }
        }
        finally
        {
            GoOn(slot);
        }
    }

    private void GoOn(Slot slot)
    {
        TaskCompletionSource<Snapshot>? next;
        lock (slot.Gate)
        {
            next = slot.Next;
            slot.Next = null;
            slot.Running = next?.Task;
        }

        if (next is not null)
            _ = Task.Run(() => CompleteAsync(slot, next));
    }

    private async Task CompleteAsync(Slot slot, TaskCompletionSource<Snapshot> next)
    {
        try
        {
            next.SetResult(await LookAndGoOnAsync(slot));
        }
        catch (Exception e)
        {
            next.SetException(e);
            // Nobody may be waiting any more.
            _ = next.Task.Exception;
        }
    }

    private void Publish(Slot slot, Snapshot? snapshot)
    {
        var entries = Interlocked.Add(ref _entries, (snapshot?.Count ?? 0) - (slot.Current?.Count ?? 0));
        slot.Current = snapshot;
        if (entries > MaxEntries && snapshot is not null)
            _ = Task.Run(Trim);
    }

    private void Trim()
    {
        foreach (var slot in _slots.Values.OrderBy(s => s.LastUsed))
        {
            if (Interlocked.Read(ref _entries) <= MaxEntries * 9 / 10)
                return;
            Forget(slot.Id);
        }
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Interlocked.Read(ref target); seen < value;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    /// <summary>One mailbox's place. As a semaphore it is the writers' turn; <see cref="Gate"/> guards the fields.</summary>
    private sealed class Slot(MailboxId id, long lastUsed) : SemaphoreSlim(1, 1)
    {
        public readonly Lock Gate = new();
        public volatile Snapshot? Current;
        public Task<Snapshot>? Running;
        public TaskCompletionSource<Snapshot>? Next;
        public long LastUsed = lastUsed;
        public long RecentFrom;

        public MailboxId Id => id;
    }
}
