using Webmail.MailCore.Jobs;
using Webmail.MailCore.Model;
using Webmail.MailCore.Tests.Store;
using Webmail.Testing;
using static Webmail.MailCore.Tests.Store.MailExtensions;

namespace Webmail.MailCore.Tests.Jobs;

public sealed class JobTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task FoldingKeepsWhatAMailboxLooksLike()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(node, inbox, 6);
        await mail.Messages.ChangeFlagsAsync(inbox, Uids(1, 2, 5), new(FlagOperation.Add, FlagSet.Seen), null, None);
        await mail.Messages.ChangeFlagsAsync(inbox, Uids(2, 3), new(FlagOperation.Replace, FlagSet.Deleted), null, None);
        await mail.Messages.RemoveAsync(inbox, Uids(5), None);
        var before = mail.Messages.Current(inbox)!;

        await node.Get<FoldChanges>().RunAsync(None);
        Assert.Equal(0, await node.ScalarAsync<long>("select count(*) from mail.change where not folded"));
        await using var other = await Node.StartAsync(postgres, node.DataSource.ConnectionString);
        Assert.Equal(MessageStoreTests.Entries(before), MessageStoreTests.Entries(await other.Mail().Messages.OpenAsync(inbox, None)));
        Assert.Equal(2, await node.ScalarAsync<long>("select count(*) from mail.entry where flags = 4 and uid in (2, 3)"));
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task AFoldCutOffHalfWayDoesNoHarm()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(node, inbox, 6);
        await mail.Messages.ChangeFlagsAsync(inbox, Uids(1, 2, 3, 6), new(FlagOperation.Add, FlagSet.Seen), null, None);
        var modSeq = mail.Messages.Current(inbox)!.HighestModSeq;
        Assert.Equal(2, await node.ScalarAsync<long>($"select mail.fold_1(1, 1, {modSeq}, 0, 2)"));
        await mail.Messages.RemoveAsync(inbox, Uids(6), None);
        await mail.Messages.ChangeFlagsAsync(inbox, Uids(1), new(FlagOperation.Remove, FlagSet.Seen), null, None);
        await using var other = await Node.StartAsync(postgres, node.DataSource.ConnectionString);
        Assert.Equal(MessageStoreTests.Entries(mail.Messages.Current(inbox)!), MessageStoreTests.Entries(await other.Mail().Messages.OpenAsync(inbox, None)));
        await node.Get<FoldChanges>().RunAsync(None);
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task WhatWasExpungedLongAgoIsFreedUnlessACopyIsThere()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        MailboxId inbox = await mail.InboxAsync(), archive = await mail.BoxAsync(SpecialUse.Archive);
        await mail.PutAsync(node, inbox, 3);
        var then = (await mail.Messages.OpenAsync(inbox, None)).HighestModSeq;
        await mail.Messages.CopyAsync(inbox, Uids(1), archive, None);
        await mail.Messages.RemoveAsync(inbox, Uids(1, 2), None);
        await node.Get<PurgeExpunged>().RunAsync(None);
        Assert.Equal(3, await node.ScalarAsync<long>("select count(*) from mail.message"));

        await node.RunAsync("update mail.expunged set at = now() - interval '15 days'");
        await node.Get<PurgeExpunged>().RunAsync(None);
        Assert.Equal(2, await node.ScalarAsync<long>("select count(*) from mail.message"));
        Assert.Equal(2, await node.ScalarAsync<long>("select count(*) from mail.body"));
        Assert.Null((await mail.Messages.ChangesSinceAsync(await mail.Messages.OpenAsync(inbox, None), then, None)).Vanished);
        await using var other = await Node.StartAsync(postgres, node.DataSource.ConnectionString);
        Assert.Single(await other.Mail().Messages.ReadBodiesAsync(archive, [new(1)], None));
        // The thread of the message that is gone is forgotten with it.
        Assert.Equal(0, await node.ScalarAsync<long>("select count(*) from mail.thread_ref t where not exists (select from mail.message g where g.thread_id = t.thread_id)"));
        Assert.Equal(2, await node.ScalarAsync<long>("select count(distinct thread_id) from mail.thread_ref"));
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task TheModSeqOfAMailboxNeverGoesBack()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var name = MailboxName.Parse("box");
        var box = (await mail.Mailboxes.CreateAsync(name, SpecialUse.None, None)).Id;
        await mail.PutAsync(node, box, 4);
        await mail.Messages.ChangeFlagsAsync(box, Uids(1, 2), new(FlagOperation.Add, FlagSet.Seen), null, None);
        await mail.Messages.RemoveAsync(box, Uids(1, 2, 3, 4), None);
        var before = await mail.Messages.OpenAsync(box, None);
        await node.Get<FoldChanges>().RunAsync(None);
        await node.RunAsync("update mail.expunged set at = now() - interval '15 days'; update mail.change set at = now() - interval '15 days'");
        await node.Get<PurgeExpunged>().RunAsync(None);
        await node.Get<PurgeLogs>().RunAsync(None);

        // Another process, which knows nothing but the tables.
        await using var other = await Node.StartAsync(postgres, node.DataSource.ConnectionString);
        var after = await other.Mail().Messages.OpenAsync(box, None);
        Assert.Equal((before.HighestModSeq, before.UidNext, 0), (after.HighestModSeq, after.UidNext, after.Count));
        await other.Mail().Mailboxes.DeleteAsync(name, None);
        var anew = await other.Mail().Mailboxes.CreateAsync(name, SpecialUse.None, None);
        Assert.True(anew.UidValidity > after.UidValidity);
        Assert.True(anew.HighestModSeq > after.HighestModSeq);
        Assert.True((await mail.Messages.OpenAsync(anew.Id, None)).HighestModSeq >= anew.HighestModSeq);
    }

    [Fact]
    public async Task AnnotationsGoWithTheirMailbox()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var name = MailboxName.Parse("box");
        var box = (await mail.Mailboxes.CreateAsync(name, SpecialUse.None, None)).Id;
        await mail.Annotations.SetAsync(box, [new("/shared/comment", [1]), new("/private/comment", [2])], None);
        await mail.Annotations.SetAsync(null, [new("/private/comment", [3])], None);
        await mail.Annotations.SetAsync(box, [new("/private/comment", null)], None);
        await node.Get<PurgeLogs>().RunAsync(None);
        Assert.Equal(3, await node.ScalarAsync<long>("select count(*) from mail.annotation"));
        await mail.Mailboxes.DeleteAsync(name, None);
        await node.Get<PurgeLogs>().RunAsync(None);
        Assert.Equal(1, await node.ScalarAsync<long>("select count(*) from mail.annotation"));
    }

    [Fact]
    public async Task ANodeThatMissedAPurgedLogStartsAfresh()
    {
        await using var node = await Node.StartAsync(postgres);
        await using var other = await Node.StartAsync(postgres, node.DataSource.ConnectionString);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(node, inbox, 4);
        await other.Mail().Messages.OpenAsync(inbox, None);
        await mail.Messages.ChangeFlagsAsync(inbox, Uids(1), new(FlagOperation.Add, FlagSet.Seen), null, None);
        await mail.Messages.RemoveAsync(inbox, Uids(2), None);
        await node.Get<FoldChanges>().RunAsync(None);
        await node.RunAsync("update mail.expunged set at = now() - interval '15 days'; update mail.change set at = now() - interval '15 days'");
        await node.Get<PurgeExpunged>().RunAsync(None);
        await node.Get<PurgeLogs>().RunAsync(None);
        Assert.Equal(0, await node.ScalarAsync<long>("select count(*) from mail.change"));
        var seen = await other.Mail().Messages.OpenAsync(inbox, None);
        Assert.Equal(MessageStoreTests.Entries(mail.Messages.Current(inbox) ?? await mail.Messages.OpenAsync(inbox, None)), MessageStoreTests.Entries(seen));
    }

    [Fact]
    public async Task ObjectsAreFreedInTwoPhasesAndNotWhileNamed()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var named = await node.MessageAsync(new byte[300_000]);
        await mail.Messages.AppendAsync(inbox, [new(named, FlagSet.None, null)], None);
        var octets = new byte[400_000];
        await node.MessageAsync(octets);
        var sweep = node.Get<SweepObjects>();

        await node.RunAsync("update mail.object set refreshed_at = now() - interval '2 days'");
        await sweep.RunAsync(None);
        Assert.Equal(1, await node.ScalarAsync<long>("select count(*) from mail.object where doomed_at is not null"));
        await node.MessageAsync(octets);
        Assert.Equal(0, await node.ScalarAsync<long>("select count(*) from mail.object where doomed_at is not null"));

        await node.RunAsync("update mail.object set refreshed_at = now() - interval '2 days'");
        await sweep.RunAsync(None);
        await node.RunAsync("update mail.object set doomed_at = now() - interval '2 days' where doomed_at is not null");
        await sweep.RunAsync(None);
        Assert.Equal(1, await node.ScalarAsync<long>("select count(*) from mail.object"));
        Assert.Equal(1, await node.ScalarAsync<long>("select count(*) from mail.object_chunk"));
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task AJobRunsOnOneNodeAtATime()
    {
        await using var node = await Node.StartAsync(postgres);
        await using var other = await Node.StartAsync(postgres, node.DataSource.ConnectionString);
        var entry = JobTable.All[0];
        var job = new Counting();
        var first = NewRunner(node).RunAsync(entry, job, None);
        await job.Started.Task;
        await NewRunner(other).RunAsync(entry, job, None);
        Assert.Equal(1, job.Runs);
        job.Go.SetResult();
        await first;
        await NewRunner(other).RunAsync(entry, job, None);
        Assert.Equal(2, job.Runs);
    }

    [Fact]
    public void EveryJobStandsInTheTable() =>
        Assert.Equal(
            typeof(IJob).Assembly.GetTypes().Where(t => t.IsAssignableTo(typeof(IJob)) && !t.IsInterface).OrderBy(t => t.Name),
            JobTable.All.Select(e => e.Job).OrderBy(t => t.Name));

    private static JobRunner NewRunner(Node node) =>
        new(node.Get<IServiceProvider>(), node.DataSource, TimeProvider.System, node.Get<Microsoft.Extensions.Logging.ILogger<JobRunner>>());

    private sealed class Counting : IJob
    {
        public TaskCompletionSource Started { get; } = new();

        public TaskCompletionSource Go { get; } = new();

        public int Runs { get; private set; }

        public Task RunAsync(CancellationToken ct)
        {
            Runs++;
            Started.TrySetResult();
            return Go.Task;
        }
    }

    [Fact]
    public async Task ATableThatGrewIsCountedAnew()
    {
        const string Known = "select reltuples::bigint from pg_class where oid = 'mail.message'::regclass";
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(node, inbox, 3);
        await node.Get<AnalyzeGrown>().RunAsync(None);
        Assert.True(await node.ScalarAsync<long>(Known) <= 0);

        await mail.PutAsync(node, inbox, 997);
        await node.Get<AnalyzeGrown>().RunAsync(None);
        Assert.Equal(1000, await node.ScalarAsync<long>(Known));
        await mail.PutAsync(node, inbox, 10);
        await node.Get<AnalyzeGrown>().RunAsync(None);
        Assert.Equal(1000, await node.ScalarAsync<long>(Known));
    }
}
