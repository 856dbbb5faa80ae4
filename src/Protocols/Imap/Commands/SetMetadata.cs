using System.Text;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.List;
using Webmail.Protocols.Imap.Metadata;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>SETMETADATA (RFC 5464 section 4.3).</summary>
/// <param name="Name">Null: the server.</param>
internal sealed record SetMetadata(MailboxName? Name, IReadOnlyList<Annotation> Annotations) : IAuthenticatedCommand<SetMetadata>
{
    private const int MaxAnnotations = 100;

    private static readonly Reply TooLarge = Reply.No("The value is too large", Code.MaxSize(IAnnotationStore.MaxValue));

    public static Verb Verb { get; } = new("SETMETADATA") { MaxLiteral = IAnnotationStore.MaxValue, TooLong = TooLarge, TakesBinary = true };

    public static SetMetadata Parse(ref ImapReader r)
    {
        r.Space();
        var name = r.MailboxOrNone();
        r.Space();
        r.Open();
        var annotations = new List<Annotation>();
        do
        {
            var entry = Entries.Parse(ref r, isWhole: true);
            r.Space();
            if (annotations.Exists(a => a.Entry == entry))
                throw new SyntaxException("An annotation is there twice");
            annotations.Add(new(entry, r.NBytes()));
            if (annotations.Count > MaxAnnotations)
                throw new SyntaxException("There are too many annotations");
        }
        while (r.Take(' '));
        r.Close();
        r.End();
        return new(name, annotations);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        if (Annotations.Any(static a => a.Value?.Length > IAnnotationStore.MaxValue))
            return TooLarge;
        MailboxInfo? info = null;
        if (Name is { } name)
        {
            if ((info = await mail.Mailboxes.FindAsync(name, ct)) is null)
                return Reply.No("There is no such mailbox", Code.NonExistent);
            if (!Entries.MayRead(info) || (Annotations.Any(static a => !a.IsPrivate) && !info.Rights.Has(MailboxRights.Write)))
                return Reply.No("You may not annotate this", Code.NoPerm);
        }
        else if (Annotations.Any(static a => a.Entry == Entries.Admin))
        {
            return Reply.No("This can't be set", Code.Cannot);
        }

        var stored = Annotations.Where(a => Name is null || a.Entry != Entries.SpecialUse).ToList();
        try
        {
            if (stored.Count < Annotations.Count && await SetUseAsync(mail, info!, ct) is { } refusal)
                return refusal;
            if (stored.Count > 0)
                await mail.Annotations.SetAsync(info?.Id, stored, ct);
        }
        catch (MailException e) when (e.Error == MailError.LimitReached)
        {
            return Reply.No("There are too many annotations", Code.MetadataTooMany);
        }

        session.Notifier?.Own.Add(info?.Id, Annotations.Select(static a => a.Entry));
        return Reply.Done;
    }

    /// <summary>RFC 6154 section 4: "\\Drafts" gives the mailbox this use, NIL takes it away.</summary>
    private async ValueTask<Reply?> SetUseAsync(AccountMail mail, MailboxInfo info, CancellationToken ct)
    {
        var value = Annotations.First(static a => a.Entry == Entries.SpecialUse).Value;
        var text = value is null ? "" : Encoding.Latin1.GetString(value).Trim();
        var use = text.Length == 0 ? SpecialUse.None : text[0] == '\\' ? SpecialUses.Find(text[1..]) : null;
        if (use is not { } wanted || info.Owner is not null)
            return Reply.No("A mailbox can't have this use", Code.Cannot);
        try
        {
            await mail.Annotations.SetUseAsync(info.Id, wanted, ct);
            return null;
        }
        catch (MailException e) when (e.Error == MailError.AlreadyExists)
        {
            return Reply.No(e.Message, Code.Cannot);
        }
    }
}
