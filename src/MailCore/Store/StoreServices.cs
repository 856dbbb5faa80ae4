using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Webmail.MailCore.Data;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store.Postgres;
using Webmail.MailCore.Store.Postgres.Sharing;
using Webmail.MailCore.Store.Search;

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
        services.AddSingleton<BlobStore>();
        services.AddSingleton<IBlobStore>(provider => provider.GetRequiredService<BlobStore>());
        services.AddSingleton<HintSender>();
        services.AddSingleton<Notifications>();
        services.AddSingleton<ChangeFeed>();
        services.AddSingleton<IChangeFeed>(provider => provider.GetRequiredService<ChangeFeed>());
        services.AddSingleton(SweepPeriod.Default);
        services.AddSingleton<ChangeListener>();
        services.AddHostedService(provider => provider.GetRequiredService<ChangeListener>());
        services.AddSingleton<MailboxChangesReader>();
        services.AddSingleton<MailboxIndex>();
        services.AddSingleton<Committed>();
        services.AddSingleton<KeywordCache>();
        services.AddSingleton<MailboxListings>();
        services.AddSingleton<CommitLane>();
        services.AddSingleton<Flagging>();
        services.AddSingleton<Transfers>();
        services.AddSingleton<Replacing>();
        services.AddSingleton(provider => new RecentMessages(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<MessageReader>();
        services.AddSingleton<FuzzyTexts>();
        services.AddSingleton<Relevancy>();
        services.AddSingleton<SearchTexts>();
        services.AddSingleton<SearchIndex>();
        services.AddSingleton<SearchPages>();
        services.AddSingleton<ISearch, SearchRunner>();
        services.AddSingleton<SearchTurns>();
        services.AddSingleton<KeyCache>();
        services.AddSingleton<SortKeys>();
        services.AddSingleton<Sorter>();
        services.AddSingleton<Threader>();
        services.AddSingleton(provider => new StoreParts(
            provider.GetRequiredService<MailboxIndex>(), provider.GetRequiredService<MessageReader>(), provider.GetRequiredService<Flagging>(),
            provider.GetRequiredService<Transfers>(), provider.GetRequiredService<Replacing>(), provider.GetRequiredService<CommitLane>(), provider.GetRequiredService<ISearch>(),
            provider.GetRequiredService<Sorter>(), provider.GetRequiredService<Threader>(), provider.GetRequiredService<Relevancy>(), settings, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<KeywordMaker>();
        services.AddSingleton<Readers>();
        services.AddSingleton<SharedFlagging>();
        services.AddSingleton<SharedTransfers>();
        services.AddSingleton<SharingParts>();
        services.AddSingleton<IMailStore, PostgresMailStore>();
        services.AddSingleton<IDeliveryStore, DeliveryStore>();
        services.AddSingleton<IAccountProvisioning, AccountProvisioning>();
        services.AddSingleton(provider => new StoreDoctor(provider.GetRequiredService<NpgsqlDataSource>()));
    }
}
