using Webmail.MailCore.Jobs;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;
using static Webmail.MailCore.Model.MailboxRights;

namespace Webmail.MailCore.Tests.Store.Sharing;

/// <summary>Ann and Bob at work in one mailbox on two nodes at once, while Bob's other programs sync by CHANGEDSINCE: whatever HIGHESTMODSEQ they are told, nothing below it is missing.</summary>
public sealed class ReaderRaceTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    [Fact]
    public async Task NothingBelowTheHighestModSeqIsMissing()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        await using var other = await Node.StartAsync(postgres, world.Node.DataSource.ConnectionString);
        var (_, id) = await world.BoxAsync((SharingWorld.Bob, Lookup | Read | KeepSeen | Write));
        await world.Mail(SharingWorld.Ann).PutAsync(world.Node, id, 30);
        using var time = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        int stored = 0, synced = 0;
        await Task.WhenAll(
            StoreAsync(world.Node.Mail(SharingWorld.Ann), FlagSet.Flagged | FlagSet.Seen), StoreAsync(other.Mail(SharingWorld.Ann), FlagSet.Answered),
            StoreAsync(world.Node.Mail(SharingWorld.Bob), FlagSet.Seen), StoreAsync(other.Mail(SharingWorld.Bob), FlagSet.Seen | FlagSet.Draft),
            SyncAsync(world.Node), SyncAsync(other), FoldAsync());
        Assert.True(stored > 20 && synced > 20, $"{stored} stored, {synced} synced");
        await world.Node.AssertSoundAsync();

        async Task StoreAsync(AccountMail mail, FlagSet flags)
        {
            while (!time.IsCancellationRequested)
            {
                var uids = UidSet.Range(new((uint)Random.Shared.Next(1, 33)), new((uint)Random.Shared.Next(1, 33)));
                var change = new FlagChange((FlagOperation)Random.Shared.Next(1, 3), flags);
                await mail.Messages.ChangeFlagsAsync(id, uids, change, null, Ct);
                Interlocked.Increment(ref stored);
            }
        }

        async Task SyncAsync(Node node)
        {
            var messages = node.Mail(SharingWorld.Bob).Messages;
            var known = new SortedDictionary<uint, FlagSet>();
            var since = new ModSeq(0);
            MailboxSnapshot? before = null;
            while (!time.IsCancellationRequested)
            {
                // What costs nothing must hold as much as what was asked for.
                var view = Random.Shared.Next(2) == 0 && messages.Current(id) is { } current ? current : await messages.OpenAsync(id, Ct);
                if (view.HighestModSeq < since)
                    continue;
                foreach (var uid in (await messages.ChangesSinceAsync(view, since, Ct)).Changed)
                    known[uid.Value] = view[view.Find(uid)].Flags;
                since = view.HighestModSeq;
                Assert.Equal(Enumerable.Range(0, view.Count).Select(i => (view[i].Uid.Value, view[i].Flags)), known.Select(k => (k.Key, k.Value)));
                if (before is not null && before.HighestModSeq <= view.HighestModSeq)
                    Assert.All(Enumerable.Range(0, view.Count), i => Assert.True(before[i].Flags == view[i].Flags || view.Since(before).Changed.Contains(view[i].Uid)));
                before = view;
                synced++;
            }
        }

        async Task FoldAsync()
        {
            while (!time.IsCancellationRequested)
                await world.Node.Get<FoldChanges>().RunAsync(Ct);
        }
    }
}
