using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.Web.Mail;

namespace Webmail.Web.Api;

/// <summary>/api/v1/messages: lists, reads, stores, flags, moves and deletes. A message is named as in "F1-3.42": mailbox, dot, UID.</summary>
internal static class Messages
{
    private const int MaxLimit = 500;

    public static void MapMessages(this IEndpointRouteBuilder api)
    {
        var messages = api.MapGroup("/messages").WithTags("Messages");
        messages.MapGet("/", ListAsync).WithSummary("A page of a mailbox, newest first; \"search\" as in the pages' search box (from: subject: has:attachment is:unread …)");
        messages.MapPost("/", AppendAsync).WithSummary("Store a message (message/rfc822, CRLF) in a mailbox, as it is")
            .Accepts<string>("message/rfc822").Produces<MessageSummary>(StatusCodes.Status201Created);
        messages.MapGet("/{id}", GetAsync).WithSummary("One message: people, text, safe HTML, files");
        messages.MapPatch("/{id}", ChangeAsync).WithSummary("Change flags, or move to another mailbox; gives the message as it stands then");
        messages.MapDelete("/{id}", DeleteAsync).WithSummary("Move to Trash; from there, or when asked for, delete for good").Produces(StatusCodes.Status204NoContent);
        messages.MapGet("/{id}/source", SourceAsync).WithSummary("The octets as received").Produces(StatusCodes.Status200OK, contentType: "message/rfc822");
        messages.MapGet("/{id}/files/{section}", FileAsync).WithSummary("A file, decoded").Produces(StatusCodes.Status200OK, contentType: "application/octet-stream");
        messages.MapGet("/{id}/cid/{cid}", PictureAsync).ExcludeFromDescription();
    }

    /// <param name="mailbox">Its id or its name.</param>
    /// <param name="search">Only what matches.</param>
    /// <param name="before">Only UIDs lower than this: "next" of the page before.</param>
    /// <param name="limit">At most 500.</param>
    private static async Task<MessagePage> ListAsync(string mailbox, string? search, uint? before, int? limit, HttpContext http, CancellationToken ct)
    {
        var mail = http.Mail();
        var reading = await MessageReading.OpenAsync(mail, mailbox, ct);
        var found = string.IsNullOrWhiteSpace(search) ? null : await mail.Messages.SearchAsync(reading.Snapshot, SearchText.Parse(search), ct);
        var take = Math.Clamp(limit ?? 50, 1, MaxLimit);
        var uids = new List<Uid>(take + 1);
        for (var i = Start(reading.Snapshot, before); i >= 0 && uids.Count <= take; i--)
        {
            var uid = reading.Snapshot[i].Uid;
            if (found?.Contains(uid) != false)
                uids.Add(uid);
        }

        var hasMore = uids.Count > take;
        if (hasMore)
            uids.RemoveAt(take);
        return new(await reading.SummariesAsync(uids, ct), found is null ? reading.Snapshot.Count : (int)found.Count, hasMore ? uids[^1].Value : null);
    }

    private static int Start(MailboxSnapshot snapshot, uint? before)
    {
        if (before is not { } uid)
            return snapshot.Count - 1;
        var at = snapshot.Find(new(uid));
        return (at < 0 ? ~at : at) - 1;
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, CancellationToken ct)
    {
        var (reading, uid) = await OpenAsync(http.Mail(), id, ct);
        return Results.Ok(await reading.MessageAsync(uid, ct) ?? throw Gone());
    }

    /// <param name="mailbox">Its id or its name.</param>
    /// <param name="flags">Separated by blanks.</param>
    private static async Task<IResult> AppendAsync(string mailbox, string? flags, HttpContext http, WebmailSettings settings, CancellationToken ct)
    {
        var mail = http.Mail();
        var box = await Mailboxes.FindAsync(mail, mailbox, ct);
        var set = await ApiFlags.ReadAsync(mail, (flags ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries), ct);
        await using var spool = mail.Blobs.Begin();
        await FillAsync(spool, http, settings.Limits.MessageSize, ct);
        if (spool.Length == 0)
            throw new MailException(MailError.Invalid, "The message is empty");
        var appended = await mail.Messages.AppendAsync(box.Id, [new(await spool.CompleteAsync(default, ct), set, null)], ct);
        var reading = await MessageReading.OpenAsync(mail, mailbox, ct);
        var made = (await reading.SummariesAsync([appended.Uids.First()], ct)).FirstOrDefault() ?? throw Gone();
        return Results.Created($"/api/v1/messages/{made.Id}", made);
    }

    private static async Task FillAsync(MessageSpool spool, HttpContext http, long limit, CancellationToken ct)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit > 0 ? limit : null;
        var buffer = new byte[64 * 1024];
        while (await http.Request.Body.ReadAsync(buffer, ct) is var n and > 0)
        {
            if (limit > 0 && spool.Length + n > limit)
                throw new MailException(MailError.TooLarge, $"A message has at most {limit} octets");
            await spool.WriteAsync(buffer.AsMemory(0, n), ct);
        }
    }

    private static async Task<IResult> ChangeAsync(string id, MessageChange change, HttpContext http, CancellationToken ct)
    {
        var mail = http.Mail();
        var (reading, uid) = await OpenAsync(mail, id, ct);
        var (box, set) = (reading.Box.Id, UidSet.Of(uid));
        if (change.AddFlags is { Count: > 0 } add)
            await mail.Messages.ChangeFlagsAsync(box, set, new(FlagOperation.Add, await ApiFlags.ReadAsync(mail, add, ct)), null, ct);
        if (change.RemoveFlags is { Count: > 0 } remove)
            await mail.Messages.ChangeFlagsAsync(box, set, new(FlagOperation.Remove, await ApiFlags.ReadAsync(mail, remove, ct)), null, ct);
        var target = reading.Box;
        if (change.Mailbox is { } mailbox && (target = await Mailboxes.FindAsync(mail, mailbox, ct)).Id != box)
        {
            var moved = await mail.Messages.MoveAsync(box, set, target.Id, ct);
            uid = moved.To.IsEmpty ? throw Gone() : moved.To.First();
        }

        var after = await MessageReading.OpenAsync(mail, target.Id.ToString(), ct);
        return Results.Ok((await after.SummariesAsync([uid], ct)).FirstOrDefault() ?? throw Gone());
    }

    /// <param name="permanently">Not by way of Trash.</param>
    private static async Task<IResult> DeleteAsync(string id, bool? permanently, HttpContext http, CancellationToken ct)
    {
        var mail = http.Mail();
        var (reading, uid) = await OpenAsync(mail, id, ct);
        var trash = await mail.Mailboxes.FindAsync(SpecialUse.Trash, ct);
        if (permanently == true || trash is null || trash.Id == reading.Box.Id)
            await mail.Messages.RemoveAsync(reading.Box.Id, UidSet.Of(uid), ct);
        else
            await mail.Messages.MoveAsync(reading.Box.Id, UidSet.Of(uid), trash.Id, ct);
        return Results.NoContent();
    }

    private static async Task<IResult> SourceAsync(string id, HttpContext http, CancellationToken ct) =>
        Download(http, (await BodyAsync(http, id, ct)).AsStream(), "message/rfc822", $"{id}.eml");

    private static async Task<IResult> FileAsync(string id, string section, HttpContext http, CancellationToken ct)
    {
        var view = await MessageView.ReadAsync(await BodyAsync(http, id, ct), ct);
        return view.Files.FirstOrDefault(f => f.Section.Equals(section, StringComparison.Ordinal)) is { } file && view.OpenPart(section) is { } stream
            ? Download(http, stream, "application/octet-stream", file.Name)
            : throw new MailException(MailError.NotFound, "There is no such file");
    }

    private static async Task<IResult> PictureAsync(string id, string cid, HttpContext http, CancellationToken ct)
    {
        var view = await MessageView.ReadAsync(await BodyAsync(http, id, ct), ct);
        return view.Files.FirstOrDefault(f => string.Equals(f.ContentId, cid, StringComparison.Ordinal)) is { } file && view.OpenPart(file.Section) is { } stream
            ? Download(http, stream, "application/octet-stream", file.Name)
            : throw new MailException(MailError.NotFound, "There is no such picture");
    }

    // What a sender chose is never given to a browser as something of ours.
    private static IResult Download(HttpContext http, Stream stream, string type, string name)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(name);
        http.Response.Headers.ContentDisposition = disposition.ToString();
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";
        return Results.Stream(stream, type);
    }

    private static async Task<MessageBody> BodyAsync(HttpContext http, string id, CancellationToken ct)
    {
        var mail = http.Mail();
        var (box, uid) = Split(id);
        var found = await mail.Messages.ReadBodiesAsync((await Mailboxes.FindAsync(mail, box, ct)).Id, [uid], ct);
        return found.Count > 0 ? found[0].Body : throw Gone();
    }

    private static async Task<(MessageReading Reading, Uid Uid)> OpenAsync(AccountMail mail, string id, CancellationToken ct)
    {
        var (box, uid) = Split(id);
        var reading = await MessageReading.OpenAsync(mail, box, ct);
        return reading.Snapshot.Find(uid) >= 0 ? (reading, uid) : throw Gone();
    }

    private static (string Box, Uid Uid) Split(string id) => MessageKey.TrySplit(id, out var box, out var uid) ? (box, uid) : throw Gone();

    private static MailException Gone() => new(MailError.NotFound, "There is no such message");
}
