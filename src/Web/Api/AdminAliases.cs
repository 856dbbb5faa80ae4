using System.Text.Json.Serialization;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Model;
using Webmail.Web.SignIn;

namespace Webmail.Web.Api;

/// <param name="Address">"@example.com" takes what nothing else takes.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AliasCreation(string Address, IReadOnlyList<string> Targets);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AliasChange(IReadOnlyList<string> Targets);

/// <summary>/api/v1/admin/aliases, for administrators.</summary>
internal static class AdminAliases
{
    public static void MapAdminAliases(this IEndpointRouteBuilder api)
    {
        var aliases = api.MapGroup("/admin/aliases").WithTags("Administration: aliases");
        aliases.MapGet("/", ListAsync).WithSummary("Aliases by address, a page at a time");
        aliases.MapPost("/", AddAsync).WithSummary("Add an alias to local users, to several, or to outside addresses").Produces<AliasInfo>(StatusCodes.Status201Created);
        aliases.MapGet("/{address}", GetAsync).WithSummary("One alias");
        aliases.MapPut("/{address}", SetAsync).WithSummary("Give an alias other targets");
        aliases.MapDelete("/{address}", RemoveAsync).WithSummary("Remove an alias").Produces(StatusCodes.Status204NoContent);
    }

    private static Task<Page<AliasInfo>> ListAsync(string? domain, string? search, string? after, int? limit, HttpContext http, AliasAdmin aliases, CancellationToken ct) =>
        aliases.ListAsync(http.User.Required(), new() { Domain = domain, Search = search, After = after, Limit = limit ?? 100 }, ct);

    private static async Task<IResult> AddAsync(AliasCreation alias, HttpContext http, AliasAdmin aliases, CancellationToken ct)
    {
        var made = await aliases.AddAsync(http.User.Required(), alias.Address ?? "", alias.Targets ?? [], ct);
        return Results.Created($"/api/v1/admin/aliases/{Uri.EscapeDataString(made.Address)}", made);
    }

    private static async Task<AliasInfo> GetAsync(string address, HttpContext http, AliasAdmin aliases, CancellationToken ct) =>
        await aliases.FindAsync(http.User.Required(), address, ct) ?? throw new MailException(MailError.NotFound, $"There is no alias {address}");

    private static Task<AliasInfo> SetAsync(string address, AliasChange change, HttpContext http, AliasAdmin aliases, CancellationToken ct) =>
        aliases.SetAsync(http.User.Required(), address, change.Targets ?? [], ct);

    private static async Task<IResult> RemoveAsync(string address, HttpContext http, AliasAdmin aliases, CancellationToken ct)
    {
        await aliases.RemoveAsync(http.User.Required(), address, ct);
        return Results.NoContent();
    }
}
