using System.Text.Json.Serialization;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Model;
using Webmail.Web.SignIn;

namespace Webmail.Web.Api;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DomainCreation(string Name);

/// <summary>/api/v1/admin/domains, for administrators.</summary>
internal static class AdminDomains
{
    public static void MapAdminDomains(this IEndpointRouteBuilder api)
    {
        var domains = api.MapGroup("/admin/domains").WithTags("Administration: domains");
        domains.MapGet("/", ListAsync).WithSummary("All domains by name");
        domains.MapPost("/", AddAsync).WithSummary("Add a domain; its DKIM key is made with it").Produces<DomainInfo>(StatusCodes.Status201Created);
        domains.MapGet("/{name}", GetAsync).WithSummary("One domain");
        domains.MapDelete("/{name}", RemoveAsync).WithSummary("Remove a domain, with its users and aliases only when asked").Produces(StatusCodes.Status204NoContent);
    }

    private static Task<IReadOnlyList<DomainInfo>> ListAsync(HttpContext http, DomainAdmin domains, CancellationToken ct) => domains.ListAsync(http.User.Required(), ct);

    private static async Task<IResult> AddAsync(DomainCreation domain, HttpContext http, DomainAdmin domains, CancellationToken ct)
    {
        var made = await domains.AddAsync(http.User.Required(), domain.Name ?? "", ct);
        return Results.Created($"/api/v1/admin/domains/{made.AsciiName}", made);
    }

    private static async Task<DomainInfo> GetAsync(string name, HttpContext http, DomainAdmin domains, CancellationToken ct) =>
        await domains.FindAsync(http.User.Required(), name, ct) ?? throw new MailException(MailError.NotFound, $"{name} is not a domain of this server");

    private static async Task<IResult> RemoveAsync(string name, bool? withUsers, HttpContext http, DomainAdmin domains, CancellationToken ct)
    {
        await domains.RemoveAsync(http.User.Required(), name, withUsers == true, ct);
        return Results.NoContent();
    }
}
