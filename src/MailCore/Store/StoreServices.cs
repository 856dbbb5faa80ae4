using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Webmail.MailCore.Data;
using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Store;

/// <summary>The database and the store: the part of <see cref="MailCoreServices"/> that everything else stands on.</summary>
internal static class StoreServices
{
    public static void AddStore(this IServiceCollection services, WebmailSettings settings)
    {
        services.AddSingleton(_ => MailDataSource.Create(
            settings.ConnectionString ?? throw new InvalidOperationException("PostgreSQL must be started before the services")));
        services.AddDbContextFactory<MailDbContext>((provider, options) =>
            MailDbContext.Configure(options, provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton(provider => new Migrator(provider.GetRequiredService<NpgsqlDataSource>()));
    }
}
