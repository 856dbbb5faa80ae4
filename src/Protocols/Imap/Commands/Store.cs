using System.Text;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>STORE and UID STORE (RFC 3501 section 6.4.6), with UNCHANGEDSINCE (RFC 7162 section 3.1.3).</summary>
internal sealed record Store(NumSet Messages, FlagOperation Operation, FlagNames Flags, bool IsSilent, ModSeq? UnchangedSince) : ISelectedCommand<Store>
{
    public static Verb Verb { get; } = new("STORE") { HasUidForm = true, HoldsExpunges = true };

    public static Store Parse(ref ImapReader r)
    {
        r.Space();
        var messages = r.NumSet();
        r.Space();
        ModSeq? unchangedSince = null;
        if (r.NextIs('('))
        {
            unchangedSince = Modifier(ref r);
            r.Space();
        }

        var operation = r.Take('+') ? FlagOperation.Add : r.Take('-') ? FlagOperation.Remove : FlagOperation.Replace;
        var name = r.Name();
        var silent = Ascii.EqualsIgnoreCase(name, "FLAGS.SILENT"u8);
        if (!silent && !Ascii.EqualsIgnoreCase(name, "FLAGS"u8))
            throw new SyntaxException("Only FLAGS can be stored");
        r.Space();
        var flags = r.FlagList(bareAllowed: true);
        r.End();
        return new(messages, operation, flags, silent, unchangedSince);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        if (box.View.Resolve(Messages) is not { } positions)
            return Replies.NoSuchMessage;
        if (UnchangedSince is not null)
            session.SwitchOnCondstore();
        if (box.IsReadOnly)
            return Reply.No("The mailbox is open read-only", Code.ReadOnly);
        if (!IsAllowed(box.Rights))
            return Reply.No("You may not change these flags here", Code.NoPerm);
        var uids = box.View.UidsAt(positions, out var sawGhosts);
        var modified = UidSet.Empty;
        if (!uids.IsEmpty)
        {
            var flags = await ImapSession.FlagsAsync(box.Mail, box.Id, Flags, ct);
            await session.LearnKeywordsAsync(flags, ct);
            var result = await box.Mail.Messages.ChangeFlagsAsync(box.Id, uids, new(Operation, flags), UnchangedSince, ct);
            box.Told(result.Changed, result.ModSeq);
            await WriteAsync(session, box, result, ct);
            modified = result.Modified;
        }

        if (!modified.IsEmpty)
            return Reply.Ok("Some were changed by others meanwhile", Code.Modified(Messages.IsUid ? modified : NumbersOf(box.View, modified)));

        // RFC 2180 section 4.2: who asked to be told of the result must know that some could not be changed.
        return !sawGhosts || Messages.IsLenient ? Reply.Done : IsSilent ? Reply.Ok("Done", Code.ExpungeIssued) : Replies.SomeAreGone;
    }

    /// <summary>RFC 4314 section 4: some of it may be done; the store leaves the rest.</summary>
    private bool IsAllowed(MailboxRights rights) =>
        (Operation == FlagOperation.Replace ? rights.Flags() : Flags.System & rights.Flags()) != FlagSet.None
        || (Flags.Keywords.Count > 0 && rights.Has(MailboxRights.Write))
        || (Operation != FlagOperation.Replace && Flags.System == FlagSet.None && Flags.Keywords.Count == 0);

    private async ValueTask WriteAsync(ImapSession session, SelectedMailbox box, FlagsChanged result, CancellationToken ct)
    {
        // RFC 7162 section 3.1.3: the new MODSEQ is told even to those who asked for silence.
        if (IsSilent && !session.IsCondstore)
            return;
        var snapshot = result.Snapshot;
        for (var i = 0; i < result.Changed.Ranges.Length; i++)
        {
            var range = result.Changed.Ranges[i];
            var index = snapshot.Find(new(range.First));
            for (index = index < 0 ? ~index : index; index < snapshot.Count && snapshot[index] is var entry && entry.Uid.Value <= range.Last; index++)
            {
                if (box.View.PositionOf(entry.Uid) is not (var position and >= 0))
                    continue;
                if (!IsSilent)
                    box.WriteFlags(position, entry, session.IsUidCommand);
                else
                    box.WriteModSeq(position, entry, session.IsUidCommand);
                await session.Out.FlushIfLargeAsync(ct);
            }
        }
    }

    private static ModSeq Modifier(ref ImapReader r)
    {
        r.Open();
        if (!r.TakeOption("UNCHANGEDSINCE"u8, "STORE UNCHANGEDSINCE"))
            throw new SyntaxException("There is no such modifier");
        r.Space();
        var value = new ModSeq(r.Number64());
        r.Close();
        return value;
    }

    /// <summary>Message numbers in a UidSet's clothes: it only serves to be written.</summary>
    private static UidSet NumbersOf(MailboxView view, UidSet uids)
    {
        var numbers = new UidSet.Builder();
        foreach (var uid in uids)
        {
            if (view.PositionOf(uid) is var position and >= 0)
                numbers.Add(new Uid((uint)position + 1));
        }

        return numbers.ToSet();
    }
}
