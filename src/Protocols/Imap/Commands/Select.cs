using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.List;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>SELECT (RFC 3501 section 6.3.1).</summary>
internal sealed record Select(Opening Opening) : IAuthenticatedCommand<Select>
{
    public static Verb Verb { get; } = new("SELECT");

    public static Select Parse(ref ImapReader r) => new(Opening.Parse(ref r));

    public ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct) =>
        Opening.RunAsync(session, mail, isReadOnly: false, ct);
}

/// <summary>EXAMINE (RFC 3501 section 6.3.2).</summary>
internal sealed record Examine(Opening Opening) : IAuthenticatedCommand<Examine>
{
    public static Verb Verb { get; } = new("EXAMINE");

    public static Examine Parse(ref ImapReader r) => new(Opening.Parse(ref r));

    public ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct) =>
        Opening.RunAsync(session, mail, isReadOnly: true, ct);
}

/// <summary>What SELECT and EXAMINE share.</summary>
/// <param name="Condstore">RFC 7162 section 3.1.8.</param>
/// <param name="Resync">RFC 7162 section 3.2.5; null: not asked for.</param>
internal sealed record Opening(MailboxName Name, bool Condstore, Resync? Resync)
{
    public static Opening Parse(ref ImapReader r)
    {
        r.Space();
        var name = r.Mailbox();
        var condstore = false;
        Resync? resync = null;
        if (r.Take(' ') && !r.IsAtEnd)
        {
            r.Open();
            do
            {
                if (r.TakeOption("CONDSTORE"u8, "SELECT CONDSTORE"))
                    condstore = true;
                else if (resync is null && r.TakeOption("QRESYNC"u8, "SELECT QRESYNC"))
                    resync = Resync.Parse(ref r);
                else
                    throw new SyntaxException("There is no such parameter");
            }
            while (r.Take(' '));
            r.Close();
        }

        r.End();
        return new(name, condstore, resync);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, bool isReadOnly, CancellationToken ct)
    {
        if (Resync is not null && !session.IsQresync)
            return Reply.Bad("ENABLE QRESYNC first");

        // A failed SELECT leaves no mailbox selected (RFC 3501 section 6.3.1).
        if (session.Selected is not null)
        {
            session.Unselect();
            session.Out.Line($"* OK [{Code.Closed}] The previous mailbox is closed");
        }

        if (Condstore)
            session.SwitchOnCondstore();
        if (await mail.Mailboxes.FindAsync(Name, ct) is not { } info)
            return Reply.No("There is no such mailbox", Code.NonExistent);
        if (!info.Rights.Has(MailboxRights.Read))
            return Replies.NotAllowed(info.Rights);
        var box = await SelectedMailbox.OpenAsync(session, mail, info, isReadOnly, ct);
        session.Select(box);
        Write(session, box);
        if (session.IsRev2)
            ListLine.Write(session.Out, info, ListLine.OldName(session, info.Name));
        if (Resync is not null)
            await Resync.WriteAsync(session, box, ct);
        return box.IsWritable ? Reply.Ok("Open", Code.ReadWrite) : Reply.Ok("Open for reading", Code.ReadOnly);
    }

    private static void Write(ImapSession session, SelectedMailbox box)
    {
        var writer = session.Out;
        var messages = box.View.Messages;
        session.WriteKnownFlags(box);
        writer.Line($"* {box.View.Count} EXISTS");
        box.WriteRecent();

        // RFC 9051 appendix E, item 11, and RFC 9586 section 3.2.
        if (!session.IsRev2 && !session.IsUidOnly && messages.FirstUnseen is var unseen and >= 0)
            writer.Line($"* OK [UNSEEN {unseen + 1}] First unseen message");
        writer.Line($"* OK [UIDVALIDITY {messages.UidValidity}] UIDs are valid");
        writer.Line($"* OK [UIDNEXT {messages.UidNext}] Next UID");
        if (!session.Rules.Lacks("SELECT CONDSTORE"))
            writer.Line($"* OK [HIGHESTMODSEQ {messages.HighestModSeq}] Highest");
        if (!session.Rules.Lacks("SELECT MAILBOXID"))
            writer.Line($"* OK [{Code.MailboxId(box.Id)}] Its id");
    }
}
