using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Localization;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.Web.Localization;
using Webmail.Web.Settings;
using Webmail.Web.SignIn;

namespace Webmail.Web.Mail;

/// <summary>/drafts: what compose.js calls. JSON but for uploads, which are the file's bytes; every change needs the antiforgery header.</summary>
internal static class DraftEndpoints
{
    /// <summary>Fields with a long quoted message; files come by themselves.</summary>
    private const long MaxFields = 8 * 1024 * 1024;

    public static void MapDrafts(this IEndpointRouteBuilder routes)
    {
        var drafts = routes.MapGroup("/drafts").RequireAuthorization().AddEndpointFilter(RefuseAsync);
        drafts.MapGet("/start", StartAsync);
        drafts.MapPost("/", SaveAsync).WithMetadata(new RequestSizeLimitMetadata(MaxFields));
        drafts.MapPost("/send", SendAsync).WithMetadata(new RequestSizeLimitMetadata(MaxFields));
        drafts.MapPost("/{key}/attachments", AttachAsync);
        drafts.MapDelete("/{key}", RemoveAsync);
    }

    private static async Task<IResult> StartAsync(string kind, string? of, HttpContext http, DraftStarts starts) =>
        Results.Json(await starts.BeginAsync(http.User.Required(), kind, of, Preferences.From(http.Request), http.RequestAborted));

    private static async Task<IResult> SaveAsync(DraftFields fields, HttpContext http, Drafts drafts) =>
        Results.Json(await drafts.SaveAsync(http.User.Required(), fields, http.RequestAborted));

    private static async Task<IResult> SendAsync(DraftFields fields, HttpContext http, Drafts drafts, IStringLocalizer<Words> words) =>
        await drafts.SendAsync(http.User.Required(), fields, http.RequestAborted) is { } refused
            ? Results.Json(new DraftProblem(WordsOf(refused, words)), statusCode: StatusCodes.Status422UnprocessableEntity)
            : Results.NoContent();

    private static async Task<IResult> AttachAsync(string key, string name, HttpContext http, Drafts drafts, WebmailSettings settings)
    {
        // Base64 makes 4 octets of 3, and line ends; the rest is for the text.
        var limit = settings.Limits.MessageSize == 0 ? (long?)null : settings.Limits.MessageSize * 57 / 78;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit;
        if (http.Request.ContentLength > limit)
            throw new MailException(MailError.TooLarge, "The file is too large");
        var upload = new Drafts.Upload(name, http.Request.ContentType ?? "application/octet-stream", http.Request.Body);
        return Results.Json(await drafts.AttachAsync(http.User.Required(), key, upload, http.RequestAborted));
    }

    private static async Task<IResult> RemoveAsync(string key, HttpContext http, Drafts drafts)
    {
        await drafts.RemoveAsync(http.User.Required(), key, http.RequestAborted);
        return Results.NoContent();
    }

    /// <summary>Checks the antiforgery token of changes, and turns refusals into words.</summary>
    private static async ValueTask<object?> RefuseAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var words = http.RequestServices.GetRequiredService<IStringLocalizer<Words>>();
        try
        {
            if (!HttpMethods.IsGet(http.Request.Method))
                await http.RequestServices.GetRequiredService<IAntiforgery>().ValidateRequestAsync(http);
            return await next(context);
        }
        catch (AntiforgeryValidationException)
        {
            return Results.Json(new DraftProblem(words["The page may have been open for too long: load it again."]), statusCode: StatusCodes.Status400BadRequest);
        }
        catch (MailException e)
        {
            return Results.Json(new DraftProblem(WordsOf(e, words)), statusCode: StatusOf(e.Error));
        }
    }

    private static int StatusOf(MailError error) => error switch
    {
        MailError.NotFound => StatusCodes.Status404NotFound,
        MailError.TooLarge => StatusCodes.Status413PayloadTooLarge,
        MailError.OverQuota => StatusCodes.Status507InsufficientStorage,
        MailError.Unavailable => StatusCodes.Status503ServiceUnavailable,
        MailError.Throttled => StatusCodes.Status429TooManyRequests,
        MailError.AuthenticationFailed => StatusCodes.Status401Unauthorized,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    private static string WordsOf(MailException e, IStringLocalizer<Words> words) => e.Error switch
    {
        MailError.NotFound => words["This draft was sent or deleted elsewhere."],
        MailError.TooLarge => words["The message is too large."],
        MailError.OverQuota => words["Your mailbox is full."],
        MailError.Invalid => string.Create(CultureInfo.CurrentCulture, $"{words["This is not an address: "]}{e.Message}"),
        MailError.LimitReached => words["There are too many recipients."],
        _ => words["That did not work. Your draft is safe; try again."],
    };

    private static string WordsOf(RecipientOutcome refused, IStringLocalizer<Words> words)
    {
        var address = refused.Recipient.Address.ToString();
        return refused.Refusal!.Kind switch
        {
            RefusalKind.UnknownUser => words["There is no {0}.", address],
            RefusalKind.Disabled => words["{0} takes no mail at present.", address],
            RefusalKind.NotYourAddress => words["You may not send from this address."],
            RefusalKind.OverQuota => words["The mailbox of {0} is full.", address],
            RefusalKind.TooLarge => words["The message is too large."],
            _ => $"{words["It was not sent."]} {refused.Refusal.Text}",
        };
    }

    private sealed record RequestSizeLimitMetadata(long? MaxRequestBodySize) : Microsoft.AspNetCore.Http.Metadata.IRequestSizeLimitMetadata;
}
