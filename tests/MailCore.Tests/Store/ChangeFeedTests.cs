using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;
using static Webmail.MailCore.Tests.Store.MailExtensions;

namespace Webmail.MailCore.Tests.Store;

/// <summary>Two processes on one database (each with its own pool, index and feed): hints flow, get lost, and the connection that hears them is cut off.</summary>
public sealed class ChangeFeedTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task AnotherNodesChangeIsHeardByHint()
    {
        await using var here = await Node.StartAsync(postgres, listen: true);
        await using var there = await Node.StartAsync(postgres, here.DataSource.ConnectionString, listen: true);
        var mail = await there.AccountAsync();
        var inbox = await mail.InboxAsync();
        await ListeningAsync(here);
        var heard = new Signal();
        using var watch = here.Mail().Changes.Watch(inbox, heard.Set);
        await here.Mail().Messages.OpenAsync(inbox, None);

        await mail.PutAsync(there, inbox);
        await heard.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(1, (await here.Mail().Messages.OpenAsync(inbox, None)).Count);

        heard.Reset();
        await mail.Messages.ChangeFlagsAsync(inbox, Uids(1), new(FlagOperation.Add, FlagSet.Seen), null, None);
        await heard.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(FlagSet.Seen, (await here.Mail().Messages.OpenAsync(inbox, None))[0].Flags);
    }

    [Fact]
    public async Task OwnChangesAreHeardBeforeTheVerbReturns()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        int box = 0, account = 0;
        using var watchBox = mail.Changes.Watch(inbox, () => box++);
        var watchAccount = mail.Changes.WatchAccount(mail.Principal, () => account++);
        await mail.PutAsync(node, inbox);
        Assert.Equal((1, 1), (box, account));
        await mail.Mailboxes.CreateAsync(MailboxName.Parse("new"), SpecialUse.None, None);
        Assert.Equal((1, 2), (box, account));
        watchAccount.Dispose();
        await mail.Messages.RemoveAsync(inbox, Uids(1), None);
        Assert.Equal((2, 2), (box, account));
    }

    [Fact]
    public async Task ALostHintIsMadeUpForByTheSweep()
    {
        // A change behind the store's back: nobody sends a hint.
        await using var there = await Node.StartAsync(postgres);
        var mail = await there.AccountAsync();
        var inbox = await mail.InboxAsync();
        await using var here = await Node.StartAsync(postgres, there.DataSource.ConnectionString, sweep: TimeSpan.FromMilliseconds(200), listen: true);
        await ListeningAsync(here);
        var heard = new Signal();
        using var watch = here.Mail().Changes.Watch(inbox, heard.Set);
        await Task.Delay(500);
        heard.Reset();
        await there.RunAsync("select mail.store_1(1, 1, 0, '{}', 8, 0, 0, 0)");
        await heard.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task WhatHappenedWhileTheListenerWasCutOffIsHeardAfterwards()
    {
        await using var there = await Node.StartAsync(postgres);
        var mail = await there.AccountAsync();
        var inbox = await mail.InboxAsync();
        await using var here = await Node.StartAsync(postgres, there.DataSource.ConnectionString, sweep: TimeSpan.FromHours(1), listen: true);
        await ListeningAsync(here);
        var heard = new Signal();
        using var watch = here.Mail().Changes.Watch(inbox, heard.Set);
        Assert.True(await here.ScalarAsync<bool>(ListenerSql("bool_or(pg_terminate_backend(pid))")));
        await there.RunAsync("select mail.store_1(1, 1, 0, '{}', 8, 0, 0, 0)");
        await heard.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task ADeletedMailboxIsHeardOf()
    {
        await using var there = await Node.StartAsync(postgres);
        var mail = await there.AccountAsync();
        var box = await mail.Mailboxes.CreateAsync(MailboxName.Parse("short"), SpecialUse.None, None);
        await using var here = await Node.StartAsync(postgres, there.DataSource.ConnectionString, listen: true);
        await ListeningAsync(here);
        var heard = new Signal();
        using var watch = here.Mail().Changes.Watch(box.Id, heard.Set);
        await mail.Mailboxes.DeleteAsync(box.Name, None);
        await heard.WaitAsync(TimeSpan.FromSeconds(5));
        await MessageStoreTests.RefusedAsync(MailError.NotFound, () => here.Mail().Messages.OpenAsync(box.Id, None).AsTask());
    }

    private static async Task ListeningAsync(Node node)
    {
        for (var i = 0; i < 200 && await node.ScalarAsync<long>(ListenerSql("count(*)")) == 0; i++)
            await Task.Delay(25);
        // What it does after LISTEN.
        await Task.Delay(100);
    }

    private static string ListenerSql(string what) =>
        $"select {what} from pg_stat_activity where datname = current_database() and query like 'listen %' or (datname = current_database() and query = 'select 1')";

    private sealed class Signal
    {
        private TaskCompletionSource _set = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Set() => _set.TrySetResult();

        public void Reset() => _set = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task WaitAsync(TimeSpan atMost) => _set.Task.WaitAsync(atMost);
    }
}
