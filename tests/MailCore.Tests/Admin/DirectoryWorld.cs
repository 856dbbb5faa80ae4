using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store.Postgres;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Admin;

/// <summary>One or more nodes of one installation: MailCore's own services on a real database, with the domain example.test.</summary>
internal sealed class DirectoryWorld : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly string _database;

    private DirectoryWorld(string database, Func<WebmailSettings, WebmailSettings> change)
    {
        _database = database;
        var settings = new WebmailSettings { Hostname = "mx.example.test", DataDirectory = Path.Combine(Path.GetTempPath(), "webmail-directory-tests"), ConnectionString = database };
        _services = new ServiceCollection().AddLogging().AddMailCore(change(settings)).BuildServiceProvider();
    }

    public static readonly ClientFacts Client = new(System.Net.IPAddress.Loopback, "test", IsEncrypted: true);

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public UserAdmin Users => _services.GetRequiredService<UserAdmin>();

    public DomainAdmin Domains => _services.GetRequiredService<DomainAdmin>();

    public AliasAdmin Aliases => _services.GetRequiredService<AliasAdmin>();

    public IDirectory Directory => _services.GetRequiredService<IDirectory>();

    public IAuthenticator Authenticator => _services.GetRequiredService<IAuthenticator>();

    // By themselves: the other hosted services want a transport for outgoing mail, which MailCore alone doesn't have.
    private IHostedService[] Listeners => [Get<ChangeListener>(), Get<DirectoryChanges>()];

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static async Task<DirectoryWorld> EmptyAsync(PostgresFixture postgres, Func<WebmailSettings, WebmailSettings>? change = null)
    {
        System.IO.Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "webmail-directory-tests"));
        return new(await postgres.CreateDatabaseAsync(), change ?? (s => s));
    }

    /// <summary>With example.test and these users; their password is "pass-word", and the first is the administrator.</summary>
    public static async Task<DirectoryWorld> WithAsync(PostgresFixture postgres, params string[] users)
    {
        var world = await EmptyAsync(postgres);
        await world.Domains.AddAsync(Principal.LocalConsole, "example.test", Ct);
        foreach (var user in users)
            await world.AddAsync(user, administrator: user == users[0]);
        return world;
    }

    /// <summary>Another node on the same database.</summary>
    public DirectoryWorld SecondNode() => new(_database, s => s);

    /// <summary>Listens to other nodes, as "serve" does.</summary>
    public async Task ListenAsync()
    {
        foreach (var service in Listeners)
            await service.StartAsync(Ct);
        while (Get<Notifications>() is var notifications && !await HearsAsync(notifications))
            await Task.Delay(20, Ct);
    }

    private static async Task<bool> HearsAsync(Notifications notifications)
    {
        var heard = new TaskCompletionSource();
        using var listening = notifications.Listen(Notifications.Directory, _ => heard.TrySetResult(), () => { });
        await notifications.NotifyAsync(Notifications.Directory, "", Ct);
        return await Task.WhenAny(heard.Task, Task.Delay(200, Ct)) == heard.Task;
    }

    public Task<UserInfo> AddAsync(string local, bool administrator = false) =>
        Users.AddAsync(Principal.LocalConsole, new($"{local}@example.test", "pass-word") { IsAdministrator = administrator }, Ct);

    public async Task<Principal> LoginAsync(string local, string password = "pass-word") =>
        await Authenticator.LoginAsync($"{local}@example.test", password, Client, Ct) ?? throw new InvalidOperationException($"{local} can't log in");

    /// <summary>Where an address leads, as text: the kind, or the sorted targets ("ann!" is taken over quota).</summary>
    public async Task<string> ResolveAsync(string address)
    {
        var found = await Directory.ResolveAsync(EmailAddress.Parse(address), Ct);
        return found.Kind != ResolutionKind.Found
            ? found.Kind.ToString()
            : string.Join(' ', found.Local.Select(t => t.Address.Local + (t.AlwaysTake ? "!" : "")).Concat(found.Outside.Select(o => o.ToString())).Order(StringComparer.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Listeners)
            await service.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }
}
