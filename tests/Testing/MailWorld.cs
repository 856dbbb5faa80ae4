using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webmail.MailCore;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.Protocols;
using Webmail.Protocols.Wire;

namespace Webmail.Testing;

/// <summary>
/// A whole server without its listeners on a database of its own: MailCore and the protocols, registered as the product registers them.
/// Short account names mean accounts of example.test; every password is "pass" unless given.
/// </summary>
public sealed class MailWorld : IAsyncDisposable
{
    public const string Domain = "example.test";

    private readonly ServiceProvider _services;
    private readonly List<IHostedService> _started = [];
    private readonly string _directory;
    private readonly PostgresFixture _postgres;

    private MailWorld(ServiceProvider services, WebmailSettings settings, UnexpectedErrors errors, string directory, PostgresFixture postgres)
    {
        _postgres = postgres;
        _services = services;
        Settings = settings;
        Errors = errors;
        _directory = directory;
    }

    public IServiceProvider Services => _services;

    public WebmailSettings Settings { get; }

    /// <summary>What was logged as an error: bugs and outages, never a client's mistakes. Tests expect none.</summary>
    public UnexpectedErrors Errors { get; }

    /// <param name="postgres">Gives the database.</param>
    /// <param name="change">Other settings than the usual.</param>
    public static async Task<MailWorld> StartAsync(PostgresFixture postgres, Func<WebmailSettings, WebmailSettings>? change = null)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("webmail-test-").FullName;
        var settings = new WebmailSettings
        {
            Hostname = "mx.example.test",
            DataDirectory = directory,
            ConnectionString = await postgres.CreateDatabaseAsync(),
        };
        settings = change?.Invoke(settings) ?? settings;
        var errors = new UnexpectedErrors();
        var world = new MailWorld(Compose(settings, errors), settings, errors, directory, postgres);
        await world._services.GetRequiredService<MailCore.Data.Migrator>().MigrateAsync(CancellationToken.None);
        await world.AddDomainAsync(Domain);
        return world;
    }

    /// <summary>Another node on the same database, without background services: it knows what is stored and nothing else. The caller's to dispose of.</summary>
    public ServiceProvider AnotherNode() => Compose(Settings, Errors);

    private static ServiceProvider Compose(WebmailSettings settings, UnexpectedErrors errors) => new ServiceCollection()
        .AddLogging(logging => logging.AddProvider(errors).SetMinimumLevel(LogLevel.Warning))
        .AddMailCore(settings)
        .AddSingleton(new ServerTls(() => TestCertificate.Context, settings.Tls.ClientCertificates || settings.Tls.ClientCaPath is not null))
        .AddProtocols()
        .BuildServiceProvider();

    /// <summary>Starts the background services (change feed, queue, jobs), as "serve" does.</summary>
    public async Task StartBackgroundAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
            _started.Add(service);
        }
    }

    public IWireHandler Handler(string protocol) => _services.GetRequiredKeyedService<IWireHandler>(protocol);

    public static string AddressOf(string name) => name.Contains('@', StringComparison.Ordinal) ? name : $"{name}@{Domain}";

    public async Task AddDomainAsync(string name) =>
        await _services.GetRequiredService<DomainAdmin>().AddAsync(Principal.LocalConsole, name, CancellationToken.None);

    public async Task<Principal> AddAccountAsync(string name, string password = "pass-word", bool administrator = false, long? quota = null)
    {
        await _services.GetRequiredService<UserAdmin>().AddAsync(
            Principal.LocalConsole, new NewUser(AddressOf(name), password) { IsAdministrator = administrator, QuotaBytes = quota }, CancellationToken.None);
        return await PrincipalAsync(name);
    }

    public async Task AddAliasAsync(string address, params string[] targets) =>
        await _services.GetRequiredService<AliasAdmin>().AddAsync(
            Principal.LocalConsole, address.StartsWith('@') ? address : AddressOf(address), [.. targets.Select(AddressOf)], CancellationToken.None);

    /// <summary>App passwords and tokens that were made here, by the names they were given.</summary>
    public Dictionary<string, string> Secrets { get; } = new(StringComparer.Ordinal);

    /// <summary>An app password; its label is the name by which <see cref="Secrets"/> has it.</summary>
    public async Task<string> AddAppPasswordAsync(string account, string name) =>
        Secrets[name] = (await _services.GetRequiredService<CredentialAdmin>().AddAppPasswordAsync(Principal.LocalConsole, AddressOf(account), name, CancellationToken.None)).Secret;

    public async Task<string> AddTokenAsync(string account, string name, IEnumerable<string> scopes, TimeSpan? lifetime = null) =>
        Secrets[name] = (await _services.GetRequiredService<CredentialAdmin>().AddTokenAsync(
            Principal.LocalConsole, AddressOf(account), name, scopes.Aggregate(AccessScopes.None, (all, s) => all | AccessScope.Parse(s)!.Value), lifetime, CancellationToken.None)).Secret;

    public async Task<Principal> PrincipalAsync(string name) =>
        await _services.GetRequiredService<IDirectory>().PrincipalAsync(EmailAddress.Parse(AddressOf(name)), CancellationToken.None)
        ?? throw new InvalidOperationException($"There is no account {name}");

    public async Task<AccountMail> MailAsync(string name) => _services.GetRequiredService<IMailStore>().For(await PrincipalAsync(name));

    public async Task<MailboxInfo> MailboxAsync(string account, string mailbox) =>
        await (await MailAsync(account)).Mailboxes.FindAsync(MailboxName.Parse(mailbox), CancellationToken.None)
        ?? throw new InvalidOperationException($"{account} has no mailbox {mailbox}");

    /// <summary>Appends a message as it stands.</summary>
    public async Task<Appended> AppendAsync(string account, string mailbox, ReadOnlyMemory<byte> message, FlagSet flags = default, DateTimeOffset? received = null)
    {
        var mail = await MailAsync(account);
        await using var spool = mail.Blobs.Begin();
        await spool.WriteAsync(message, CancellationToken.None);
        var complete = await spool.CompleteAsync(default, CancellationToken.None);
        return await mail.Messages.AppendAsync((await MailboxAsync(account, mailbox)).Id, [new AppendItem(complete, flags, received)], CancellationToken.None);
    }

    /// <summary>The n-th of the simple messages that tests count with.</summary>
    public static byte[] SimpleMessage(int n) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"From: Fred Foobar <foobar@Blurdybloop.example>\r\nTo: mooch@owatagu.example\r\nSubject: message {n}\r\n" +
        $"Date: Mon, 7 Feb 1994 21:52:{n % 60:00} -0800\r\nMessage-ID: <B27397-{n:00000}@Blurdybloop.example>\r\nMIME-Version: 1.0\r\n" +
        $"Content-Type: text/plain; charset=us-ascii\r\n\r\nHello, this is message {n}.\r\n"));

    public async Task<IReadOnlyList<byte[]>> MessagesAsync(string account, string mailbox)
    {
        var mail = await MailAsync(account);
        var box = await MailboxAsync(account, mailbox);
        var snapshot = await mail.Messages.OpenAsync(box.Id, CancellationToken.None);
        var uids = Enumerable.Range(0, snapshot.Count).Select(i => snapshot[i].Uid).ToList();
        var messages = new List<byte[]>();
        foreach (var (_, body) in await mail.Messages.ReadBodiesAsync(box.Id, uids, CancellationToken.None))
        {
            using var copy = new MemoryStream();
            await using var stream = body.AsStream();
            await stream.CopyToAsync(copy);
            messages.Add(copy.ToArray());
        }

        return messages;
    }

    /// <summary>Two weeks later: the job has pruned the log of what was expunged.</summary>
    public async Task ForgetExpungedAsync()
    {
        await CountAsync("with aged as (update mail.expunged set at = now() - interval '15 days' returning 1) select count(*) from aged");
        await _services.GetRequiredService<MailCore.Jobs.PurgeExpunged>().RunAsync(CancellationToken.None);
    }

    /// <summary>One number from SQL, for what has no public face.</summary>
    public async Task<long> CountAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Settings.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Enumerable.Reverse(_started))
            await service.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        await _postgres.DropDatabaseAsync(Settings.ConnectionString!);
        System.IO.Directory.Delete(_directory, recursive: true);
    }
}
