using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Data;
using Webmail.MailCore.Inbound;
using Webmail.MailCore.Jobs;
using Webmail.MailCore.Outbound;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;

namespace Webmail.MailCore;

/// <summary>The only registration method of this project: one line a service, in the order of the layers.</summary>
public static class MailCoreServices
{
    /// <param name="settings">With the connection string filled in, also where PostgreSQL is ours.</param>
    public static IServiceCollection AddMailCore(this IServiceCollection services, WebmailSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton(TimeProvider.System);
        services.AddStore(settings);
        services.AddSingleton(s => new DatabaseProbe(s.GetRequiredService<NpgsqlDataSource>()));
        services.AddDirectory();
        services.AddSingleton<ReverseName>();
        services.AddSingleton<IInbound, InboundPipeline>();
        services.AddSingleton<Submission>();
        services.AddOutbound(settings);
        services.AddAdmin();
        services.AddJobs();
        return services;
    }
}
