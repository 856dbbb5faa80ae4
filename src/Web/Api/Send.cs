using System.Net.Mime;
using System.Text.Json.Serialization;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Outbound;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.Web.SignIn;

namespace Webmail.Web.Api;

/// <param name="Content">Base64.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SendFile(string Name, string? Type, byte[] Content);

/// <summary>
/// A message to send. People are "name@example.com" or "A Name &lt;name@example.com&gt;"; From is an address of one's own, the main one unless given.
/// </summary>
/// <param name="Html">Made safe before it is sent; null: plain text only.</param>
/// <param name="SendAt">Not before then; null: now.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SendRequest(
    string? From,
    IReadOnlyList<string>? To,
    IReadOnlyList<string>? Cc,
    IReadOnlyList<string>? Bcc,
    string? Subject,
    string? Text,
    string? Html,
    string? InReplyTo,
    IReadOnlyList<SendFile>? Files,
    DateTimeOffset? SendAt,
    bool? SaveInSent);

/// <param name="TraceId">Follows the message through logs and queue.</param>
public sealed record Sent(string MessageId, Guid TraceId, IReadOnlyList<string> Recipients);

/// <summary>/api/v1/send: all or nothing. When the answer is 200, the message is on disk, in mailboxes here or in the queue; a copy is in Sent unless declined.</summary>
internal static partial class Send
{
    public static void MapSend(this IEndpointRouteBuilder api) =>
        api.MapPost("/send", SendAsync).WithTags("Send").WithSummary("Send a message").Produces<Sent>();

    private static async Task<IResult> SendAsync(
        SendRequest request, HttpContext http, Submission submission, IDirectory directory, WebmailSettings settings, TimeProvider time, ILoggerFactory log, CancellationToken ct)
    {
        var principal = http.User.Required();
        var from = request.From is null ? new(principal.DisplayName, principal.Address.ToString()) : Person(request.From);
        var sender = EmailAddress.Parse(from.Address);
        if (!await directory.OwnsAsync(principal, sender, ct))
            throw new MailException(MailError.NoPermission, $"{sender} is no address of yours");
        var message = new OutgoingMessage
        {
            From = from,
            To = People(request.To),
            Cc = People(request.Cc),
            Bcc = People(request.Bcc),
            Subject = Line(request.Subject),
            Date = time.GetUtcNow(),
            MessageId = MessageComposer.NewMessageId(sender.AsciiDomain),
            InReplyTo = Line(request.InReplyTo),
            Text = request.Text ?? "",
            Html = request.Html is null ? null : SafeHtml.ForSending(request.Html, _ => null),
            Files = [.. (request.Files ?? []).Select(File)],
        };
        var recipients = message.To.Concat(message.Cc).Concat(message.Bcc).Select(p => EmailAddress.Parse(p.Address)).Distinct().ToList();
        if (settings.Limits.Recipients > 0 && recipients.Count > settings.Limits.Recipients)
            throw new MailException(MailError.LimitReached, $"A message has at most {settings.Limits.Recipients} recipients");

        await using var spool = submission.Begin();
        await MessageComposer.WriteAsync(message, spool, ct);
        var options = new SubmissionOptions { Protocol = "HTTP", NeedsUtf8 = message.NeedsUtf8, HoldUntil = request.SendAt };
        var outcome = await submission.SubmitAsync(principal, sender, recipients, spool, options, ct);
        if (outcome.Outcomes.Any(o => o.Refusal is not null))
            return ApiErrors.Of(outcome.Outcomes);
        if (request.SaveInSent != false)
            await KeepAsync(http.Mail(), message, log.CreateLogger(typeof(Send)));
        return Results.Ok(new Sent(message.MessageId, outcome.TraceId, [.. recipients.Select(r => r.ToString())]));
    }

    /// <summary>It is sent by now: a failure here is logged, not told as one of sending.</summary>
    private static async Task KeepAsync(AccountMail mail, OutgoingMessage message, ILogger log)
    {
        try
        {
            if (await mail.Mailboxes.FindAsync(SpecialUse.Sent, CancellationToken.None) is not { } sent)
                return;
            await using var spool = mail.Blobs.Begin();
            await MessageComposer.WriteAsync(message, spool, CancellationToken.None);
            await mail.Messages.AppendAsync(sent.Id, [new(await spool.CompleteAsync(default, CancellationToken.None), FlagSet.Seen, null)], CancellationToken.None);
        }
        catch (MailException e)
        {
            LogNotKept(log, e.Error);
        }
    }

    private static List<MailPerson> People(IReadOnlyList<string>? people) => [.. (people ?? []).Select(Person)];

    /// <exception cref="MailException">Invalid</exception>
    private static MailPerson Person(string? text)
    {
        var person = Mail.Drafts.Person(text?.Trim() is { Length: > 0 and < 1000 } trimmed ? trimmed : throw new MailException(MailError.Invalid, "An address is empty or too long"));
        EmailAddress.Parse(person.Address);
        return person with { Name = Line(person.Name) };
    }

    private static string Line(string? text) => text is null || !text.Any(char.IsControl) ? text ?? "" : throw new MailException(MailError.Invalid, "A header field is one line");

    private static OutgoingFile File(SendFile file)
    {
        var type = file.Type ?? MediaTypeNames.Application.Octet;
        return ContentType(type) is null || file is not { Name.Length: > 0 and <= 250, Content: not null } || file.Name.Any(char.IsControl)
            ? throw new MailException(MailError.Invalid, "A file needs a name of one line and a media type")
            : new(file.Name, type, null, _ => new(new MemoryStream(file.Content, writable: false)));
    }

    private static Microsoft.Net.Http.Headers.MediaTypeHeaderValue? ContentType(string type) =>
        Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(type, out var parsed) && !type.Any(char.IsControl) ? parsed : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message was sent, and no copy could be kept in Sent: {Error}")]
    private static partial void LogNotKept(ILogger log, MailError error);
}
