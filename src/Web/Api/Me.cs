using Webmail.MailCore.Directory;
using Webmail.MailCore.Store;
using Webmail.Web.SignIn;

namespace Webmail.Web.Api;

/// <param name="Addresses">All that one may send as, the main one first.</param>
/// <param name="QuotaBytes">Null: no limit.</param>
/// <param name="MessageLimit">Null: no limit.</param>
public sealed record MeResource(
    string Address,
    string DisplayName,
    bool IsAdministrator,
    IReadOnlyList<string> Addresses,
    long UsedBytes,
    long? QuotaBytes,
    long Messages,
    long? MessageLimit);

/// <summary>/api/v1/me: who is logged in.</summary>
internal static class Me
{
    public static void MapMe(this IEndpointRouteBuilder api) =>
        api.MapGet("/me", GetAsync).WithTags("Me").WithSummary("Who is logged in, with addresses and quota");

    private static async Task<MeResource> GetAsync(HttpContext http, IDirectory directory, IMailStore store, CancellationToken ct)
    {
        var principal = http.User.Required();
        var addresses = await directory.AddressesOfAsync(principal, ct);
        var quota = await store.For(principal).Mailboxes.QuotaAsync(ct);
        return new(
            principal.Address.ToString(), principal.DisplayName, principal.IsAdministrator, [.. addresses.Select(a => a.ToString())], quota.UsedBytes, quota.LimitBytes,
            quota.Messages, quota.MessageLimit);
    }
}
