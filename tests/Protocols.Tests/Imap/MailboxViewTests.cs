using CsCheck;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap;

namespace Webmail.Protocols.Tests.Imap;

/// <summary>The numbering against a plain list: whatever others expunge and append, the client's numbers mean the same messages until it is told.</summary>
public sealed class MailboxViewTests
{
    private enum Step
    {
        Append,
        Expunge,
        Look,
        Bury,
    }

    [Fact]
    public void NumbersNeverLie() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 100]).List[1, 60].Sample(Play, iter: 3_000);

    [Theory]
    [InlineData("1:*", "1:5")]
    [InlineData("*", "5")]
    [InlineData("9:*", "5")]
    [InlineData("*:9", "5")]
    [InlineData("3:1,2", "1:3")]
    [InlineData("4294967295:*", "5")]
    public void UidSetsMeanWhatIsThere(string text, string expected)
    {
        var view = new MailboxView(new ListSnapshot([1, 2, 3, 4, 5], 6));
        Assert.Equal(expected, view.UidsAt(view.Resolve(Set(text, isUid: true))!, out _).ToString());
    }

    [Theory]
    [InlineData("6")]
    [InlineData("1:6")]
    [InlineData("6:*")]
    public void NumbersAboveExistsAreNone(string text) =>
        Assert.Null(new MailboxView(new ListSnapshot([1, 2, 3, 4, 5], 6)).Resolve(Set(text, isUid: false)));

    [Fact]
    public void AnEmptyMailboxHasNoStar()
    {
        var view = new MailboxView(new ListSnapshot([], 1));
        Assert.Null(view.Resolve(Set("*", isUid: false)));
        Assert.True(view.Resolve(Set("1:*", isUid: true))!.IsEmpty);
    }

    private static NumSet Set(string text, bool isUid)
    {
        var reader = new ImapReader(System.Text.Encoding.ASCII.GetBytes(text));
        return reader.NumSet(isUid);
    }

    private static void Play(List<(Step Step, int At)> steps)
    {
        var store = new List<uint> { 1, 2, 3 };
        var client = new List<uint>(store);
        uint next = 4;
        var view = new MailboxView(new ListSnapshot(store, next));
        foreach (var (step, at) in steps)
        {
            switch (step)
            {
                case Step.Append:
                    store.Add(next++);
                    break;
                case Step.Expunge when store.Count > 0:
                    store.RemoveAt(at % store.Count);
                    break;
                case Step.Look:
                    Look(view, store, client, next);
                    break;
                case Step.Bury:
                    Look(view, store, client, next);
                    foreach (var (number, uid) in view.Bury())
                    {
                        Assert.Equal(client[number - 1], uid.Value);
                        client.RemoveAt(number - 1);
                    }

                    Assert.Equal(store, client);
                    break;
            }

            Check(view, client, store);
        }
    }

    private static void Look(MailboxView view, List<uint> store, List<uint> client, uint next)
    {
        var newer = new ListSnapshot(store, next);
        var delta = newer.Since(view.Messages);
        view.Advance(newer, delta.Vanished);
        client.AddRange(delta.Arrived.Select(u => u.Value));
    }

    private static void Check(MailboxView view, List<uint> client, List<uint> store)
    {
        Assert.Equal(client.Count, view.Count);
        for (var i = 0; i < client.Count; i++)
        {
            var isGhost = view.Get(i, out var entry);
            Assert.Equal(client[i], entry.Uid.Value);
            Assert.Equal(view.Messages.Find(entry.Uid) < 0, isGhost);
            Assert.Equal(isGhost ? -1 : i, view.PositionOf(entry.Uid));
        }

        Assert.All(client.Where(store.Contains), uid => Assert.True(view.PositionOf(new(uid)) >= 0));
    }

    /// <summary>A snapshot made of a list of UIDs.</summary>
    private sealed class ListSnapshot(IEnumerable<uint> uids, uint next) : MailboxSnapshot
    {
        private readonly uint[] _uids = [.. uids];

        public override MailboxId Id => default;

        public override uint UidValidity => 1;

        public override Uid UidNext => new(next);

        public override ModSeq HighestModSeq => new(1);

        public override int KeywordCount => 0;

        public override int Count => _uids.Length;

        public override int Unseen => Count;

        public override int FirstUnseen => Count > 0 ? 0 : -1;

        public override IndexEntry this[int position] => new(new(_uids[position]), default, new(1), _uids[position], 1, 0, 0, -1, 0, IndexEntry.NoDate);

        public override int Find(Uid uid) => Array.BinarySearch(_uids, uid.Value);

        public override MailboxDelta Since(MailboxSnapshot older)
        {
            var before = Enumerable.Range(0, older.Count).Select(i => older[i].Uid).ToHashSet();
            var now = _uids.Select(u => new Uid(u)).ToHashSet();
            return new(UidSet.From(before.Except(now)), UidSet.From(now.Except(before)), UidSet.Empty);
        }
    }
}
