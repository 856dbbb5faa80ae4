using Webmail.MailCore;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Data;
using Webmail.MailCore.Settings;
using Webmail.Protocols;
using Webmail.Protocols.Wire;
using Webmail.Web;
using Webmail.Web.Api;
using Webmail.Web.Cli;
using Webmail.Web.Configuration;
using Webmail.Web.Tls;

return await CommandLine.RunAsync(args, ServeAsync);

/// <summary>
/// The composition root. The server's life in its order: settings, database, schema, first users, listeners; and the same backwards at the end.
/// </summary>
internal sealed partial class Program
{
    static async Task<int> ServeAsync(string[] arguments, CancellationToken ct)
    {
        var configuration = ConfigurationSources.Read(arguments);
        var reader = new SettingsReader(configuration, ConfigurationSources.Home);
        var settings = reader.Read();
        var listeners = new Listeners(settings);

        using var startLog = LoggerFactory.Create(l => Logs.Configure(l, configuration));
        Logs.UnknownKeys(startLog, reader);
        await using var database = await Database.OpenAsync(settings, ClusterUse.Server, startLog, ct);
        listeners.Check();

        await using var app = Build(arguments, database.Settings, listeners);
        await app.Services.GetRequiredService<Migrator>().MigrateAsync(ct);
        var seeded = await app.Services.GetRequiredService<FirstStart>().SeedAsync(ct);
        _ = app.Services.GetRequiredService<ServerCertificate>();

        await app.StartAsync(ct);
        Banner.Show(Terminal.Console.Output, database, listeners, seeded);
        await app.WaitForShutdownAsync(ct);
        return ExitCodes.Ok;
    }

    static WebApplication Build(string[] arguments, WebmailSettings settings, Listeners listeners)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        ConfigurationSources.AddTo(builder.Configuration, arguments);
        Logs.Configure(builder.Logging, builder.Configuration);
        builder.WebHost.UseStaticWebAssets();
        // A handler runs on where its octets came in, and its answer leaves from there (docs/adr/0182). No handler blocks its thread.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.Limits.MessageSize > 0 ? settings.Limits.MessageSize * 2 : null;
            listeners.Configure(kestrel);
        });

        // The queue waits for its deliveries by the grace and then writes down how they stand.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.ShutdownGrace + TimeSpan.FromSeconds(5));
        builder.Services.AddMailCore(settings).AddProtocols().AddWebUi().AddApi();
        builder.Services.AddSingleton<ServerCertificate>();
        builder.Services.AddSingleton(s => new ServerTls(s.GetRequiredService<ServerCertificate>().Current, settings.Tls.ClientCertificates || settings.Tls.ClientCaPath is not null));
        builder.Services.AddSingleton(new ConnectionLimits(settings.Limits.Connections, settings.Limits.ConnectionsByAddress));
        builder.Services.AddHostedService<QuietMemory>();
        builder.Services.AddForwardedHeaders(settings.Networks);

        var app = builder.Build();
        app.UseForwardedHeaders();
        app.MapHealth();
        app.MapWebUi();
        app.MapApi();
        return app;
    }
}
