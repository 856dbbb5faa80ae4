using Microsoft.AspNetCore.HttpOverrides;
using Webmail.MailCore.Data;
using Webmail.MailCore.Settings;

namespace Webmail.Web;

/// <summary>For load balancers and containers: /health says 200 when the database answers, 503 when not. Says nothing else to strangers.</summary>
internal static class Health
{
    public static void MapHealth(this WebApplication app) =>
        app.MapGet("/health", async (DatabaseProbe probe, CancellationToken ct) =>
            await probe.AnswersAsync(ct) ? Results.Text("ok\n") : Results.Text("the database does not answer\n", statusCode: StatusCodes.Status503ServiceUnavailable))
            .AllowAnonymous().ExcludeFromDescription();

    /// <summary>X-Forwarded-For and -Proto, from Networks.Proxies only; nobody else can choose their address.</summary>
    public static IServiceCollection AddForwardedHeaders(this IServiceCollection services, NetworkSettings networks) =>
        services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = networks.Proxies.Count > 0 ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto : ForwardedHeaders.None;
            options.ForwardLimit = null;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in networks.Proxies)
                options.KnownIPNetworks.Add(network);
        });
}
