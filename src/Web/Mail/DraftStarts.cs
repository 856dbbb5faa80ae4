using System.Globalization;
using System.Net;
using Microsoft.Extensions.Localization;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Web.Components;
using Webmail.Web.Localization;
using Webmail.Web.Settings;

namespace Webmail.Web.Mail;

/// <summary>How a compose window begins: empty, from a mailto: address, from a draft, or as the answer to a message.</summary>
internal sealed class DraftStarts(IMailStore store, IDirectory directory, Drafts drafts, IStringLocalizer<Words> words)
{
    /// <exception cref="MailException">NotFound: the draft or the message is gone</exception>
    public async Task<DraftStart> BeginAsync(Principal principal, string kind, string? of, Preferences preferences, CancellationToken ct)
    {
        var addresses = (await directory.AddressesOfAsync(principal, ct)).Select(a => a.ToString()).ToList();
        var blank = new DraftStart(null, "new", null, addresses.Count > 0 ? addresses[0] : principal.Address.ToString(), addresses, [], [], [], "", false, "", "", []);
        if (kind == "new")
            return of is null ? blank : Mailto(blank, of);
        var mail = store.For(principal);
        if (await Drafts.FindAsync(mail, of, ct) is not { } key)
            throw new MailException(MailError.NotFound, "No such message");
        var rows = await mail.Messages.ReadRowsAsync(key.Box, [key.Uid], ct);
        var bodies = await mail.Messages.ReadBodiesAsync(key.Box, [key.Uid], ct);
        if (rows.Count == 0 || bodies.Count == 0)
            throw new MailException(MailError.NotFound, "No such message");
        var source = new Source(key, EnvelopeView.Read(rows[0].Envelope.Span), rows[0].SentAt, await MessageView.ReadAsync(bodies[0].Body, ct));
        return kind == "draft" ? Draft(blank, source) : await AnswerAsync(principal, blank, source, kind, preferences, ct);
    }

    private sealed record Source(MessageKey Key, EnvelopeView Envelope, DateTimeOffset? SentAt, MessageView View)
    {
        public string? UrlOf(string cid) =>
            View.Files.Any(f => string.Equals(f.ContentId, cid, StringComparison.Ordinal)) ? $"/content/{Key.Box}/{Key.Uid}/cid/{Uri.EscapeDataString(cid)}" : null;

        public string Html => string.Concat(View.Texts.Select(t =>
            t.IsHtml ? SafeHtml.ForWriting(t.Content, UrlOf) ?? Lines(t.Content) : Lines(t.Content)));

        private static string Lines(string text) => string.Concat(text.TrimEnd().Split('\n').Select(l => $"<div>{(l.Trim('\r').Length == 0 ? "<br>" : WebUtility.HtmlEncode(l.Trim('\r')))}</div>"));
    }

    private static DraftStart Draft(DraftStart blank, Source source)
    {
        var from = source.Envelope.From.Count > 0 ? source.Envelope.From[0].Address : blank.From;
        var (kind, of) = source.View.Header.DraftOrigin;
        return blank with
        {
            Key = source.Key.ToString(),
            Kind = kind ?? "new",
            Of = of,
            From = blank.Addresses.Contains(from, StringComparer.OrdinalIgnoreCase) ? from : blank.From,
            To = Drafts.Typed(source.Envelope.To),
            Cc = Drafts.Typed(source.Envelope.Cc),
            Bcc = Drafts.Typed(source.Envelope.Bcc),
            Subject = source.Envelope.Subject,
            IsPlain = !source.View.HasHtml,
            Html = source.View.HasHtml ? source.Html : "",
            Text = source.View.HasHtml ? "" : source.View.PlainText.TrimEnd(),
            Attachments = Drafts.FilesOf(source.View),
        };
    }

    private async Task<DraftStart> AnswerAsync(Principal principal, DraftStart blank, Source source, string kind, Preferences preferences, CancellationToken ct)
    {
        var envelope = source.Envelope;
        var mine = blank.Addresses.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var isMine = envelope.From.Any(p => mine.Contains(p.Address));
        var replyTo = envelope.ReplyTo.Count > 0 ? envelope.ReplyTo : envelope.From;
        // An answer to what I sent myself goes to those whom I sent it to.
        var to = kind == "forward" ? [] : isMine ? envelope.To : replyTo;
        var others = envelope.To.Concat(envelope.Cc).Where(p => !mine.Contains(p.Address)).ExceptBy(to.Select(p => p.Address), p => p.Address, StringComparer.OrdinalIgnoreCase);
        var start = blank with
        {
            Kind = kind,
            Of = source.Key.ToString(),
            From = envelope.To.Concat(envelope.Cc).Select(p => p.Address).FirstOrDefault(a => mine.Contains(a)) ?? blank.From,
            To = Names(to),
            Cc = kind == "reply-all" ? Names([.. others.DistinctBy(p => p.Address, StringComparer.OrdinalIgnoreCase)]) : [],
            Subject = Prefixed(envelope.Subject, kind == "forward" ? "Fwd: " : "Re: "),
            IsPlain = !source.View.HasHtml,
        };
        start = start.IsPlain ? start with { Text = QuotedText(source, kind, preferences) } : start with { Html = QuotedHtml(source, kind, preferences) };
        return await WithFilesAsync(principal, start, source, kind, ct);
    }

    /// <summary>Files that go along (all when forwarding, shown pictures when answering) make it a draft at once: from there on they are like any other.</summary>
    private async Task<DraftStart> WithFilesAsync(Principal principal, DraftStart start, Source source, string kind, CancellationToken ct)
    {
        var along = source.View.Files.Where(f => kind == "forward" || f.IsInline).ToList();
        if (along.Count == 0)
            return start;
        var fields = new DraftFields(null, start.Kind, start.Of, start.From, start.To, start.Cc, start.Bcc, start.Subject, start.IsPlain, start.Html, start.Text, null);
        var saved = await drafts.SaveWithAsync(principal, fields, source.View, along, ct);
        return start with { Key = saved.Key, Attachments = saved.Attachments };
    }

    private string Introduction(Source source, Preferences preferences)
    {
        var who = source.Envelope.From.Count > 0 ? source.Envelope.From[0].ToString() : "";
        return source.SentAt is { } at ? words["On {0}, {1} wrote:", Amount.Long(preferences.ToLocal(at)), who] : words["{0} wrote:", who];
    }

    private (string Name, string Value)[] Head(Source source, Preferences preferences) =>
    [
        (words["From"], string.Join(", ", Names(source.Envelope.From))),
        (words["Date"], source.SentAt is { } at ? Amount.Long(preferences.ToLocal(at)) : ""),
        (words["Subject"], source.Envelope.Subject),
        (words["To"], string.Join(", ", Names(source.Envelope.To))),
        (words["Cc"], string.Join(", ", Names(source.Envelope.Cc))),
    ];

    private string QuotedHtml(Source source, string kind, Preferences preferences)
    {
        if (kind != "forward")
            return $"<div><br></div><div>{WebUtility.HtmlEncode(Introduction(source, preferences))}</div><blockquote type=\"cite\">{source.Html}</blockquote>";
        var lines = Head(source, preferences).Where(h => h.Value.Length > 0).Select(h => $"<div><b>{WebUtility.HtmlEncode(h.Name)}:</b> {WebUtility.HtmlEncode(h.Value)}</div>");
        return $"<div><br></div><div>{WebUtility.HtmlEncode(words["---------- Forwarded message ----------"])}</div>{string.Concat(lines)}<div><br></div><section>{source.Html}</section>";
    }

    private string QuotedText(Source source, string kind, Preferences preferences)
    {
        var text = source.View.PlainText.TrimEnd();
        if (kind != "forward")
            return "\n\n" + Introduction(source, preferences) + "\n" + string.Join('\n', text.Split('\n').Select(l => (l.StartsWith('>') ? ">" : "> ") + l.TrimEnd('\r')));
        var lines = Head(source, preferences).Where(h => h.Value.Length > 0).Select(h => $"{h.Name}: {h.Value}");
        return $"\n\n{words["---------- Forwarded message ----------"]}\n{string.Join('\n', lines)}\n\n{text}";
    }

    private static DraftStart Mailto(DraftStart blank, string url)
    {
        if (!url.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
            return blank;
        var question = url.IndexOf('?', StringComparison.Ordinal);
        var query = question < 0 ? [] : Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(url[question..]);
        string[] List(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        string Value(string name) => query.FirstOrDefault(q => q.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value.ToString();
        return blank with
        {
            To = [.. List(Uri.UnescapeDataString(question < 0 ? url[7..] : url[7..question])), .. List(Value("to"))],
            Cc = List(Value("cc")),
            Bcc = List(Value("bcc")),
            Subject = Value("subject"),
            IsPlain = Value("body").Length > 0,
            Text = Value("body").ReplaceLineEndings("\n"),
        };
    }

    private static string[] Names(IReadOnlyList<MailPerson> people) => [.. people.Select(p => p.ToString())];

    private static string Prefixed(string subject, string prefix)
    {
        var isThere = subject.StartsWith(prefix.Trim(), true, CultureInfo.InvariantCulture) || prefix == "Fwd: " && subject.StartsWith("Fw:", StringComparison.OrdinalIgnoreCase);
        return isThere ? subject : prefix + subject;
    }
}
