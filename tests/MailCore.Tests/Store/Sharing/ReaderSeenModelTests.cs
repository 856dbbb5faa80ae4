using CsCheck;
using Webmail.MailCore.Jobs;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Search;
using Webmail.Testing;
using static Webmail.MailCore.Model.MailboxRights;

namespace Webmail.MailCore.Tests.Store.Sharing;

/// <summary>
/// Ann's mailbox, read by Bob and Carol on two nodes: random changes against a model of one set of flags and three of \Seen. Every reader has clients that
/// sync by CHANGEDSINCE only, now and then: what they hold must be what the store says, and HIGHESTMODSEQ never goes back.
/// </summary>
public sealed class ReaderSeenModelTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    private sealed record Command(int Kind, int Who, int Node, uint First, uint Last, long Flags, FlagOperation Operation);

    private static readonly Gen<Command> GenCommand =
        Gen.Select(Gen.Int[0, 9], Gen.Int[1, 3], Gen.Int[0, 1], Gen.UInt[1, 8], Gen.UInt[0, 4], Gen.Int[0, 31], Gen.Int[0, 2])
            .Select((kind, who, node, first, more, flags, operation) => new Command(kind, who, node, first, first + more, flags, (FlagOperation)operation));

    [Fact]
    public async Task EachReaderSeesItsOwnSeen()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        await using var other = await Node.StartAsync(postgres, world.Node.DataSource.ConnectionString);
        var rights = All & ~Administer;
        await GenCommand.List[1, 60].SampleAsync(
            async commands =>
            {
                var (_, id) = await world.BoxAsync((SharingWorld.Bob, rights), (SharingWorld.Carol, rights));
                await new Run([world.Node, other], id).PlayAsync(commands);
            },
            iter: 30, threads: 2);
        await world.Node.Get<FoldChanges>().RunAsync(Ct);
        await world.Node.AssertSoundAsync();
    }

    [Fact]
    public async Task AThousandChangesAreAFewRows()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        var (_, id) = await world.BoxAsync((SharingWorld.Bob, Read | KeepSeen));
        await world.Mail(SharingWorld.Ann).PutAsync(world.Node, id, 8);
        var bob = world.Mail(SharingWorld.Bob).Messages;
        var client = new Client();
        for (uint i = 0; i < 300; i++)
        {
            var change = new FlagChange(i % 3 == 2 ? FlagOperation.Remove : FlagOperation.Add, FlagSet.Seen);
            await bob.ChangeFlagsAsync(id, MailExtensions.Uids((i % 10) + 1), change, null, Ct);
            if (i % 40 == 0)
                await client.SyncAsync(bob, id);
        }

        Assert.InRange(await world.Node.ScalarAsync<long>("select count(*) from mail.seen"), 1, 64);
        await using var cold = await Node.StartAsync(postgres, world.Node.DataSource.ConnectionString);
        var there = await cold.Mail(SharingWorld.Bob).Messages.OpenAsync(id, Ct);
        var here = await bob.OpenAsync(id, Ct);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => here[i].Flags), Enumerable.Range(0, 10).Select(i => there[i].Flags));
        await client.SyncAsync(cold.Mail(SharingWorld.Bob).Messages, id);
        Assert.Equal(here.Unseen, there.Unseen);
        Assert.Equal(here.FirstUnseen, there.FirstUnseen);
    }

    /// <summary>A mail client that knows flags by UID and asks for what changed since it was last here (RFC 7162).</summary>
    private sealed class Client
    {
        private readonly SortedDictionary<uint, FlagSet> _flags = [];
        private ModSeq _since;

        public async Task SyncAsync(IMessageStore store, MailboxId id)
        {
            var view = await store.OpenAsync(id, Ct);
            Assert.True(view.HighestModSeq >= _since, "HIGHESTMODSEQ went back");
            var changes = await store.ChangesSinceAsync(view, _since, Ct);
            foreach (var uid in changes.Vanished ?? UidSet.Empty)
                _flags.Remove(uid.Value);
            foreach (var uid in changes.Changed)
                _flags[uid.Value] = view[view.Find(uid)].Flags;
            _since = view.HighestModSeq;
            Assert.Equal(Enumerable.Range(0, view.Count).Select(i => (view[i].Uid.Value, view[i].Flags)), _flags.Select(f => (f.Key, f.Value)));
            Assert.All(Enumerable.Range(0, view.Count), i => Assert.True(view[i].ModSeq <= view.HighestModSeq));
        }
    }

    private sealed class Run(Node[] nodes, MailboxId id)
    {
        private readonly SortedDictionary<uint, FlagSet> _shared = new() { [1] = FlagSet.Deleted, [2] = FlagSet.None };
        private readonly HashSet<uint>[] _seen = [[], [], []];
        private readonly Client[] _clients = [.. Enumerable.Range(0, 6).Select(_ => new Client())];
        private readonly MailboxSnapshot?[] _views = new MailboxSnapshot?[6];
        private uint _next = 3;

        public async Task PlayAsync(List<Command> commands)
        {
            foreach (var command in commands)
            {
                await PlayAsync(command, nodes[command.Node].Mail(command.Who).Messages);
                if (command.Flags % 3 == 0)
                    await CompareAsync((command.Who - 1) * 2 + (1 - command.Node));
            }

            for (var i = 0; i < _clients.Length; i++)
                await CompareAsync(i);
        }

        private async Task PlayAsync(Command c, IMessageStore store)
        {
            var uids = UidSet.Range(new(c.First), new(c.Last));
            var among = _shared.Keys.Where(u => u >= c.First && u <= c.Last).ToList();
            switch (c.Kind)
            {
                case 0:
                    await nodes[c.Node].Mail(c.Who).PutAsync(nodes[c.Node], id, 1, new(c.Flags));
                    Add(c.Who, new(c.Flags));
                    break;
                case 1:
                    await store.ExpungeAsync(id, uids, Ct);
                    foreach (var uid in among.Where(u => _shared[u].Has(FlagSet.Deleted)))
                        _shared.Remove(uid);
                    break;
                case 2:
                    var copied = await store.CopyAsync(id, uids, id, Ct);
                    Assert.Equal(among.Count, copied.To.Count);
                    foreach (var uid in among)
                        Add(c.Who, _shared[uid] | (Sees(c.Who, uid) ? FlagSet.Seen : FlagSet.None), ownerSaw: Sees(1, uid));
                    break;
                default:
                    await store.ChangeFlagsAsync(id, uids, new(c.Operation, new(c.Flags)), null, Ct);
                    foreach (var uid in among)
                        Set(c.Who, uid, new FlagChange(c.Operation, new(c.Flags)).Apply(_shared[uid] | (Sees(c.Who, uid) ? FlagSet.Seen : FlagSet.None)));
                    break;
            }
        }

        private bool Sees(int who, uint uid) => _seen[who - 1].Contains(uid);

        private void Add(int who, FlagSet flags, bool ownerSaw = false)
        {
            Set(who, _next, flags);
            if (ownerSaw)
                _seen[0].Add(_next);
            _next++;
        }

        private void Set(int who, uint uid, FlagSet flags)
        {
            _shared[uid] = flags.Without(FlagSet.Seen);
            if (flags.Has(FlagSet.Seen))
                _seen[who - 1].Add(uid);
            else
                _seen[who - 1].Remove(uid);
        }

        private async Task CompareAsync(int client)
        {
            var who = (client / 2) + 1;
            var store = nodes[client % 2].Mail(who).Messages;
            await _clients[client].SyncAsync(store, id);
            var view = await store.OpenAsync(id, Ct);
            var expected = _shared.Select(e => (e.Key, e.Value | (Sees(who, e.Key) ? FlagSet.Seen : FlagSet.None))).ToList();
            Assert.Equal(expected, Enumerable.Range(0, view.Count).Select(i => (view[i].Uid.Value, view[i].Flags)).ToList());
            var unseen = expected.Where(e => !e.Item2.Has(FlagSet.Seen)).Select(e => e.Key).ToList();
            Assert.Equal(unseen.Count, view.Unseen);
            Assert.Equal(unseen.Count == 0 ? -1 : expected.FindIndex(e => e.Key == unseen[0]), view.FirstUnseen);
            Assert.Equal(unseen, (await store.SearchAsync(view, new NotQuery(new HasFlags(FlagSet.Seen)), Ct)).Select(u => u.Value));
            if (_views[client] is { } before)
                CompareDelta(before, view);
            _views[client] = view;
        }

        private static void CompareDelta(MailboxSnapshot before, MailboxSnapshot now)
        {
            var delta = now.Since(before);
            for (var i = 0; i < now.Count; i++)
            {
                var was = before.Find(now[i].Uid);
                Assert.Equal(was < 0, delta.Arrived.Contains(now[i].Uid));
                if (was >= 0 && before[was].Flags != now[i].Flags)
                    Assert.True(delta.Changed.Contains(now[i].Uid), "a change was not told");
            }

            Assert.Empty(delta.Arrived.Intersect(delta.Changed));
        }
    }
}
