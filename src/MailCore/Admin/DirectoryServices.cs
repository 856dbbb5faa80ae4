using Microsoft.Extensions.DependencyInjection;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Auth.Sasl;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Admin;

/// <summary>Registration of the directory, of login and of administration. A public service with an internal constructor is made by hand.</summary>
internal static class DirectoryServices
{
    public static void AddDirectory(this IServiceCollection services)
    {
        services.AddSingleton<DirectoryCache>();
        services.AddSingleton<DirectoryChanges>();
        services.AddHostedService(p => p.GetRequiredService<DirectoryChanges>());
        services.AddSingleton<DirectoryReader>();
        services.AddSingleton<DirectoryWriter>();
        services.AddSingleton<AccountLookup>();
        services.AddSingleton<IDirectory, MailDirectory>();
        services.AddSingleton<HashGate>();
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<LoginCache>();
        services.AddSingleton<CredentialLookup>();
        services.AddSingleton<AppPasswordVerifier>();
        services.AddSingleton<TokenVerifier>();
        services.AddSingleton<ClientAuthority>();
        services.AddSingleton<CertificateVerifier>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<IAuthenticator>(p => p.GetRequiredService<Authenticator>());
        services.AddSingleton<AppPasswordPresence>();
        services.AddHostedService(p => p.GetRequiredService<AppPasswordPresence>());
        services.AddSingleton(p => new SaslOffer(Of<IAuthenticator>(p), Of<WebmailSettings>(p), Of<AppPasswordPresence>(p)));
    }

    public static void AddAdmin(this IServiceCollection services)
    {
        services.AddSingleton<AdminRights>();
        services.AddSingleton(p => new UserAdmin(
            Of<DirectoryReader>(p), Of<DirectoryWriter>(p), Of<AdminRights>(p), Of<IAccountProvisioning>(p), Of<HashGate>(p), Of<WebmailSettings>(p), Of<TimeProvider>(p)));
        services.AddSingleton(p => new DomainAdmin(
            Of<DirectoryReader>(p), Of<DirectoryWriter>(p), Of<AdminRights>(p), Of<UserAdmin>(p), Of<TimeProvider>(p)));
        services.AddSingleton(p => new AliasAdmin(Of<DirectoryReader>(p), Of<DirectoryWriter>(p), Of<AdminRights>(p), Of<TimeProvider>(p)));
        services.AddSingleton(p => new OwnAccount(Of<DirectoryWriter>(p), Of<Authenticator>(p), Of<UserAdmin>(p)));
        services.AddSingleton(p => new CredentialAdmin(
            Of<DirectoryReader>(p), Of<DirectoryWriter>(p), Of<AdminRights>(p), Of<CredentialLookup>(p), Of<AccountLookup>(p), Of<AppPasswordPresence>(p), Of<TimeProvider>(p)));
        services.AddSingleton(p => new MailImport(Of<IMailStore>(p), Of<AccountLookup>(p), Of<AdminRights>(p), Of<WebmailSettings>(p)));
        services.AddSingleton(p => new SharingAdmin(Of<IMailStore>(p), Of<AccountLookup>(p), Of<AdminRights>(p)));
        services.AddSingleton(p => new FirstStart(Of<DirectoryReader>(p), Of<DirectoryWriter>(p), Of<UserAdmin>(p), Of<TimeProvider>(p)));
    }

    private static T Of<T>(IServiceProvider provider)
        where T : notnull => provider.GetRequiredService<T>();
}
