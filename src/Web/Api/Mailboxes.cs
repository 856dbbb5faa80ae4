using System.Text.Json.Serialization;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Web.SignIn;

namespace Webmail.Web.Api;

/// <param name="Role">drafts, sent, junk, trash, archive, inbox; null: an ordinary one.</param>
public sealed record MailboxResource(
    string Id, string Name, string? Role, bool IsSubscribed, int Messages, int Unread, long Bytes, uint UidValidity, uint UidNext, long HighestModSeq);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewMailbox(string Name);

/// <summary>What is null stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MailboxChange(string? Name, bool? IsSubscribed);

/// <summary>/api/v1/mailboxes.</summary>
internal static class Mailboxes
{
    public static void MapMailboxes(this IEndpointRouteBuilder api)
    {
        var mailboxes = api.MapGroup("/mailboxes").WithTags("Mailboxes");
        mailboxes.MapGet("/", ListAsync).WithSummary("All mailboxes with their counters");
        mailboxes.MapPost("/", CreateAsync).WithSummary("Make a mailbox, missing parents too").Produces<MailboxResource>(StatusCodes.Status201Created);
        mailboxes.MapGet("/{id}", GetAsync).WithSummary("One mailbox, by id or by name (a slash as %2F)");
        mailboxes.MapPatch("/{id}", ChangeAsync).WithSummary("Rename or subscribe");
        mailboxes.MapDelete("/{id}", DeleteAsync).WithSummary("Delete with all messages").Produces(StatusCodes.Status204NoContent);
    }

    /// <summary>By its id, or by its name ("INBOX", "Projects/2026"); in a path the name's slashes are written %2F.</summary>
    /// <exception cref="MailException">NotFound</exception>
    internal static async Task<MailboxInfo> FindAsync(AccountMail mail, string mailbox, CancellationToken ct) =>
        await mail.Mailboxes.FindAsync(mailbox, ct)
        ?? (MailboxName.TryParse(mailbox.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)) is { } name ? await mail.Mailboxes.FindAsync(name, ct) : null)
        ?? throw new MailException(MailError.NotFound, "There is no such mailbox");

    internal static AccountMail Mail(this HttpContext http) => http.RequestServices.GetRequiredService<IMailStore>().For(http.User.Required());

    private static async Task<IReadOnlyList<MailboxResource>> ListAsync(HttpContext http, CancellationToken ct) =>
        [.. (await http.Mail().Mailboxes.ListAsync(ct)).Select(Resource)];

    private static async Task<IResult> CreateAsync(NewMailbox mailbox, HttpContext http, CancellationToken ct)
    {
        var mail = http.Mail();
        var made = await ResourceAsync(mail, await mail.Mailboxes.CreateAsync(MailboxName.Parse(mailbox.Name ?? ""), SpecialUse.None, ct), ct);
        return Results.Created($"/api/v1/mailboxes/{made.Id}", made);
    }

    private static async Task<MailboxResource> GetAsync(string id, HttpContext http, CancellationToken ct) =>
        await ResourceAsync(http.Mail(), await FindAsync(http.Mail(), id, ct), ct);

    private static async Task<MailboxResource> ChangeAsync(string id, MailboxChange change, HttpContext http, CancellationToken ct)
    {
        var mail = http.Mail();
        var info = await FindAsync(mail, id, ct);
        if (change.Name is { } name)
            await mail.Mailboxes.RenameAsync(info.Name, MailboxName.Parse(name), ct);
        if (change.IsSubscribed is { } subscribed)
            await mail.Mailboxes.SetSubscribedAsync(change.Name is null ? info.Name : MailboxName.Parse(change.Name), subscribed, ct);
        var now = await mail.Mailboxes.GetAsync(info.Id, ct) ?? throw new MailException(MailError.NotFound, "The mailbox was deleted meanwhile");
        return await ResourceAsync(mail, now, ct);
    }

    private static async Task<IResult> DeleteAsync(string id, HttpContext http, CancellationToken ct)
    {
        var mail = http.Mail();
        await mail.Mailboxes.DeleteAsync((await FindAsync(mail, id, ct)).Name, ct);
        return Results.NoContent();
    }

    /// <summary>What is unread in another's mailbox only its snapshot knows.</summary>
    private static async Task<MailboxResource> ResourceAsync(AccountMail mail, MailboxInfo info, CancellationToken ct) =>
        Resource(info.Unseen < 0 ? info with { Unseen = (await mail.Messages.OpenAsync(info.Id, ct)).Unseen } : info);

    private static MailboxResource Resource(MailboxInfo info) => new(
        info.Id.ToString(), info.Name.ToString(), RoleOf(info), info.IsSubscribed, info.Messages, info.Unseen, info.Size, info.UidValidity, info.UidNext.Value, info.HighestModSeq.Value);

    private static string? RoleOf(MailboxInfo info) => info.SpecialUse switch
    {
        SpecialUse.Drafts => "drafts",
        SpecialUse.Sent => "sent",
        SpecialUse.Junk => "junk",
        SpecialUse.Trash => "trash",
        SpecialUse.Archive => "archive",
        _ => info.Name.IsInbox ? "inbox" : null,
    };
}
