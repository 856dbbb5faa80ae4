using System.Text.Json.Serialization;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.Web.SignIn;

namespace Webmail.Web.Api;

/// <param name="QuotaBytes">Null: no limit.</param>
/// <param name="MessageLimit">Null: no limit.</param>
public sealed record UserResource(
    string Address,
    string DisplayName,
    bool IsAdministrator,
    bool IsDisabled,
    long? QuotaBytes,
    long? MessageLimit,
    long UsedBytes,
    long Messages,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastLogin)
{
    internal static UserResource Of(UserInfo u) =>
        new(u.Address, u.DisplayName, u.IsAdministrator, u.IsDisabled, u.QuotaBytes, u.MessageLimit, u.UsedBytes, u.Messages, u.CreatedAt, u.LastLogin);
}

/// <param name="Password">Null: one is made up, and given in the answer, once.</param>
/// <param name="QuotaBytes">0: no limit; null: the server's default.</param>
/// <param name="MessageLimit">0 or null: no limit.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record UserCreation(string Address, string? Password, string? DisplayName, bool? IsAdministrator, long? QuotaBytes, long? MessageLimit);

/// <param name="Password">Only when it was made up.</param>
public sealed record UserCreated(UserResource User, string? Password);

/// <summary>What is null stays.</summary>
/// <param name="QuotaBytes">0: no limit.</param>
/// <param name="MessageLimit">0: no limit.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record UserChange(string? Password, string? DisplayName, bool? IsAdministrator, bool? IsDisabled, long? QuotaBytes, long? MessageLimit);

/// <summary>/api/v1/admin/users, for administrators.</summary>
internal static class AdminUsers
{
    public static void MapAdminUsers(this IEndpointRouteBuilder api)
    {
        var users = api.MapGroup("/admin/users").WithTags("Administration: users");
        users.MapGet("/", ListAsync).WithSummary("Users by address, a page at a time");
        users.MapPost("/", AddAsync).WithSummary("Add a user").Produces<UserCreated>(StatusCodes.Status201Created);
        users.MapGet("/{address}", GetAsync).WithSummary("One user");
        users.MapPatch("/{address}", ChangeAsync).WithSummary("Change password, name, rights, state or quota");
        users.MapDelete("/{address}", RemoveAsync).WithSummary("Remove a user with all mail").Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<Page<UserResource>> ListAsync(string? domain, string? search, string? after, int? limit, HttpContext http, UserAdmin users, CancellationToken ct)
    {
        var page = await users.ListAsync(http.User.Required(), new() { Domain = domain, Search = search, After = after, Limit = limit ?? 100 }, ct);
        return new([.. page.Items.Select(UserResource.Of)], page.Next);
    }

    private static async Task<IResult> AddAsync(UserCreation user, HttpContext http, UserAdmin users, CancellationToken ct)
    {
        var password = user.Password ?? Passwords.Generate();
        var made = await users.AddAsync(
            http.User.Required(),
            new(user.Address, password)
            {
                DisplayName = user.DisplayName ?? "",
                IsAdministrator = user.IsAdministrator == true,
                QuotaBytes = user.QuotaBytes,
                MessageLimit = user.MessageLimit,
            },
            ct);
        return Results.Created($"/api/v1/admin/users/{Uri.EscapeDataString(made.Address)}", new UserCreated(UserResource.Of(made), user.Password is null ? password : null));
    }

    private static async Task<UserResource> GetAsync(string address, HttpContext http, UserAdmin users, CancellationToken ct) =>
        UserResource.Of(await users.FindAsync(http.User.Required(), address, ct) ?? throw new MailException(MailError.NotFound, $"There is no user {address}"));

    private static async Task<UserResource> ChangeAsync(string address, UserChange change, HttpContext http, UserAdmin users, CancellationToken ct)
    {
        var actor = http.User.Required();
        if (change.DisplayName is { } name)
            await users.SetDisplayNameAsync(actor, address, name, ct);
        if (change.QuotaBytes is not null || change.MessageLimit is not null)
            await users.SetQuotaAsync(actor, address, before => new(Limit(before.Bytes, change.QuotaBytes), Limit(before.Messages, change.MessageLimit)), ct);
        if (change.IsAdministrator is { } administrator)
            await users.SetAdministratorAsync(actor, address, administrator, ct);
        if (change.Password is { } password)
            await users.SetPasswordAsync(actor, address, password, ct);
        if (change.IsDisabled is { } disabled)
            await users.SetDisabledAsync(actor, address, disabled, ct);
        return await GetAsync(address, http, users, ct);
    }

    private static long? Limit(long? before, long? changed) => changed switch { null => before, 0 => null, _ => changed };

    private static async Task<IResult> RemoveAsync(string address, HttpContext http, UserAdmin users, CancellationToken ct)
    {
        await users.RemoveAsync(http.User.Required(), address, ct);
        return Results.NoContent();
    }
}
