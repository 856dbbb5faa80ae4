using System.Text.Json.Serialization;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Web.Mail;

namespace Webmail.Web.Api;

public sealed record Person(string Name, string Address)
{
    internal static IReadOnlyList<Person> Of(IReadOnlyList<MailPerson> people) => [.. people.Select(p => new Person(p.Name, p.Address))];
}

/// <param name="Id">Names the message in its mailbox; another one after a move.</param>
/// <param name="EmailId">Stays over moves and copies (RFC 8474).</param>
/// <param name="Date">As its header says; null: none that can be read.</param>
/// <param name="Flags">\Seen, \Flagged … and keywords.</param>
public sealed record MessageSummary(
    string Id,
    string Mailbox,
    string EmailId,
    string Thread,
    IReadOnlyList<Person> From,
    IReadOnlyList<Person> To,
    string Subject,
    DateTimeOffset? Date,
    DateTimeOffset ReceivedAt,
    long Size,
    IReadOnlyList<string> Flags,
    string Preview,
    bool HasAttachments);

/// <param name="Total">How many messages the list holds in all.</param>
/// <param name="Next">Pass as "before" for the next, older page; null: the end.</param>
public sealed record MessagePage(IReadOnlyList<MessageSummary> Items, int Total, uint? Next);

/// <param name="Url">Its octets, decoded.</param>
public sealed record MessageFileResource(string Section, string Name, string Type, long Size, string? ContentId, bool IsInline, string Url);

/// <param name="Text">As plain text, also when it came as HTML only.</param>
/// <param name="Html">Made safe: no scripts, no remote images; null when it came as plain text only.</param>
public sealed record MessageResource(
    MessageSummary Summary,
    IReadOnlyList<Person> Cc,
    IReadOnlyList<Person> Bcc,
    IReadOnlyList<Person> ReplyTo,
    string MessageId,
    string InReplyTo,
    string Text,
    string? Html,
    IReadOnlyList<MessageFileResource> Files,
    string Source);

/// <summary>Flags to add and to take away, and the mailbox to move to, by id or by name; what is null stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MessageChange(IReadOnlyList<string>? AddFlags, IReadOnlyList<string>? RemoveFlags, string? Mailbox);

/// <summary>Rows of the store as resources.</summary>
internal sealed class MessageReading(AccountMail mail, MailboxInfo box, MailboxSnapshot snapshot, KeywordTable keywords)
{
    public static async Task<MessageReading> OpenAsync(AccountMail mail, string mailbox, CancellationToken ct)
    {
        var box = await Mailboxes.FindAsync(mail, mailbox, ct);
        var snapshot = await mail.Messages.OpenAsync(box.Id, ct);
        return new(mail, box, snapshot, await mail.Mailboxes.KeywordsAsync(snapshot.KeywordCount, ct));
    }

    public MailboxInfo Box => box;

    public MailboxSnapshot Snapshot => snapshot;

    /// <summary>In the order asked for; what is gone is left out.</summary>
    public async Task<List<MessageSummary>> SummariesAsync(IReadOnlyList<Uid> uids, CancellationToken ct)
    {
        var rows = (await mail.Messages.ReadRowsAsync(box.Id, [.. uids.Order()], ct)).ToDictionary(r => r.Uid);
        return [.. uids.Where(rows.ContainsKey).Select(uid => Summary(rows[uid]))];
    }

    public MessageSummary Summary(MessageRow row)
    {
        var envelope = EnvelopeView.Read(row.Envelope.Span);
        var entry = snapshot[snapshot.Find(row.Uid)];
        return new(
            new MessageKey(box.Id, row.Uid).ToString(),
            box.Id.ToString(),
            row.Id.ToString(),
            row.Thread,
            Person.Of(envelope.From),
            Person.Of(envelope.To),
            envelope.Subject,
            row.SentAt,
            DateTimeOffset.FromUnixTimeSeconds(entry.Received).ToOffset(TimeSpan.FromMinutes(entry.ReceivedZone)),
            entry.Size,
            ApiFlags.Write(entry.Flags, keywords),
            row.Preview,
            row.HasAttachments);
    }

    public async Task<MessageResource?> MessageAsync(Uid uid, CancellationToken ct)
    {
        if (snapshot.Find(uid) < 0)
            return null;
        var rows = await mail.Messages.ReadRowsAsync(box.Id, [uid], ct);
        var bodies = await mail.Messages.ReadBodiesAsync(box.Id, [uid], ct);
        if (rows.Count == 0 || bodies.Count == 0)
            return null;
        var envelope = EnvelopeView.Read(rows[0].Envelope.Span);
        var view = await MessageView.ReadAsync(bodies[0].Body, ct);
        var url = $"/api/v1/messages/{new MessageKey(box.Id, uid)}";
        var html = string.Concat(view.Texts.Where(t => t.IsHtml).Select(t => SafeHtml.ForReading(t.Content, cid => $"{url}/cid/{Uri.EscapeDataString(cid)}", allowRemote: false)?.Html));
        return new(
            Summary(rows[0]),
            Person.Of(envelope.Cc),
            Person.Of(envelope.Bcc),
            Person.Of(envelope.ReplyTo),
            envelope.MessageId,
            envelope.InReplyTo,
            view.PlainText,
            html.Length > 0 ? html : null,
            [.. view.Files.Select(f => new MessageFileResource(f.Section, f.Name, f.Type, f.Size, f.ContentId, f.IsInline, $"{url}/files/{f.Section}"))],
            $"{url}/source");
    }
}

/// <summary>Flags as IMAP writes them.</summary>
internal static class ApiFlags
{
    private static readonly (string Name, FlagSet Flag)[] System =
    [
        ("\\Seen", FlagSet.Seen), ("\\Answered", FlagSet.Answered), ("\\Flagged", FlagSet.Flagged), ("\\Draft", FlagSet.Draft), ("\\Deleted", FlagSet.Deleted),
    ];

    public static IReadOnlyList<string> Write(FlagSet flags, KeywordTable keywords) =>
        [.. System.Where(s => flags.Has(s.Flag)).Select(s => s.Name), .. keywords.NamesIn(flags)];

    /// <exception cref="MailException">Invalid, LimitReached</exception>
    public static async ValueTask<FlagSet> ReadAsync(AccountMail mail, IReadOnlyList<string> names, CancellationToken ct)
    {
        var flags = FlagSet.None;
        var keywords = new List<string>();
        foreach (var name in names)
        {
            var system = Array.Find(System, s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (system.Name is not null)
                flags |= system.Flag;
            else if (name.StartsWith('\\'))
                throw new MailException(MailError.Invalid, $"There is no flag {name}");
            else
                keywords.Add(name);
        }

        return keywords.Count == 0 ? flags : flags | await mail.Mailboxes.KeywordBitsAsync(keywords, ct);
    }
}
