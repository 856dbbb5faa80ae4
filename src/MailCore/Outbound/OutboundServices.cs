using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Dns;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Outbound;

/// <summary>Registration of DNS, of the way out and of its administration. A public service with an internal constructor is made by hand.</summary>
internal static class OutboundServices
{
    public static void AddOutbound(this IServiceCollection services, WebmailSettings settings)
    {
        services.AddSingleton<IResolver, Resolver>();
        services.AddSingleton<QueueSignal>();
        services.AddSingleton<Signing>();
        services.AddSingleton<Routing>();
        services.AddSingleton<Queue>();
        services.AddSingleton<QueueOutcomes>();
        services.AddSingleton(p => new Notices(Of<QueueOutcomes>(p), Of<Signing>(p), settings, Of<TimeProvider>(p), Of<ILogger<Notices>>(p)));
        services.AddSingleton<LocalDrop>();
        services.AddSingleton(_ => new Backlog(Math.Max(1, settings.Outbound.Workers)));
        services.AddSingleton<QueueWorker>();
        services.AddSingleton(p => new QueueRunner(
            Of<Queue>(p), Of<Backlog>(p), Of<QueueWorker>(p), Of<LocalDrop>(p), Of<Routing>(p), Of<QueueSignal>(p),
            settings, Of<TimeProvider>(p), Of<ILogger<QueueRunner>>(p)));
        services.AddHostedService(p => Of<QueueRunner>(p));
        services.AddSingleton<DnsZone>();
        services.AddSingleton(p => new QueueAdmin(Of<NpgsqlDataSource>(p), Of<QueueSignal>(p), Of<AdminRights>(p), settings));
    }

    private static T Of<T>(IServiceProvider provider)
        where T : notnull => provider.GetRequiredService<T>();
}
