using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap;

/// <summary>The QRESYNC parameter of SELECT (RFC 7162 section 3.2.5): what the client knew when it was last here.</summary>
/// <param name="Known">The UIDs that it has; null: all it may have.</param>
/// <param name="Pairs">Message numbers with the UIDs that they had then, ascending and equally many; null: not given.</param>
internal sealed record Resync(uint UidValidity, ModSeq ModSeq, UidSet? Known, (UidSet Numbers, UidSet Uids)? Pairs)
{
    public static Resync Parse(ref ImapReader r)
    {
        r.Space();
        r.Open();
        var validity = r.Number();
        r.Space();
        var modSeq = r.Number64();

        // 0 is no mod-sequence of RFC 7162, but what clients send that know none; they get everything.
        if (validity == 0)
            throw new SyntaxException("0 is no UIDVALIDITY");
        UidSet? known = null;
        (UidSet, UidSet)? pairs = null;
        if (r.Take(' '))
        {
            if (!r.NextIs('('))
                known = r.KnownUids();
            if (known is null || r.Take(' '))
                pairs = PairsOf(ref r);
        }

        r.Close();
        return new(validity, new(modSeq), known, pairs);
    }

    /// <summary>What vanished, and then the flags of what is new or changed; nothing where the mailbox is another one by now.</summary>
    public async ValueTask WriteAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        var messages = box.View.Messages;
        if (UidValidity != messages.UidValidity)
            return;
        var changes = await box.Mail.Messages.ChangesSinceAsync(messages, ModSeq, ct);
        var known = Known ?? UidSet.Range(new(1), new(uint.MaxValue));
        var vanished = changes.Vanished?.Intersect(known) ?? Vanished.Of(messages, known, SameUpTo(messages));
        if (!vanished.IsEmpty)
            session.Out.Line($"* VANISHED (EARLIER) {vanished}");
        foreach (var uid in changes.Changed.Intersect(known))
        {
            var index = messages.Find(uid);
            box.WriteFlags(index, messages[index], withUid: true);
            await session.Out.FlushIfLargeAsync(ct);
        }
    }

    /// <summary>Up to this UID nothing vanished: the last pair that still holds.</summary>
    private uint SameUpTo(MailboxSnapshot messages)
    {
        if (Pairs is not var (numbers, uids))
            return 0;
        uint same = 0;
        foreach (var (number, uid) in numbers.Zip(uids))
        {
            if (number.Value > messages.Count || messages[(int)number.Value - 1].Uid != uid)
                break;
            same = uid.Value;
        }

        return same;
    }

    private static (UidSet Numbers, UidSet Uids) PairsOf(ref ImapReader r)
    {
        if (r.Rules.IsUidOnly)
            throw ImapReader.UidRequired();
        r.Open();
        var numbers = r.KnownUids();
        r.Space();
        var uids = r.KnownUids();
        r.Close();
        return numbers.Count == uids.Count ? (numbers, uids) : throw new SyntaxException("The two sets are not of one size");
    }
}

/// <summary>What is missing where the log of the expunged doesn't reach back far enough (RFC 7162 section 5): said to be gone, whenever it went.</summary>
internal static class Vanished
{
    /// <param name="known">What the client may have.</param>
    /// <param name="sameUpTo">It has lost nothing up to this UID.</param>
    public static UidSet Of(MailboxSnapshot messages, UidSet known, uint sameUpTo)
    {
        if (messages.UidNext.Value <= 1 || sameUpTo >= messages.UidNext.Value - 1)
            return UidSet.Empty;
        var there = new UidSet.Builder();
        for (var i = 0; i < messages.Count; i++)
            there.Add(messages[i].Uid);
        var ever = UidSet.Range(new(sameUpTo + 1), new(messages.UidNext.Value - 1));
        return ever.Intersect(known).Except(there.ToSet());
    }
}
