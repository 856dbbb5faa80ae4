using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Postgres;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Store;

/// <summary>One process's store on a database, with its own pool, index and change feed: several of them are several processes.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly string _directory = System.IO.Directory.CreateTempSubdirectory("webmail-node-").FullName;

    private Node(string connectionString, TimeSpan sweep, Action<IServiceCollection>? more, WebmailSettings? settings)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMailCore((settings ?? new WebmailSettings { Hostname = "mx.example.test", DataDirectory = _directory }) with
        {
            DataDirectory = _directory,
            ConnectionString = connectionString,
        });
        services.AddSingleton(new SweepPeriod(sweep));
        more?.Invoke(services);
        _services = services.BuildServiceProvider();
    }

    public IDeliveryStore Deliveries => _services.GetRequiredService<IDeliveryStore>();

    public IAccountProvisioning Provisioning => _services.GetRequiredService<IAccountProvisioning>();

    public NpgsqlDataSource DataSource => _services.GetRequiredService<NpgsqlDataSource>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static async Task<Node> StartAsync(
        PostgresFixture postgres, string? connectionString = null, TimeSpan? sweep = null, bool listen = false, Action<IServiceCollection>? more = null,
        WebmailSettings? settings = null)
    {
        var node = new Node(connectionString ?? await postgres.CreateDatabaseAsync(), sweep ?? TimeSpan.FromSeconds(30), more, settings);
        if (listen)
            await node.Listener.StartAsync(CancellationToken.None);
        return node;
    }

    // By itself: the other hosted services want a transport for outgoing mail, which MailCore alone doesn't have.
    private ChangeListener Listener => Get<ChangeListener>();

    /// <summary>An account's mail, provisioned.</summary>
    public async Task<AccountMail> AccountAsync(long number = 1, long? quota = null, long? messages = null)
    {
        await Provisioning.ProvisionAsync(new(number), new(quota, messages), CancellationToken.None);
        return Mail(number);
    }

    public AccountMail Mail(long number = 1) =>
        Get<IMailStore>().For(new Principal(new(number), EmailAddress.Parse($"user{number}@example.test"), false, 1));

    public async Task<IncomingMessage> MessageAsync(string text) => await MessageAsync(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")));

    public async Task<IncomingMessage> MessageAsync(byte[] octets, byte[]? front = null)
    {
        await using var spool = Get<IBlobStore>().Begin();
        await spool.WriteAsync(octets, CancellationToken.None);
        return await spool.CompleteAsync(front, CancellationToken.None);
    }

    public async Task AssertSoundAsync() => Assert.Empty(await Get<StoreDoctor>().BrokenAsync(CancellationToken.None));

    public async Task RunAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await Listener.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        System.IO.Directory.Delete(_directory, recursive: true);
    }
}

internal static class MailExtensions
{
    public static async Task<MailboxId> InboxAsync(this AccountMail mail) => (await mail.Mailboxes.FindAsync(MailboxName.Inbox, default))!.Id;

    public static async Task<MailboxId> BoxAsync(this AccountMail mail, SpecialUse use) => (await mail.Mailboxes.FindAsync(use, default))!.Id;

    public static async Task<Appended> PutAsync(this AccountMail mail, Node node, MailboxId box, int count = 1, FlagSet flags = default)
    {
        var items = new List<AppendItem>();
        for (var i = 0; i < count; i++)
            items.Add(new(await node.MessageAsync($"Subject: message {i}\nMessage-ID: <{Guid.NewGuid():n}@x>\n\nBody {i}\n"), flags, null));
        return await mail.Messages.AppendAsync(box, items, default);
    }

    public static UidSet Uids(params uint[] uids) => UidSet.From(uids.Select(u => new Uid(u)));
}
