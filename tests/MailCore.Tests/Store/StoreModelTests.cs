using CsCheck;
using Webmail.MailCore.Jobs;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Store;

/// <summary>Random commands from two nodes against a model that a child could check: two lists of (message, flags) with UIDs.</summary>
public sealed class StoreModelTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    private sealed record Command(int Kind, int Node, int Box, uint First, uint Last, int Flags, int Operation);

    private sealed class Box
    {
        public SortedDictionary<uint, (int Message, long Flags)> Entries { get; } = [];

        public uint UidNext { get; set; } = 1;

        public uint Add(int message, long flags)
        {
            Entries[UidNext] = (message, flags);
            return UidNext++;
        }

        public uint[] Among(Command c) => [.. Entries.Keys.Where(u => u >= c.First && u <= c.Last)];
    }

    private static readonly Gen<Command> GenCommand =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1], Gen.Int[0, 1], Gen.UInt[1, 12], Gen.UInt[0, 5], Gen.Int[0, 31], Gen.Int[0, 2])
            .Select((kind, node, box, first, more, flags, operation) => new Command(kind, node, box, first, first + more, flags, operation));

    [Fact]
    public async Task TheStoreIsWhatTheModelSays()
    {
        await using var a = await Node.StartAsync(postgres);
        await using var b = await Node.StartAsync(postgres, a.DataSource.ConnectionString);
        var message = await a.MessageAsync("Subject: model\n\nx\n");
        long account = 0;
        await GenCommand.List[1, 40].SampleAsync(
            async commands =>
            {
                var number = Interlocked.Increment(ref account);
                await a.AccountAsync(number);
                await new Run(a, b, number, message).PlayAsync(commands);
            },
            iter: 40, threads: 2);
        await a.Get<FoldChanges>().RunAsync(None);
        await a.AssertSoundAsync();
    }

    private sealed class Run(Node a, Node b, long account, IncomingMessage message)
    {
        private readonly Box[] _model = [new(), new()];
        private readonly MailboxId[] _ids = [new(new(account), 1), new(new(account), 5)];
        private int _messages;

        public async Task PlayAsync(List<Command> commands)
        {
            foreach (var command in commands)
            {
                await PlayAsync(command, (command.Node == 0 ? a : b).Mail(account).Messages);
                if (command.Flags % 8 == 0)
                    await CompareAsync((command.Node == 0 ? b : a).Mail(account).Messages);
            }

            await CompareAsync(a.Mail(account).Messages);
            await CompareAsync(b.Mail(account).Messages);
        }

        private async Task PlayAsync(Command c, IMessageStore store)
        {
            Box box = _model[c.Box], other = _model[1 - c.Box];
            MailboxId id = _ids[c.Box], otherId = _ids[1 - c.Box];
            var uids = UidSet.Range(new(c.First), new(c.Last));
            switch (c.Kind)
            {
                case <= 2:
                    var appended = await store.AppendAsync(id, [new(message, new(c.Flags), null), new(message, new(0), null)], None);
                    Assert.Equal([box.Add(++_messages, c.Flags), box.Add(++_messages, 0)], appended.Uids.Select(u => u.Value));
                    break;
                case <= 5:
                    var change = new FlagChange((FlagOperation)c.Operation, new(c.Flags));
                    var changed = await store.ChangeFlagsAsync(id, uids, change, null, None);
                    Assert.Equal(box.Among(c), changed.Changed.Select(u => u.Value));
                    foreach (var uid in box.Among(c))
                        box.Entries[uid] = (box.Entries[uid].Message, change.Apply(new(box.Entries[uid].Flags)).Bits);
                    break;
                case 6:
                    var copied = await store.CopyAsync(id, uids, otherId, None);
                    Assert.Equal(box.Among(c).Select(u => other.Add(box.Entries[u].Message, box.Entries[u].Flags)), copied.To.Select(u => u.Value));
                    break;
                case 7:
                    var moved = await store.MoveAsync(id, uids, otherId, None);
                    Assert.Equal(box.Among(c).Select(u => other.Add(box.Entries[u].Message, box.Entries[u].Flags)), moved.To.Select(u => u.Value));
                    Forget(box, box.Among(c));
                    break;
                case 8:
                    var expunged = await store.ExpungeAsync(id, c.Operation == 0 ? null : uids, None);
                    uint[] doomed = [.. box.Entries.Where(e => (e.Value.Flags & 4) != 0 && (c.Operation == 0 || (e.Key >= c.First && e.Key <= c.Last))).Select(e => e.Key)];
                    Assert.Equal(doomed, expunged.Uids.Select(u => u.Value));
                    Forget(box, doomed);
                    break;
                default:
                    await a.Get<FoldChanges>().RunAsync(None);
                    break;
            }
        }

        private static void Forget(Box box, uint[] uids)
        {
            foreach (var uid in uids)
                box.Entries.Remove(uid);
        }

        private async Task CompareAsync(IMessageStore store)
        {
            for (var i = 0; i < 2; i++)
            {
                var snapshot = await store.OpenAsync(_ids[i], None);
                var entries = MessageStoreTests.Entries(snapshot);
                Assert.Equal(
                    _model[i].Entries.Select(e => (e.Key, (long)e.Value.Message, e.Value.Flags)), entries.Select(e => (e.Uid.Value, e.Message, e.Flags.Bits)));
                Assert.Equal(_model[i].UidNext, snapshot.UidNext.Value);
                Assert.Equal(entries.Count(e => !e.Flags.Has(FlagSet.Seen)), snapshot.Unseen);
                Assert.All(entries, e => Assert.True(e.ModSeq <= snapshot.HighestModSeq));
            }
        }
    }
}
