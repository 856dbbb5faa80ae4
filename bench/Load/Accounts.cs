using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace Webmail.Load;

/// <summary>Makes the users on our side, by the REST API.</summary>
internal static class Accounts
{
    public static async Task MakeAsync(Uri api, string administrator, string password, string user, string userPassword, int count)
    {
        using var http = new HttpClient { BaseAddress = api };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{administrator}:{password}")));
        await Parallel.ForEachAsync(Enumerable.Range(1, count), async (n, ct) =>
        {
            var address = user.Replace("%d", n.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            using var answer = await http.PostAsJsonAsync(new Uri("api/v1/admin/users", UriKind.Relative), new { address, password = userPassword }, ct);
            answer.EnsureSuccessStatusCode();
        });
    }
}
