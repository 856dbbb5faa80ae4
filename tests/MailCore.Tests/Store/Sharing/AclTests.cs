using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;
using static Webmail.MailCore.Model.MailboxRights;

namespace Webmail.MailCore.Tests.Store.Sharing;

/// <summary>The list of rights itself: what adds up, what is taken away, what a new mailbox has, and what stays when accounts change.</summary>
public sealed class AclTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    private static readonly AclIdentifier Anyone = AclIdentifier.TryParse("anyone")!;

    private static AclIdentifier Not(long number) => SharingWorld.Who(number) with { IsNegative = true };

    [Fact]
    public async Task RightsAddUpAndNegativeOnesTakeAway()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        var (name, id) = await world.BoxAsync((SharingWorld.Bob, Lookup | Read));
        var sharing = world.Mail(SharingWorld.Ann).Sharing;
        var box = SharingWorld.Own(name);
        await sharing.SetAsync(box, Anyone, AclOperation.Replace, Lookup | Post, Ct);
        await sharing.SetAsync(box, Not(SharingWorld.Bob), AclOperation.Add, Read | Insert, Ct);
        Assert.Equal(Lookup | Post, await world.Mail(SharingWorld.Bob).Mailboxes.RightsAsync(id, Ct));
        Assert.Equal(Lookup | Post, await world.Mail(SharingWorld.Carol).Mailboxes.RightsAsync(id, Ct));
        Assert.Equal(All, await world.Mail(SharingWorld.Ann).Mailboxes.RightsAsync(id, Ct));
        Assert.Equal(
            ["user1@example.test lrswipkxtea", "anyone lp", "user2@example.test lr", "-user2@example.test ri"],
            (await sharing.ListAsync(box, Ct)).Select(e => $"{e.Who} {e.Rights.Text(withObsolete: false)}"));

        // DELETEACL of one leaves the other (RFC 4314 section 2).
        await sharing.SetAsync(box, SharingWorld.Who(SharingWorld.Bob), AclOperation.Replace, None, Ct);
        await sharing.SetAsync(box, Not(SharingWorld.Bob), AclOperation.Remove, Insert, Ct);
        Assert.Equal(["user1@example.test lrswipkxtea", "anyone lp", "-user2@example.test r"], (await sharing.ListAsync(box, Ct)).Select(e => $"{e.Who} {e.Rights.Text(false)}"));
    }

    [Fact]
    public async Task TheOwnerKeepsAllRights()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        var (name, _) = await world.BoxAsync((SharingWorld.Bob, All));
        var owner = SharingWorld.Who(SharingWorld.Ann);
        var bob = world.Mail(SharingWorld.Bob).Sharing;
        var box = SharingWorld.OfAnn(name);
        Assert.Equal(MailError.Invalid, await SharingWorld.RefusedAsync(() => bob.SetAsync(box, owner, AclOperation.Replace, Read, Ct).AsTask()));
        Assert.Equal(MailError.Invalid, await SharingWorld.RefusedAsync(() => bob.SetAsync(box, owner, AclOperation.Remove, Read, Ct).AsTask()));
        Assert.Equal(MailError.Invalid, await SharingWorld.RefusedAsync(() => bob.SetAsync(box, Not(SharingWorld.Ann), AclOperation.Add, Read, Ct).AsTask()));
        await bob.SetAsync(box, owner, AclOperation.Add, Read, Ct);
        Assert.Equal(All, await bob.AlwaysAsync(box, owner, Ct));
        Assert.Equal(None, await bob.AlwaysAsync(box, Anyone, Ct));
        Assert.Equal(MailError.Invalid, await SharingWorld.RefusedAsync(() => bob.SetAsync(box, AclIdentifier.TryParse("who@example.test")!, AclOperation.Add, Read, Ct).AsTask()));
        Assert.Equal(MailError.Invalid, await SharingWorld.RefusedAsync(() => bob.AlwaysAsync(box, AclIdentifier.TryParse("who@example.test")!, Ct).AsTask()));
    }

    [Fact]
    public async Task AMailboxThatIsMadeHasItsParentsRights()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        var (name, _) = await world.BoxAsync((SharingWorld.Bob, Lookup | CreateMailbox));
        await world.Mail(SharingWorld.Ann).Mailboxes.CreateAsync(SharingWorld.Own($"{name}/a/b"), SpecialUse.None, Ct);
        var made = await world.Mail(SharingWorld.Bob).Mailboxes.CreateAsync(SharingWorld.OfAnn($"{name}/a/b/c"), SpecialUse.None, Ct);
        Assert.Equal(SharingWorld.OfAnn($"{name}/a/b/c"), made.Name);
        Assert.Equal(Lookup | CreateMailbox, made.Rights);
        var listed = (await world.Mail(SharingWorld.Bob).Mailboxes.ListNamesAsync(Ct)).Where(info => info.Owner is not null).Select(info => info.Name).ToList();
        Assert.Equal([.. new[] { "", "/a", "/a/b", "/a/b/c" }.Select(below => SharingWorld.OfAnn(name + below))], listed);

        // The rights stay with what is renamed, and go with what is deleted.
        await world.Mail(SharingWorld.Ann).Mailboxes.RenameAsync(SharingWorld.Own($"{name}/a/b"), SharingWorld.Own("elsewhere"), Ct);
        Assert.NotNull(await world.Mail(SharingWorld.Bob).Mailboxes.FindAsync(SharingWorld.OfAnn("elsewhere/c"), Ct));
        await world.Mail(SharingWorld.Ann).Mailboxes.DeleteAsync(SharingWorld.Own("elsewhere/c"), Ct);
        await world.Mail(SharingWorld.Ann).Mailboxes.CreateAsync(SharingWorld.Own("other"), SpecialUse.None, Ct);
        Assert.Equal(0, await world.Node.ScalarAsync<long>(
            "select count(*) from mail.acl a where not exists (select from mail.mailbox m where m.account_id = a.account_id and m.mailbox_id = a.mailbox_id)"));
        Assert.Null(await world.Mail(SharingWorld.Bob).Mailboxes.FindAsync(SharingWorld.OfAnn("other"), Ct));
    }

    [Fact]
    public async Task OnlyWhatMayBeListedIsListed()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        var (listed, _) = await world.BoxAsync((SharingWorld.Bob, Lookup));
        var (hidden, _) = await world.BoxAsync((SharingWorld.Bob, Read | Insert));
        var (nothing, _) = await world.BoxAsync((SharingWorld.Bob, Post));
        var boxes = world.Mail(SharingWorld.Bob).Mailboxes;
        Assert.Equal([SharingWorld.OfAnn(listed)], (await boxes.ListNamesAsync(Ct)).Where(info => info.Owner is not null).Select(info => info.Name));
        Assert.DoesNotContain(await boxes.ListAsync(Ct), info => info.Owner is not null);
        Assert.NotNull(await boxes.FindAsync(SharingWorld.OfAnn(hidden), Ct));
        Assert.Null(await boxes.FindAsync(SharingWorld.OfAnn(nothing), Ct));
        var info = (await boxes.FindAsync(SharingWorld.OfAnn(listed), Ct))!;
        Assert.Equal((0, 0, 0, 0L), (info.Messages, info.Unseen, info.Deleted, info.Size));
        Assert.Equal("user1@example.test", info.Owner!.ToString());
        var byId = (await boxes.FindAsync((await boxes.FindAsync(SharingWorld.OfAnn(hidden), Ct))!.Id.ToString(), Ct))!;
        Assert.Equal((SharingWorld.OfAnn(hidden), 2, -1), (byId.Name, byId.Messages, byId.Unseen));

        // One's own mailboxes are not among others'.
        Assert.Null(await world.Mail(SharingWorld.Ann).Mailboxes.FindAsync(SharingWorld.OfAnn(listed), Ct));
        Assert.Equal(MailError.Invalid, await SharingWorld.RefusedAsync(() => boxes.CreateAsync(MailboxName.Parse("Other Users/x"), SpecialUse.None, Ct).AsTask()));
        Assert.Equal(MailError.Invalid, await SharingWorld.RefusedAsync(() => boxes.RenameAsync(MailboxName.Parse("Drafts"), SharingWorld.OfAnn("Drafts"), Ct).AsTask()));
    }

    [Fact]
    public async Task AnotherAddressKeepsTheRightsAndARemovedAccountLeavesNone()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        var (name, id) = await world.BoxAsync((SharingWorld.Bob, Lookup | Read | KeepSeen), (SharingWorld.Carol, Lookup));
        await world.Mail(SharingWorld.Bob).Messages.ChangeFlagsAsync(id, MailExtensions.Uids(1), new(FlagOperation.Add, FlagSet.Seen), null, Ct);
        await world.Node.RunAsync(
            "update directory.account set local = 'robert' where account_id = 2; update directory.address set local = 'robert', key = 'robert@example.test' where account_id = 2");
        Assert.Contains(await world.Mail(SharingWorld.Ann).Sharing.ListAsync(SharingWorld.Own(name), Ct), e => e.Who.ToString() == "robert@example.test");
        Assert.NotNull(await world.Mail(SharingWorld.Bob).Mailboxes.FindAsync(SharingWorld.OfAnn(name), Ct));
        await world.Node.Provisioning.DeleteAsync(new(SharingWorld.Bob), Ct);
        Assert.Equal(0, await world.Node.ScalarAsync<long>("select (select count(*) from mail.acl where grantee = 2) + (select count(*) from mail.seen where reader = 2)"));
        Assert.Equal(MailError.Invalid, await SharingWorld.RefusedAsync(
            () => world.Mail(SharingWorld.Ann).Sharing.SetAsync(SharingWorld.Own(name), AclIdentifier.TryParse("robert@example.test")!, AclOperation.Add, Read, Ct).AsTask()));
        await world.Node.Provisioning.DeleteAsync(new(SharingWorld.Ann), Ct);
        Assert.Equal(0, await world.Node.ScalarAsync<long>("select count(*) from mail.acl"));
        await world.Node.AssertSoundAsync();
        Assert.DoesNotContain(await world.Mail(SharingWorld.Carol).Mailboxes.ListNamesAsync(Ct), info => info.Owner is not null);
    }

    [Fact]
    public async Task WhoGetsOrLosesSomethingHearsOfIt()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        var (name, id) = await world.BoxAsync((SharingWorld.Bob, Lookup | Read | KeepSeen));
        var bob = world.Mail(SharingWorld.Bob);
        await using var other = await Node.StartAsync(postgres, world.Node.DataSource.ConnectionString, listen: true);
        TaskCompletionSource account = new(), mailbox = new(), elsewhere = new(), owner = new();
        using var first = bob.Changes.WatchAccount(bob.Principal, () => account.TrySetResult());
        using var second = bob.Changes.Watch(id, () => mailbox.TrySetResult());
        using var third = other.Mail(SharingWorld.Bob).Changes.Watch(id, () => elsewhere.TrySetResult());
        using var fourth = world.Mail(SharingWorld.Ann).Changes.Watch(id, () => owner.TrySetResult());
        await world.ShareAsync(name, SharingWorld.Bob, Lookup | Read | KeepSeen | Write);
        await Task.WhenAll(account.Task, mailbox.Task).WaitAsync(TimeSpan.FromSeconds(10));
        await elsewhere.Task.WaitAsync(TimeSpan.FromSeconds(35));

        // Another reader's \Seen is nothing to the owner.
        await bob.Messages.ChangeFlagsAsync(id, MailExtensions.Uids(1), new(FlagOperation.Add, FlagSet.Seen), null, Ct);
        Assert.False(owner.Task.IsCompleted);
    }
}
