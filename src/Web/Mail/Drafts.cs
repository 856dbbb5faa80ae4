using System.Text.RegularExpressions;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Outbound;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;

namespace Webmail.Web.Mail;

/// <summary>
/// Drafts as messages in the Drafts folder, so that every client sees them and nothing is lost with a tab, a circuit or a process. A save appends the
/// new form and then removes the one before: a crash between the two leaves both. Sending hands the message to submission, then keeps the copy in Sent.
/// </summary>
internal sealed partial class Drafts(IMailStore store, IDirectory directory, Submission submission, WebmailSettings settings, TimeProvider time, ILogger<Drafts> log)
{
    /// <summary>A file that is added; its bytes are read once.</summary>
    public sealed record Upload(string Name, string Type, Stream Content);

    private const string Unfinished = "unfinished@draft.invalid";

    private sealed record Stored(MessageKey Key, EnvelopeView Envelope, MessageView View);

    /// <exception cref="MailException">NotFound: the draft is gone; OverQuota, TooLarge</exception>
    public async Task<DraftSaved> SaveAsync(Principal principal, DraftFields fields, CancellationToken ct)
    {
        var mail = store.For(principal);
        var before = await OpenAsync(mail, fields.Key, ct);
        return await StoreAsync(mail, await MessageOfAsync(mail, principal, fields, before?.View, FilesOf(before?.View, fields.Keep), isDraft: true, ct), before?.Key, ct);
    }

    /// <summary>A first draft with files of another message.</summary>
    public async Task<DraftSaved> SaveWithAsync(Principal principal, DraftFields fields, MessageView source, IReadOnlyList<MessageFile> files, CancellationToken ct)
    {
        var mail = store.For(principal);
        var sections = files.Select(f => f.Section).ToList();
        return await StoreAsync(mail, await MessageOfAsync(mail, principal, fields, view: null, FilesOf(source, sections), isDraft: true, ct), before: null, ct);
    }

    /// <summary>The same draft with one file more.</summary>
    public async Task<DraftSaved> AttachAsync(Principal principal, string key, Upload upload, CancellationToken ct)
    {
        var mail = store.For(principal);
        var before = await OpenAsync(mail, key, ct) ?? throw new MailException(MailError.NotFound, "The draft is gone");
        var (envelope, view) = (before.Envelope, before.View);
        var fields = new DraftFields(
            key, null, null, envelope.From.Count > 0 ? envelope.From[0].Address : null, Typed(envelope.To), Typed(envelope.Cc), Typed(envelope.Bcc), envelope.Subject,
            !view.HasHtml, string.Concat(view.Texts.Where(t => t.IsHtml).Select(t => t.Content)), view.PlainText, null);
        var files = FilesOf(view, keep: null);
        files.Add(new(upload.Name, upload.Type, null, _ => new(upload.Content)));
        return await StoreAsync(mail, await MessageOfAsync(mail, principal, fields, view, files, isDraft: true, ct), before.Key, ct);
    }

    /// <summary>Sends; null when it is on its way, else why not.</summary>
    public async Task<MailCore.Inbound.RecipientOutcome?> SendAsync(Principal principal, DraftFields fields, CancellationToken ct)
    {
        var mail = store.For(principal);
        var before = await OpenAsync(mail, fields.Key, ct);
        var message = await MessageOfAsync(mail, principal, fields, before?.View, FilesOf(before?.View, fields.Keep), isDraft: false, ct);
        var recipients = message.To.Concat(message.Cc).Concat(message.Bcc).Select(p => EmailAddress.Parse(p.Address)).Distinct().ToList();
        await using (var outgoing = submission.Begin())
        {
            await MessageComposer.WriteAsync(message, outgoing, ct);
            var options = new SubmissionOptions { Protocol = "HTTP", NeedsUtf8 = message.NeedsUtf8 };
            var outcome = await submission.SubmitAsync(principal, EmailAddress.Parse(message.From.Address), recipients, outgoing, options, ct);
            if (outcome.Outcomes.FirstOrDefault(o => o.Refusal is not null) is { } refused)
                return refused;
        }

        // From here on it is sent, whatever becomes of the rest.
        await AfterSendingAsync(mail, message, fields, before);
        return null;
    }

    public async Task RemoveAsync(Principal principal, string key, CancellationToken ct)
    {
        var mail = store.For(principal);
        if (await FindAsync(mail, key, ct) is { } found && (await mail.Mailboxes.FindAsync(SpecialUse.Drafts, ct))?.Id == found.Box)
            await mail.Messages.RemoveAsync(found.Box, UidSet.Of(found.Uid), ct);
    }

    internal static IReadOnlyList<DraftFile> FilesOf(MessageView? view) =>
        [.. (view?.Files ?? []).Select(f => new DraftFile(f.Section, f.Name, f.Size, f.Type, f.IsInline))];

    internal static async Task<MessageKey?> FindAsync(AccountMail mail, string? key, CancellationToken ct) =>
        key is not null && MessageKey.TrySplit(key, out var box, out var uid) && await mail.Mailboxes.FindAsync(box, ct) is { } info ? new(info.Id, uid) : null;

    private async Task AfterSendingAsync(AccountMail mail, OutgoingMessage message, DraftFields fields, Stored? before)
    {
        try
        {
            if (await mail.Mailboxes.FindAsync(SpecialUse.Sent, CancellationToken.None) is { } sent)
            {
                await using var spool = mail.Blobs.Begin();
                await MessageComposer.WriteAsync(message, spool, CancellationToken.None);
                await mail.Messages.AppendAsync(sent.Id, [new(await spool.CompleteAsync(default, CancellationToken.None), FlagSet.Seen, null)], CancellationToken.None);
            }

            if (before is not null)
                await mail.Messages.RemoveAsync(before.Key.Box, UidSet.Of(before.Key.Uid), CancellationToken.None);
            var (kind, of) = OriginOf(fields, before?.View);
            if (await FindAsync(mail, of, CancellationToken.None) is { } about)
            {
                var flags = kind is "reply" or "reply-all" ? FlagSet.Answered : await mail.Mailboxes.KeywordBitsAsync(["$Forwarded"], CancellationToken.None);
                await mail.Messages.ChangeFlagsAsync(about.Box, UidSet.Of(about.Uid), new(FlagOperation.Add, flags), unchangedSince: null, CancellationToken.None);
            }
        }
        catch (MailException e)
        {
            LogKeptBack(e.Error);
        }
    }

    private static (string? Kind, string? Of) OriginOf(DraftFields fields, MessageView? view) =>
        fields.Kind is "reply" or "reply-all" or "forward" && fields.Of is not null ? (fields.Kind, fields.Of) : view?.Header.DraftOrigin ?? (null, null);

    private static async Task<Stored?> OpenAsync(AccountMail mail, string? key, CancellationToken ct)
    {
        if (key is null)
            return null;
        if (await FindAsync(mail, key, ct) is not { } found)
            throw new MailException(MailError.NotFound, "The draft is gone");
        var rows = await mail.Messages.ReadRowsAsync(found.Box, [found.Uid], ct);
        var bodies = await mail.Messages.ReadBodiesAsync(found.Box, [found.Uid], ct);
        return rows.Count == 0 || bodies.Count == 0
            ? throw new MailException(MailError.NotFound, "The draft is gone")
            : new(found, EnvelopeView.Read(rows[0].Envelope.Span), await MessageView.ReadAsync(bodies[0].Body, ct));
    }

    private static async Task<DraftSaved> StoreAsync(AccountMail mail, OutgoingMessage message, MessageKey? before, CancellationToken ct)
    {
        var drafts = await mail.Mailboxes.FindAsync(SpecialUse.Drafts, ct) ?? throw new MailException(MailError.NotFound, "There is no Drafts folder");
        await using var spool = mail.Blobs.Begin();
        await MessageComposer.WriteAsync(message, spool, ct);
        var complete = await spool.CompleteAsync(default, ct);
        var appended = await mail.Messages.AppendAsync(drafts.Id, [new(complete, FlagSet.Draft | FlagSet.Seen, null)], ct);
        if (before is { } old)
            await mail.Messages.RemoveAsync(old.Box, UidSet.Of(old.Uid), ct);
        return new(new MessageKey(drafts.Id, appended.Uids.First()).ToString(), FilesOf(await MessageView.ReadAsync(complete.Body, ct)));
    }

    private static List<OutgoingFile> FilesOf(MessageView? view, IReadOnlyList<string>? keep) =>
        [.. (view?.Files ?? []).Where(f => keep?.Contains(f.Section) != false)
            .Select(f => new OutgoingFile(f.Name, f.Type, f.IsInline ? f.ContentId : null, _ => new(view!.OpenPart(f.Section)!)))];

    private async Task<OutgoingMessage> MessageOfAsync(
        AccountMail mail, Principal principal, DraftFields fields, MessageView? view, IReadOnlyList<OutgoingFile> files, bool isDraft, CancellationToken ct)
    {
        var from = await FromAsync(principal, fields.From, ct);
        var (kind, of) = OriginOf(fields, view);
        var parent = kind is "reply" or "reply-all" ? await ReplyFieldsAsync(mail, of, ct) : null;
        return new()
        {
            From = new(principal.DisplayName, from.ToString()),
            To = People(fields.To, isDraft),
            Cc = People(fields.Cc, isDraft),
            Bcc = People(fields.Bcc, isDraft),
            Subject = Cut(fields.Subject ?? "", 900),
            Date = time.GetUtcNow(),
            MessageId = MessageComposer.NewMessageId(from.AsciiDomain),
            InReplyTo = parent?.MessageId ?? view?.Header.InReplyTo ?? "",
            References = parent?.References ?? view?.Header.OwnReferences ?? [],
            Text = fields.Text ?? "",
            Html = fields.IsPlain ? null : SafeHtml.ForSending(fields.Html ?? "", CidOf) ?? "",
            Files = files,
            Origin = isDraft && kind is not null && of is not null ? $"{kind} {of}" : null,
        };
    }

    private async Task<EmailAddress> FromAsync(Principal principal, string? wanted, CancellationToken ct) =>
        EmailAddress.TryParse(wanted) is { } address && await directory.OwnsAsync(principal, address, ct) ? address : principal.Address;

    private static async Task<ReplyFields?> ReplyFieldsAsync(AccountMail mail, string? of, CancellationToken ct)
    {
        if (await FindAsync(mail, of, ct) is not { } about)
            return null;
        var bodies = await mail.Messages.ReadBodiesAsync(about.Box, [about.Uid], ct);
        return bodies.Count == 0 ? null : (await MessageView.ReadAsync(bodies[0].Body, ct)).Header;
    }

    /// <summary>A draft keeps what is not an address yet, as the name of a mailbox that can't be (RFC 2606); a message to send must have addresses only.</summary>
    private List<MailPerson> People(IReadOnlyList<string>? typed, bool isDraft)
    {
        var people = new List<MailPerson>();
        foreach (var text in (typed ?? []).Select(t => t.Trim()).Where(t => t.Length is > 0 and < 1000))
        {
            var person = Person(text);
            if (EmailAddress.TryParse(person.Address) is not null)
                people.Add(person);
            else if (isDraft)
                people.Add(new(text, Unfinished));
            else
                throw new MailException(MailError.Invalid, text);
        }

        return settings.Limits.Recipients == 0 || people.Count <= settings.Limits.Recipients
            ? people
            : throw new MailException(MailError.LimitReached, "Too many recipients");
    }

    internal static MailPerson Person(string text)
    {
        if (text[^1] != '>' || text.LastIndexOf('<') is not (var open and >= 0))
            return new("", text);
        return new(text[..open].Trim().Trim('"').Replace("\\\"", "\"", StringComparison.Ordinal), text[(open + 1)..^1].Trim());
    }

    /// <summary>What was typed: the form in which a field of recipients takes people.</summary>
    internal static string[] Typed(IReadOnlyList<MailPerson> people) => [.. people.Select(p => p.Address == Unfinished ? p.Name : p.ToString())];

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    private static string? CidOf(string url) => OurPicture.Match(url) is { Success: true } match ? Uri.UnescapeDataString(match.Groups["cid"].Value) : null;

    [GeneratedRegex("^(https?://[^/]+)?/content/[A-Za-z0-9-]+/[0-9]+/cid/(?<cid>[^/?#]+)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex OurPicture { get; }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message was sent, and something behind it failed: {Error}")]
    private partial void LogKeptBack(MailError error);
}
