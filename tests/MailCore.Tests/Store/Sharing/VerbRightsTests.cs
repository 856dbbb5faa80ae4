using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Search;
using Webmail.Testing;
using static Webmail.MailCore.Model.MailboxRights;

namespace Webmail.MailCore.Tests.Store.Sharing;

/// <summary>Every verb of the store with the rights that it takes (RFC 4314 section 4): done with just these, refused where one of them is missing, whatever else is there.</summary>
public sealed class VerbRightsTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    private sealed record Verb(MailboxRights Needs, Func<SharingWorld, string, MailboxId, Task> Run);

    private static readonly UidSet Both = MailExtensions.Uids(1, 2);

    private static IMessageStore Messages(SharingWorld world) => world.Mail(SharingWorld.Bob).Messages;

    private static Task Store(SharingWorld world, MailboxId box, FlagSet flags) =>
        Messages(world).ChangeFlagsAsync(box, Both, new(FlagOperation.Add, flags), null, Ct).AsTask();

    private static readonly Dictionary<string, Verb> Verbs = new(StringComparer.Ordinal)
    {
        ["open"] = new(Read, (w, _, box) => Messages(w).OpenAsync(box, Ct).AsTask()),
        ["rows"] = new(Read, (w, _, box) => Messages(w).ReadRowsAsync(box, [new(1)], Ct).AsTask()),
        ["bodies"] = new(Read, (w, _, box) => Messages(w).ReadBodiesAsync(box, [new(1)], Ct).AsTask()),
        ["headers"] = new(Read, (w, _, box) => Messages(w).ReadHeadersAsync(box, [new(1)], Ct).AsTask()),
        ["keywords"] = new(Read, (w, _, box) => w.Mail(SharingWorld.Bob).Mailboxes.KeywordsAsync(box, 0, Ct).AsTask()),
        ["seen"] = new(Read | KeepSeen, (w, _, box) => Store(w, box, FlagSet.Seen)),
        ["flag"] = new(Read | Write, (w, _, box) => Store(w, box, FlagSet.Flagged)),
        ["deleted"] = new(Read | DeleteMessages, (w, _, box) => Store(w, box, FlagSet.Deleted)),
        ["expunge"] = new(Read | Expunge, (w, _, box) => Messages(w).ExpungeAsync(box, null, Ct).AsTask()),
        ["remove"] = new(Read | DeleteMessages | Expunge, (w, _, box) => Messages(w).RemoveAsync(box, Both, Ct).AsTask()),
        ["append"] = new(Insert, (w, _, box) => w.Mail(SharingWorld.Bob).PutAsync(w.Node, box)),
        ["copy out"] = new(Read, async (w, _, box) => await Messages(w).CopyAsync(box, Both, await w.Mail(SharingWorld.Bob).InboxAsync(), Ct)),
        ["move out"] = new(
            Read | DeleteMessages | Expunge, async (w, _, box) => await Messages(w).MoveAsync(box, Both, await w.Mail(SharingWorld.Bob).InboxAsync(), Ct)),
        ["copy in"] = new(Insert, async (w, _, box) =>
        {
            var inbox = await w.Mail(SharingWorld.Bob).InboxAsync();
            var put = await w.Mail(SharingWorld.Bob).PutAsync(w.Node, inbox);
            await Messages(w).CopyAsync(inbox, put.Uids, box, Ct);
        }),
        ["replace"] = new(Read | DeleteMessages | Expunge | Insert, async (w, _, box) =>
            await Messages(w).ReplaceAsync(box, new(1), box, new(await w.Node.MessageAsync("Subject: new\n\nnew\n"), FlagSet.Seen, null), Ct)),
        ["create below"] = new(CreateMailbox, (w, name, _) => w.Mail(SharingWorld.Bob).Mailboxes.CreateAsync(SharingWorld.OfAnn(name + "/new"), SpecialUse.None, Ct).AsTask()),
        ["delete"] = new(DeleteMailbox, (w, name, _) => w.Mail(SharingWorld.Bob).Mailboxes.DeleteAsync(SharingWorld.OfAnn(name), Ct).AsTask()),
        ["rename"] = new(DeleteMailbox, async (w, name, _) =>
        {
            await w.BoxAsync();
            await w.Mail(SharingWorld.Ann).Mailboxes.CreateAsync(SharingWorld.Own($"for-{name}"), SpecialUse.None, Ct);
            await w.ShareAsync($"for-{name}", SharingWorld.Bob, CreateMailbox);
            await w.Mail(SharingWorld.Bob).Mailboxes.RenameAsync(SharingWorld.OfAnn(name), SharingWorld.OfAnn($"for-{name}/it"), Ct);
        }),
        ["list rights"] = new(Administer, (w, name, _) => w.Mail(SharingWorld.Bob).Sharing.ListAsync(SharingWorld.OfAnn(name), Ct).AsTask()),
        ["ask for rights"] = new(
            Administer, (w, name, _) => w.Mail(SharingWorld.Bob).Sharing.AlwaysAsync(SharingWorld.OfAnn(name), SharingWorld.Who(SharingWorld.Carol), Ct).AsTask()),
        ["set rights"] = new(
            Administer,
            (w, name, _) => w.Mail(SharingWorld.Bob).Sharing.SetAsync(SharingWorld.OfAnn(name), SharingWorld.Who(SharingWorld.Carol), AclOperation.Add, Lookup, Ct).AsTask()),
    };

    public static TheoryData<string> Names() => [.. Verbs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task AVerbTakesItsRightsAndNoOthers(string name)
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        var verb = Verbs[name];
        foreach (var missing in Enum.GetValues<MailboxRights>().Where(r => verb.Needs.Has(r) && int.IsPow2((int)r)))
        {
            var (box, id) = await world.BoxAsync((SharingWorld.Bob, All & ~missing));
            var error = await SharingWorld.RefusedAsync(() => verb.Run(world, box, id));
            Assert.Equal(MailError.NoPermission, error);
        }

        var (stranger, strangerId) = await world.BoxAsync();
        var hidden = await SharingWorld.RefusedAsync(() => verb.Run(world, stranger, strangerId));
        Assert.Equal(name == "create below" ? MailError.NoPermission : MailError.NotFound, hidden);

        var (enough, enoughId) = await world.BoxAsync((SharingWorld.Bob, verb.Needs));
        await verb.Run(world, enough, enoughId);
        await world.Node.AssertSoundAsync();
    }

    [Fact]
    public async Task SearchAndItsKinTakeTheRightToRead()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        var (name, id) = await world.BoxAsync((SharingWorld.Bob, Lookup | Read));
        var view = await Messages(world).OpenAsync(id, Ct);
        Assert.Equal(Both, await Messages(world).SearchAsync(view, SearchQuery.All, Ct));
        await Messages(world).SortAsync(view, Both, [], null, Ct);
        await Messages(world).RelevancyAsync(view, Both, SearchQuery.All, Ct);
        await Messages(world).ThreadAsync(view, Both, ThreadAlgorithm.References, Ct);
        await Messages(world).ChangesSinceAsync(view, new(1), Ct);
        await world.ShareAsync(name, SharingWorld.Bob, Lookup);
        Assert.Equal(MailError.NoPermission, await SharingWorld.RefusedAsync(() => Messages(world).SearchAsync(view, SearchQuery.All, Ct).AsTask()));
        Assert.Equal(MailError.NoPermission, await SharingWorld.RefusedAsync(() => Messages(world).RelevancyAsync(view, Both, SearchQuery.All, Ct).AsTask()));
        Assert.Equal(MailError.NoPermission, await SharingWorld.RefusedAsync(() => Messages(world).SortAsync(view, Both, [], null, Ct).AsTask()));
        Assert.Equal(MailError.NoPermission, await SharingWorld.RefusedAsync(() => Messages(world).ThreadAsync(view, Both, ThreadAlgorithm.References, Ct).AsTask()));
        Assert.Equal(MailError.NoPermission, await SharingWorld.RefusedAsync(() => Messages(world).ChangesSinceAsync(view, new(1), Ct).AsTask()));
    }

    [Fact]
    public async Task WhatIsAppendedOrCopiedKeepsTheFlagsThatAreAllowed()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        var bob = world.Mail(SharingWorld.Bob);
        var asked = FlagSet.Seen | FlagSet.Deleted | FlagSet.Answered;
        foreach (var (rights, kept) in new[] { (Write, FlagSet.Answered), (KeepSeen, FlagSet.Seen), (DeleteMessages, FlagSet.Deleted), (None, FlagSet.None) })
        {
            var (_, id) = await world.BoxAsync((SharingWorld.Bob, Read | Insert | rights));
            var put = await bob.PutAsync(world.Node, id, 1, asked);
            var inbox = await bob.InboxAsync();
            var mine = await bob.PutAsync(world.Node, inbox, 1, asked);
            var copied = await bob.Messages.CopyAsync(inbox, mine.Uids, id, Ct);
            var view = await bob.Messages.OpenAsync(id, Ct);
            Assert.Equal(kept, view[view.Find(put.Uids.Single())].Flags);
            Assert.Equal(kept, view[view.Find(copied.To.Single())].Flags);
        }
    }
}
