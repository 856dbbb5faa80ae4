using Webmail.MailCore.Jobs;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Store;

/// <summary>Many at once on the same mailboxes, on two nodes: nothing is lost, nothing deadlocks, and every index ends as the database is.</summary>
public sealed class RaceTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task StorersAMoverAnAppenderAndAFolderAgreeInTheEnd()
    {
        await using var a = await Node.StartAsync(postgres);
        await using var b = await Node.StartAsync(postgres, a.DataSource.ConnectionString);
        var mail = await a.AccountAsync();
        MailboxId inbox = await mail.InboxAsync(), trash = await mail.BoxAsync(SpecialUse.Trash);
        await mail.PutAsync(a, inbox, 40);
        await a.Mail().Messages.OpenAsync(trash, None);
        using var time = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        int stored = 0, moved = 0, appended = 40;
        await Task.WhenAll(
            UntilAsync(async random => stored += await StoreSomeAsync(a, inbox, random), time.Token),
            UntilAsync(async random => stored += await StoreSomeAsync(b, inbox, random), time.Token),
            UntilAsync(async random => moved += await MoveSomeAsync(b, inbox, trash, random), time.Token),
            UntilAsync(async _ => appended += (int)(await a.Mail().PutAsync(a, inbox, 2)).Uids.Count, time.Token),
            UntilAsync(async _ => await a.Get<FoldChanges>().RunAsync(None), time.Token),
            UntilAsync(async _ => ReadAlong(await b.Mail().Messages.OpenAsync(inbox, None)), time.Token));
        Assert.True(stored > 10 && moved > 5, $"{stored} stored, {moved} moved");

        await a.Get<FoldChanges>().RunAsync(None);
        await using var fresh = await Node.StartAsync(postgres, a.DataSource.ConnectionString);
        foreach (var box in new[] { inbox, trash })
        {
            var truth = MessageStoreTests.Entries(await fresh.Mail().Messages.OpenAsync(box, None));
            Assert.Equal(truth, MessageStoreTests.Entries(await a.Mail().Messages.OpenAsync(box, None)));
            Assert.Equal(truth, MessageStoreTests.Entries(await b.Mail().Messages.OpenAsync(box, None)));
        }

        Assert.Equal(appended, await a.ScalarAsync<long>("select count(*) from mail.entry"));
        await a.AssertSoundAsync();
    }

    [Fact]
    public async Task AnOwnCommitIsInTheIndexWhenTheVerbReturns()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.Messages.OpenAsync(inbox, None);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async n =>
        {
            for (var i = 0; i < 15; i++)
            {
                var appended = await mail.PutAsync(node, inbox);
                var uid = appended.Uids.Single();
                Assert.True(mail.Messages.Current(inbox)!.Find(uid) >= 0);
                var changed = await mail.Messages.ChangeFlagsAsync(inbox, appended.Uids, new(FlagOperation.Add, FlagSet.Flagged), null, None);
                Assert.Equal(FlagSet.Flagged, changed.Snapshot[changed.Snapshot.Find(uid)].Flags);
                if (i % 3 == n % 3)
                {
                    await mail.Messages.RemoveAsync(inbox, appended.Uids, None);
                    Assert.True(mail.Messages.Current(inbox)!.Find(uid) < 0);
                }
            }
        }));
        await node.Get<FoldChanges>().RunAsync(None);
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task ReplacersLoseNothingAndReplaceOnce()
    {
        await using var a = await Node.StartAsync(postgres);
        await using var b = await Node.StartAsync(postgres, a.DataSource.ConnectionString);
        var mail = await a.AccountAsync(quota: 20_000);
        MailboxId inbox = await mail.InboxAsync(), drafts = await mail.BoxAsync(SpecialUse.Drafts);
        await mail.PutAsync(a, inbox, 10);
        var item = new AppendItem(await a.MessageAsync("Subject: new\n\nnew\n"), FlagSet.Draft, null);
        var tooLarge = new AppendItem(await a.MessageAsync(new string('x', 25_000)), FlagSet.Draft, null);
        var replaced = 0;
        await Task.WhenAll(new[] { a, b, a, b }.Select(async (node, n) =>
        {
            var messages = node.Mail().Messages;
            for (uint uid = 1; uid <= 10; uid++)
            {
                if (await messages.ReplaceAsync(inbox, new(uid), n < 2 ? drafts : inbox, item, None) is not { } done)
                    continue;
                Interlocked.Increment(ref replaced);
                Assert.True(messages.Current(inbox)!.Find(new(uid)) < 0);
                Assert.Equal([new Uid(uid)], done.Expunged.Uids);
                var refusal = await Assert.ThrowsAsync<MailException>(
                    async () => await messages.ReplaceAsync(n < 2 ? drafts : inbox, done.Appended.Uids.Single(), inbox, tooLarge, None));
                Assert.Equal(MailError.OverQuota, refusal.Error);
            }
        }));
        Assert.Equal(10, replaced);
        Assert.Equal(10, await a.ScalarAsync<long>("select count(*) from mail.entry"));
        Assert.Equal(
            MessageStoreTests.Entries(await a.Mail().Messages.OpenAsync(inbox, None)), MessageStoreTests.Entries(await b.Mail().Messages.OpenAsync(inbox, None)));
        await a.AssertSoundAsync();
    }

    [Fact]
    public async Task UnchangedSinceIsWonByOne()
    {
        await using var a = await Node.StartAsync(postgres);
        await using var b = await Node.StartAsync(postgres, a.DataSource.ConnectionString);
        var mail = await a.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(a, inbox);
        for (var i = 0; i < 10; i++)
        {
            var seen = (await a.Mail().Messages.OpenAsync(inbox, None)).HighestModSeq;
            await b.Mail().Messages.OpenAsync(inbox, None);
            var bits = new[] { FlagSet.Keyword(8 + (2 * i)), FlagSet.Keyword(9 + (2 * i)) };
            var both = await Task.WhenAll(
                a.Mail().Messages.ChangeFlagsAsync(inbox, MailExtensions.Uids(1), new(FlagOperation.Add, bits[0]), seen, None).AsTask(),
                b.Mail().Messages.ChangeFlagsAsync(inbox, MailExtensions.Uids(1), new(FlagOperation.Add, bits[1]), seen, None).AsTask());
            Assert.Equal(1, both.Sum(r => r.Changed.Count));
            Assert.Equal(1, both.Sum(r => r.Modified.Count));
        }
    }

    private static async Task UntilAsync(Func<Random, Task> action, CancellationToken end)
    {
        var random = new Random(7);
        while (!end.IsCancellationRequested)
        {
            await action(random);
            await Task.Yield();
        }
    }

    private static async Task<int> StoreSomeAsync(Node node, MailboxId box, Random random)
    {
        var messages = node.Mail().Messages;
        var now = messages.Current(box) ?? await messages.OpenAsync(box, None);
        var uids = UidSet.From(Enumerable.Range(0, 5).Select(_ => new Uid((uint)random.Next(1, (int)now.UidNext.Value + 1))));
        var result = await messages.ChangeFlagsAsync(box, uids, new((FlagOperation)random.Next(3), new(random.Next(32))), null, None);
        return (int)result.Changed.Count;
    }

    private static async Task<int> MoveSomeAsync(Node node, MailboxId from, MailboxId to, Random random)
    {
        var messages = node.Mail().Messages;
        var now = messages.Current(from) ?? await messages.OpenAsync(from, None);
        if (now.Count == 0)
            return 0;
        return (int)(await messages.MoveAsync(from, UidSet.Of(now[random.Next(now.Count)].Uid), to, None)).From.Count;
    }

    private static void ReadAlong(MailboxSnapshot snapshot)
    {
        for (var i = 0; i < snapshot.Count; i++)
            Assert.Equal(i, snapshot.Find(snapshot[i].Uid));
    }
}
