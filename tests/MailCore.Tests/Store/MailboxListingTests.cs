using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Store;

/// <summary>Listings that are watched: what NOTIFY tells of (RFC 5465).</summary>
public sealed class MailboxListingTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task AllWatchersShareOneLookAndHearOfEveryChange()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var watchers = new List<Watcher>();
        for (var i = 0; i < 50; i++)
            watchers.Add(await Watcher.StartAsync(mail));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => mail.PutAsync(node, inbox)));
        await mail.Mailboxes.CreateAsync(MailboxName.Parse("new"), SpecialUse.None, None);
        await mail.Mailboxes.SetSubscribedAsync(MailboxName.Parse("nowhere"), subscribed: true, None);
        foreach (var watcher in watchers)
            await watcher.UntilAsync(static now => now.Find("INBOX")!.Messages == 20 && now.Find("new") is not null && now.IsSubscribed("nowhere"));
        Assert.All(watchers, watcher => Assert.Same(watchers[0].Watch.Current, watcher.Watch.Current));
        watchers.ForEach(static watcher => watcher.Dispose());
    }

    [Fact]
    public async Task AnotherNodesChangesAreHeard()
    {
        await using var here = await Node.StartAsync(postgres, listen: true, sweep: TimeSpan.FromMilliseconds(200));
        await using var there = await Node.StartAsync(postgres, here.DataSource.ConnectionString, listen: true);
        var mail = await there.AccountAsync();
        using var watcher = await Watcher.StartAsync(here.Mail());
        var watch = watcher.Watch;
        var before = watch.Current;
        await mail.Mailboxes.RenameAsync(MailboxName.Parse("Archive"), MailboxName.Parse("Old/Archive"), None);
        await watcher.UntilAsync(static now => now.Find("Old/Archive") is not null);
        Assert.Equal(before.Find("Archive")!.Id, watch.Current.Find("Old/Archive")!.Id);
        Assert.Null(watch.Current.Find("Archive"));
        await mail.Mailboxes.DeleteAsync(MailboxName.Parse("Old/Archive"), None);
        await watcher.UntilAsync(static now => now.Find("Old/Archive") is null);
    }

    [Fact]
    public async Task WhoLooksSeesWhatWasCommitted()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        using var watch = await mail.Mailboxes.WatchAsync(static () => { }, None);
        await mail.PutAsync(node, await mail.InboxAsync(), 3);
        await watch.LookAsync(None);
        Assert.Equal(3, watch.Current.Find("INBOX")!.Messages);
        Assert.Equal(watch.Current.Find("INBOX"), watch.Current.Find(await mail.InboxAsync()));
    }

    private sealed class Watcher : IDisposable
    {
        private readonly SemaphoreSlim _changed = new(0);

        public IMailboxListWatch Watch { get; private set; } = null!;

        public static async Task<Watcher> StartAsync(AccountMail mail)
        {
            var watcher = new Watcher();
            watcher.Watch = await mail.Mailboxes.WatchAsync(() => watcher._changed.Release(), None);
            return watcher;
        }

        public void Dispose()
        {
            Watch.Dispose();
            _changed.Dispose();
        }

        public async Task UntilAsync(Func<MailboxListing, bool> isSo)
        {
            while (!isSo(Watch.Current))
                Assert.True(await _changed.WaitAsync(TimeSpan.FromSeconds(20)), "No word came");
        }
    }
}
