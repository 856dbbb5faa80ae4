using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MimeKit;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.Protocols;
using Webmail.Protocols.Wire;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Outbound;

/// <summary>A server whose mail all goes to one <see cref="SmtpSink"/>, with quick retries. lisi@example.test has an account.</summary>
internal sealed class QueueWorld : IAsyncDisposable
{
    public const string Text = "Subject: hello\r\nMessage-ID: <1@example.test>\r\nFrom: lisi@example.test\r\n\r\nHello.\r\n";

    private readonly List<(ServiceProvider Services, List<IHostedService> Started, string Directory)> _nodes = [];

    private QueueWorld(MailWorld world, SmtpSink sink)
    {
        World = world;
        Sink = sink;
    }

    public MailWorld World { get; }

    public SmtpSink Sink { get; private set; }

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<QueueWorld> StartAsync(PostgresFixture postgres, bool run = true, Func<OutboundSettings, OutboundSettings>? change = null)
    {
        var sink = new SmtpSink();
        var outbound = new OutboundSettings
        {
            Routes = [new("*", "127.0.0.1", sink.Port)],
            RetryFirst = TimeSpan.FromMilliseconds(200),
            RetryMax = TimeSpan.FromMilliseconds(400),
        };
        var world = await MailWorld.StartAsync(postgres, s => s with { Outbound = change?.Invoke(outbound) ?? outbound });
        await world.AddAccountAsync("lisi");
        if (run)
            await world.StartBackgroundAsync();
        return new(world, sink);
    }

    public T Of<T>()
        where T : notnull => World.Services.GetRequiredService<T>();

    public async Task<SmtpSink> RestartSinkAsync()
    {
        var port = Sink.Port;
        await Sink.DisposeAsync();
        return Sink = new SmtpSink(port);
    }

    /// <summary>Queues a message as the inbound pipeline does.</summary>
    public async Task<Guid> EnqueueAsync(QueuedMail mail, string text = Text, IReadOnlyList<LocalDelivery>? local = null)
    {
        await using var spool = Of<IBlobStore>().Begin();
        await spool.WriteAsync(Encoding.UTF8.GetBytes(text), Ct);
        var id = Guid.NewGuid();
        await Of<IDeliveryStore>().DeliverAsync(new(id, await spool.CompleteAsync(default, Ct), local ?? [], mail, null), Ct);
        return id;
    }

    public static QueuedMail Mail(params string[] recipients) => new(
        EmailAddress.Parse("lisi@example.test"), [.. recipients.Select(r => new RemoteRecipient(EmailAddress.Parse(r), null, null))],
        default, null, null, false, false, null);

    public static QueuedMail Notify(QueuedMail mail, string notify, string? orcpt = null) =>
        mail with { Recipients = [.. mail.Recipients.Select(r => r with { Notify = notify, Orcpt = orcpt })] };

    /// <summary>Waits until nothing is queued any more.</summary>
    public async Task DrainAsync(double seconds = 20)
    {
        for (var i = 0; i < seconds * 20; i++)
        {
            if (await World.CountAsync("select (select count(*) from queue.message) + (select count(*) from queue.recipient)") == 0)
                return;
            await Task.Delay(50, Ct);
        }

        throw new TimeoutException("The queue did not become empty");
    }

    public async Task<IReadOnlyList<MimeMessage>> InboxAsync(string account, int atLeast)
    {
        for (var i = 0; i < 200; i++)
        {
            var messages = await World.MessagesAsync(account, "INBOX");
            if (messages.Count >= atLeast)
                return [.. messages.Select(m => MimeMessage.Load(new MemoryStream(m)))];
            await Task.Delay(50, Ct);
        }

        throw new TimeoutException($"{account} did not get {atLeast} messages");
    }

    /// <summary>Another process on the same database, as far as a process can be two.</summary>
    public async Task<IServiceProvider> AddNodeAsync()
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("webmail-node-").FullName;
        var services = new ServiceCollection().AddLogging()
            .AddMailCore(World.Settings with { DataDirectory = directory }).AddSingleton(new ServerTls(() => TestCertificate.Context)).AddProtocols().BuildServiceProvider();
        var started = new List<IHostedService>();
        foreach (var service in services.GetServices<IHostedService>())
        {
            await service.StartAsync(Ct);
            started.Add(service);
        }

        _nodes.Add((services, started, directory));
        return services;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (services, started, directory) in _nodes)
        {
            foreach (var service in Enumerable.Reverse(started))
                await service.StopAsync(CancellationToken.None);
            await services.DisposeAsync();
            System.IO.Directory.Delete(directory, recursive: true);
        }

        await World.DisposeAsync();
        await Sink.DisposeAsync();
    }
}
