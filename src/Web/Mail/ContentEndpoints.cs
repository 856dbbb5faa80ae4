using System.Globalization;
using System.Text;
using Microsoft.Extensions.Localization;
using Microsoft.Net.Http.Headers;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Web.Localization;
using Webmail.Web.Settings;
using Webmail.Web.SignIn;

namespace Webmail.Web.Mail;

/// <summary>
/// GET /content/{box}/{uid}/…: a message's body for the frame, its files, its source. What a sender chose (types, names, bytes) is never given to the browser as
/// something of ours: pictures that it may draw come as they are, all else as a download, each under a policy that runs nothing.
/// </summary>
internal static class ContentEndpoints
{
    /// <summary>What browsers draw and can't run: no SVG, no HTML, no PDF.</summary>
    private static readonly string[] Drawable = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"];

    public static void MapContent(this IEndpointRouteBuilder routes)
    {
        var content = routes.MapGroup("/content/{box}/{uid:long}").RequireAuthorization();
        content.MapGet("/body", BodyAsync);
        content.MapGet("/part/{section}", PartAsync);
        content.MapGet("/cid/{cid}", CidAsync);
        content.MapGet("/source", SourceAsync);
    }

    private static async Task<IResult> BodyAsync(string box, long uid, bool? images, HttpContext http, IMailStore store, IStringLocalizer<Words> words)
    {
        var allowRemote = images == true;
        var view = await ViewAsync(box, uid, http, store);
        if (view is null)
            return Results.NotFound();
        var theme = Preferences.From(http.Request).Theme;
        var html = ContentPage.Render(view, $"/content/{box}/{uid}", theme, allowRemote, words["This message has no text."], CultureInfo.CurrentUICulture.Name);
        http.Response.Headers.ContentSecurityPolicy = ContentPage.Policy(allowRemote);
        http.Response.Headers.CacheControl = "private, no-cache";
        return Results.Text(html, "text/html", Encoding.UTF8);
    }

    private static async Task<IResult> PartAsync(string box, long uid, string section, HttpContext http, IMailStore store)
    {
        var view = await ViewAsync(box, uid, http, store);
        var file = view?.Files.FirstOrDefault(f => f.Section.Equals(section, StringComparison.Ordinal));
        return file is null ? Results.NotFound() : Send(http, view!, file, inline: false);
    }

    private static async Task<IResult> CidAsync(string box, long uid, string cid, HttpContext http, IMailStore store)
    {
        var view = await ViewAsync(box, uid, http, store);
        var file = view?.Files.FirstOrDefault(f => string.Equals(f.ContentId, cid, StringComparison.Ordinal));
        return file is null || !Drawable.Contains(file.Type, StringComparer.Ordinal) ? Results.NotFound() : Send(http, view!, file, inline: true);
    }

    private static async Task<IResult> SourceAsync(string box, long uid, bool? download, HttpContext http, IMailStore store)
    {
        if (await FindAsync(box, uid, http, store) is not { } body)
            return Results.NotFound();
        Harden(http);
        http.Response.Headers.ContentDisposition = download == true ? $"attachment; filename=\"message-{uid}.eml\"" : "inline";
        return Results.Stream(body.AsStream(), download == true ? "message/rfc822" : "text/plain; charset=utf-8");
    }

    private static IResult Send(HttpContext http, MessageView view, MessageFile file, bool inline)
    {
        if (view.OpenPart(file.Section) is not { } stream)
            return Results.NotFound();
        Harden(http);
        var disposition = new ContentDispositionHeaderValue(inline ? "inline" : "attachment");
        disposition.SetHttpFileName(file.Name);
        http.Response.Headers.ContentDisposition = disposition.ToString();
        return Results.Stream(stream, Drawable.Contains(file.Type, StringComparer.Ordinal) || !inline && IsHarmless(file.Type) ? file.Type : "application/octet-stream");
    }

    private static bool IsHarmless(string type) => !type.Contains("html", StringComparison.Ordinal) && !type.Contains("xml", StringComparison.Ordinal)
        && !type.Contains("script", StringComparison.Ordinal) && !type.StartsWith("multipart/", StringComparison.Ordinal);

    private static void Harden(HttpContext http)
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";
        http.Response.Headers.CacheControl = "private, max-age=3600";
    }

    private static async Task<MessageView?> ViewAsync(string box, long uid, HttpContext http, IMailStore store) =>
        await FindAsync(box, uid, http, store) is { } body ? await MessageView.ReadAsync(body, http.RequestAborted) : null;

    private static async Task<MessageBody?> FindAsync(string box, long uid, HttpContext http, IMailStore store)
    {
        var mail = store.For(http.User.Required());
        if (uid is <= 0 or > uint.MaxValue || await mail.Mailboxes.FindAsync(box, http.RequestAborted) is not { } info)
            return null;
        var found = await mail.Messages.ReadBodiesAsync(info.Id, [new Uid((uint)uid)], http.RequestAborted);
        return found.Count == 0 ? null : found[0].Body;
    }
}
