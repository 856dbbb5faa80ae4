using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.List;

/// <summary>What STATUS items are written from: the mailbox's row, and its index for the few that need it.</summary>
internal sealed record StatusFacts(MailboxInfo Info, MailboxSnapshot? Index, long MessageLimit);

/// <param name="NeedsIndex">The row doesn't say it.</param>
internal sealed record StatusItem(string Name, Action<StatusFacts, ImapWriter> Write, string? Capability = null, bool NeedsIndex = false)
{
    public StatusItem(string name, Func<StatusFacts, long> value, string? capability = null, bool needsIndex = false)
        : this(name, (facts, writer) => writer.Number(value(facts)), capability, needsIndex)
    {
    }
}

/// <summary>The items of STATUS (RFC 3501 section 6.3.10 and later ones).</summary>
internal static class StatusItems
{
    public static readonly NameTable<StatusItem> Table = new(
        [
            new("MESSAGES", static f => f.Info.Messages),
            new("RECENT", static f => Recent(f), needsIndex: true),
            new("UIDNEXT", static f => f.Info.UidNext.Value),
            new("UIDVALIDITY", static f => f.Info.UidValidity),
            new("UNSEEN", static f => f.Info.Unseen),
            new("HIGHESTMODSEQ", static f => f.Info.HighestModSeq.Value),
            new("SIZE", static f => f.Info.Size, "STATUS=SIZE"),
            new("DELETED", static f => f.Info.Deleted),
            new("DELETED-STORAGE", static f => DeletedStorage(f), needsIndex: true),
            new("APPENDLIMIT", static f => f.MessageLimit),
            new("MAILBOXID", static (f, writer) => writer.Write($"({f.Info.Id})")),
        ],
        static item => item.Name, "STATUS");

    public static IReadOnlyList<StatusItem> Parse(ref ImapReader r)
    {
        var items = new List<StatusItem>();
        r.Open();
        do
        {
            var item = Table.Find(r.Name(), r.Rules) ?? throw new SyntaxException("There is no such status item");
            if (!items.Contains(item))
                items.Add(item);
        }
        while (r.Take(' '));
        r.Close();
        return items;
    }

    public static async ValueTask WriteAsync(ImapSession session, AccountMail mail, MailboxInfo info, IReadOnlyList<StatusItem> items, CancellationToken ct)
    {
        var index = info.Owner is not null || items.Any(static item => item.NeedsIndex) ? await mail.Messages.OpenAsync(info.Id, ct) : null;

        // \Seen is each reader's own: the row doesn't know it.
        if (info.Owner is not null)
            info = info with { Messages = index!.Count, Unseen = index.Unseen, UidNext = index.UidNext, HighestModSeq = index.HighestModSeq };
        var facts = new StatusFacts(info, index, session.Settings.Limits.MessageSize);
        var writer = session.Out;
        writer.Write($"* STATUS {info.Name} (");
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                writer.Raw(" "u8);
            writer.Constant(items[i].Name);
            writer.Raw(" "u8);
            items[i].Write(facts, writer);
        }

        writer.Line($")");
    }

    private static long Recent(StatusFacts facts)
    {
        var index = facts.Index!.Find(facts.Info.RecentFrom);
        return facts.Info.RecentFrom.Value == 0 ? 0 : facts.Index.Count - (index < 0 ? ~index : index);
    }

    /// <summary>RFC 9208 section 4.1.4: octets of the messages marked \Deleted, in units of 1024.</summary>
    private static long DeletedStorage(StatusFacts facts)
    {
        if (facts.Info.Deleted == 0)
            return 0;
        long octets = 0;
        for (var i = 0; i < facts.Index!.Count; i++)
        {
            var entry = facts.Index[i];
            if (entry.Flags.Has(FlagSet.Deleted))
                octets += entry.Size;
        }

        return (octets + 1023) / 1024;
    }
}
