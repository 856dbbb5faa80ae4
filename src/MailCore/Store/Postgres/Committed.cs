using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>What follows a commit, before its method returns: this node's index has it, its watchers hear it, other nodes get a hint.</summary>
internal sealed class Committed(MailboxIndex index, ChangeFeed feed)
{
    /// <summary>Messages came into mailboxes of one account.</summary>
    public async ValueTask AppendedAsync(AccountId account, IReadOnlyList<AppendRow> rows, IReadOnlyList<AppendedRow> stored)
    {
        for (var i = 0; i < stored.Count;)
        {
            // A run: the same mailbox, the same step.
            var first = stored[i];
            var entries = new List<IndexEntry>();
            for (; i < stored.Count && (stored[i].Status != AppendStatus.Stored || (stored[i].Mailbox == first.Mailbox && stored[i].Previous == first.Previous)); i++)
            {
                if (stored[i].Status == AppendStatus.Stored)
                    entries.Add(AppendBatch.Entry(rows[i], stored[i]));
            }

            if (entries.Count > 0)
                await ArrivedAsync(new(account, first.Mailbox), first.Previous, first.ModSeq, entries);
        }
    }

    /// <summary>Entries came in behind all others.</summary>
    public async ValueTask ArrivedAsync(MailboxId mailbox, long previous, long modSeq, IReadOnlyList<IndexEntry> entries)
    {
        await index.CommittedAsync(mailbox, previous, now => new(
            now.State with { ModSeq = modSeq, UidNext = entries[^1].Uid.Value + 1L }, entries, MailboxChanges.NoFlags, UidSet.Empty));
        feed.Committed(mailbox.Account, mailbox.Number, modSeq);
    }

    public async ValueTask FlagsChangedAsync(MailboxId mailbox, long previous, FlagLogEntry change)
    {
        await index.CommittedAsync(mailbox, previous, now => new(
            now.State with { ModSeq = change.ModSeq, FlagsModSeq = change.ModSeq }, [], [change], UidSet.Empty));
        feed.Committed(mailbox.Account, mailbox.Number, change.ModSeq);
    }

    public async ValueTask VanishedAsync(MailboxId mailbox, long previous, long modSeq, UidSet uids)
    {
        await index.CommittedAsync(mailbox, previous, now => new(
            now.State with { ModSeq = modSeq, FlagsModSeq = modSeq }, [], MailboxChanges.NoFlags, uids));
        feed.Committed(mailbox.Account, mailbox.Number, modSeq);
    }

    public async ValueTask MovedWithinAsync(MailboxId mailbox, long previous, long modSeq, IReadOnlyList<IndexEntry> entries, UidSet gone)
    {
        await index.CommittedAsync(mailbox, previous, now => new(
            now.State with { ModSeq = modSeq, FlagsModSeq = modSeq, UidNext = entries[^1].Uid.Value + 1L }, entries, MailboxChanges.NoFlags, gone));
        feed.Committed(mailbox.Account, mailbox.Number, modSeq);
    }

    public void MailboxGone(MailboxId mailbox, long modSeq)
    {
        index.Forget(mailbox);
        feed.Gone(mailbox.Account.Value, mailbox.Number);
        feed.Gone(mailbox.Account.Value, -mailbox.Number);
        feed.Committed(mailbox.Account, mailbox.Number, modSeq);
    }

    /// <summary>A reader's \Seen changed, or someone's rights.</summary>
    public void ReadersChanged(MailboxId mailbox, long modSeq) => feed.Committed(mailbox.Account, -mailbox.Number, modSeq);

    public void AccountChanged(AccountId account, long modSeq) => feed.Committed(account, 0, modSeq);
}
