using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;
using static Webmail.MailCore.Tests.Store.MessageStoreTests;

namespace Webmail.MailCore.Tests.Store;

public sealed class MailboxStoreTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static MailboxName Name(string name) => MailboxName.Parse(name);

    [Fact]
    public async Task ANewAccountHasItsSixMailboxesSubscribed()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        await node.Provisioning.ProvisionAsync(new(1), new(5, 7), None);
        var all = await mail.Mailboxes.ListAsync(None);
        Assert.Equal(["INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"], all.Select(m => m.Name.Value));
        Assert.Equal([0, 5, 1, 3, 2, 4], all.Select(m => (int)m.SpecialUse));
        Assert.All(all, m => Assert.True(m.IsSubscribed));
        Assert.Equal(6, all.Select(m => m.UidValidity).Distinct().Count());
        Assert.Equal(new QuotaInfo(0, 5, 0, 7), await mail.Mailboxes.QuotaAsync(None));
    }

    [Fact]
    public async Task CreatingMakesTheParentsToo()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var made = await mail.Mailboxes.CreateAsync(Name("a/b/中"), SpecialUse.None, None);
        Assert.Equal("a/b/中", made.Name.Value);
        Assert.True((await mail.Mailboxes.FindAsync(Name("a"), None))!.HasChildren);
        Assert.True((await mail.Mailboxes.ListAsync(None)).Single(m => m.Name.Value == "a/b").HasChildren);
        Assert.Equal(made, await mail.Mailboxes.FindAsync(made.Id.ToString(), None));
        await RefusedAsync(MailError.AlreadyExists, () => mail.Mailboxes.CreateAsync(Name("a/b"), SpecialUse.None, None).AsTask());
    }

    [Fact]
    public async Task ANameUsedAgainGetsAHigherUidValidity()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var first = await mail.Mailboxes.CreateAsync(Name("again"), SpecialUse.None, None);
        await mail.Mailboxes.DeleteAsync(Name("again"), None);
        var second = await mail.Mailboxes.CreateAsync(Name("again"), SpecialUse.None, None);
        Assert.True(second.UidValidity > first.UidValidity);
        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public async Task RenamingTakesTheChildrenAlong()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        await mail.Mailboxes.CreateAsync(Name("a/b/c"), SpecialUse.None, None);
        await mail.Mailboxes.CreateAsync(Name("a-b"), SpecialUse.None, None);
        await mail.Mailboxes.CreateAsync(Name("a0"), SpecialUse.None, None);
        var before = (await mail.Mailboxes.FindAsync(Name("a/b/c"), None))!;
        await mail.Mailboxes.RenameAsync(Name("a"), Name("x/y"), None);
        Assert.Equal(before.Id, (await mail.Mailboxes.FindAsync(Name("x/y/b/c"), None))!.Id);
        Assert.Equal(
            ["a-b", "a0", "x", "x/y", "x/y/b", "x/y/b/c"],
            (await mail.Mailboxes.ListAsync(None)).Select(m => m.Name.Value).Where(n => char.IsLower(n[0])));
        await RefusedAsync(MailError.Invalid, () => mail.Mailboxes.RenameAsync(Name("x"), Name("x/z"), None).AsTask());
        await RefusedAsync(MailError.AlreadyExists, () => mail.Mailboxes.RenameAsync(Name("x"), Name("a0"), None).AsTask());
        await RefusedAsync(MailError.NotFound, () => mail.Mailboxes.RenameAsync(Name("nope"), Name("z"), None).AsTask());
        await RefusedAsync(MailError.Invalid, () => mail.Mailboxes.RenameAsync(Name("x"), Name(new string('n', 995)), None).AsTask());
    }

    [Fact]
    public async Task RenamingInboxMovesItsMessages()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(node, inbox, 3);
        await mail.Mailboxes.RenameAsync(MailboxName.Inbox, Name("old/mail"), None);
        Assert.Equal(3, (await mail.Mailboxes.FindAsync(Name("old/mail"), None))!.Messages);
        Assert.Equal(0, (await mail.Mailboxes.FindAsync(MailboxName.Inbox, None))!.Messages);
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task DeletingRefusesInboxAndParents()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var made = await mail.Mailboxes.CreateAsync(Name("a/b"), SpecialUse.None, None);
        await mail.PutAsync(node, made.Id, 2);
        await RefusedAsync(MailError.InUse, () => mail.Mailboxes.DeleteAsync(MailboxName.Inbox, None).AsTask());
        await RefusedAsync(MailError.InUse, () => mail.Mailboxes.DeleteAsync(Name("a"), None).AsTask());
        await mail.Mailboxes.DeleteAsync(Name("a/b"), None);
        await mail.Mailboxes.DeleteAsync(Name("a"), None);
        Assert.Equal(0, (await mail.Mailboxes.QuotaAsync(None)).UsedBytes);
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task AKeywordMadeByAnotherNodeIsKnownOnceAMailboxIsRead()
    {
        await using var node = await Node.StartAsync(postgres);
        await using var other = await Node.StartAsync(postgres, node.DataSource.ConnectionString);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(node, inbox, 1);
        Assert.Equal(0, (await other.Mail().Mailboxes.KeywordsAsync((await other.Mail().Messages.OpenAsync(inbox, None)).KeywordCount, None)).Count);
        var bits = await mail.Mailboxes.KeywordBitsAsync(["$New"], None);
        await mail.Messages.ChangeFlagsAsync(inbox, MailExtensions.Uids(1), new(FlagOperation.Add, bits), null, None);
        var seen = await other.Mail().Messages.OpenAsync(inbox, None);
        Assert.Equal(["$New"], (await other.Mail().Mailboxes.KeywordsAsync(seen.KeywordCount, None)).NamesIn(seen[0].Flags));
        Assert.Equal(["$New"], (await mail.Mailboxes.KeywordsAsync(mail.Messages.Current(inbox)!.KeywordCount, None)).NamesIn(seen[0].Flags));
    }

    [Fact]
    public async Task ADeletedParentLeavesANameUntilNothingStandsBelowIt()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var below = await mail.Mailboxes.CreateAsync(Name("a/b"), SpecialUse.None, None);
        var parent = (await mail.Mailboxes.FindAsync(Name("a"), None))!;
        await mail.PutAsync(node, parent.Id, 2);
        Assert.Equal(parent.Id, await mail.Mailboxes.DeleteLeavingNameAsync(Name("a"), None));
        Assert.Null(await mail.Mailboxes.FindAsync(Name("a"), None));
        Assert.DoesNotContain(await mail.Mailboxes.ListAsync(None), m => m.Name.Value == "a");
        var left = (await mail.Mailboxes.ListNamesAsync(None)).Single(m => m.Name.Value == "a");
        Assert.False(left.IsSelectable);
        Assert.True(left.HasChildren);
        await RefusedAsync(MailError.InUse, () => mail.Mailboxes.DeleteLeavingNameAsync(Name("a"), None).AsTask());
        await RefusedAsync(MailError.InUse, () => mail.Mailboxes.DeleteLeavingNameAsync(MailboxName.Inbox, None).AsTask());
        await mail.Mailboxes.RenameAsync(Name("a"), Name("z"), None);
        Assert.Equal(below.Id, (await mail.Mailboxes.FindAsync(Name("z/b"), None))!.Id);
        var again = await mail.Mailboxes.CreateAsync(Name("z"), SpecialUse.None, None);
        Assert.True(again.UidValidity > parent.UidValidity);
        Assert.DoesNotContain(await mail.Mailboxes.ListNamesAsync(None), m => !m.IsSelectable);
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task RenamingInboxIsOneStep()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var uids = await mail.PutAsync(node, inbox, 2);
        await mail.Messages.ChangeFlagsAsync(inbox, uids.Uids, new(FlagOperation.Add, FlagSet.Seen | await mail.Mailboxes.KeywordBitsAsync(["$Kept"], None)), null, None);
        await mail.Mailboxes.CreateAsync(Name("taken"), SpecialUse.None, None);
        await RefusedAsync(MailError.AlreadyExists, () => mail.Mailboxes.RenameAsync(MailboxName.Inbox, Name("taken"), None).AsTask());
        Assert.Equal(2, (await mail.Mailboxes.FindAsync(MailboxName.Inbox, None))!.Messages);
        await mail.Mailboxes.RenameAsync(MailboxName.Inbox, Name("old"), None);
        var old = (await mail.Mailboxes.FindAsync(Name("old"), None))!;
        var snapshot = await mail.Messages.OpenAsync(old.Id, None);
        Assert.Equal((2, 0), (snapshot.Count, snapshot.Unseen));
        Assert.Equal(0, (await mail.Messages.OpenAsync(inbox, None)).Count);
        // An empty INBOX makes an empty mailbox.
        await mail.Mailboxes.RenameAsync(MailboxName.Inbox, Name("older"), None);
        Assert.Equal(0, (await mail.Mailboxes.FindAsync(Name("older"), None))!.Messages);
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task SubscriptionsOutliveMailboxes()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        await mail.Mailboxes.SetSubscribedAsync(Name("never"), true, None);
        await mail.Mailboxes.SetSubscribedAsync(Name("never"), true, None);
        await mail.Mailboxes.SetSubscribedAsync(Name("Trash"), false, None);
        var all = await mail.Mailboxes.ListSubscriptionsAsync(None);
        Assert.Equal(["INBOX", "Archive", "Drafts", "Junk", "Sent", "never"], all.Select(s => s.Name.Value));
        Assert.False(all[^1].Exists);
        Assert.False((await mail.Mailboxes.FindAsync(SpecialUse.Trash, None))!.IsSubscribed);
    }

    [Fact]
    public async Task KeywordsAreNamedOnceWhateverTheirCase()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var bits = await mail.Mailboxes.KeywordBitsAsync(["$Forwarded", "Work"], None);
        Assert.Equal(bits, await mail.Mailboxes.KeywordBitsAsync(["work", "$forwarded", "WORK"], None));
        Assert.Equal(["$Forwarded", "Work"], (await mail.Mailboxes.KeywordsAsync(0, None)).NamesIn(bits).Order(StringComparer.Ordinal));
        await RefusedAsync(MailError.Invalid, () => mail.Mailboxes.KeywordBitsAsync(["a b"], None).AsTask());
        await mail.Mailboxes.KeywordBitsAsync([.. Enumerable.Range(0, 53).Select(i => $"k{i}")], None);
        await RefusedAsync(MailError.LimitReached, () => mail.Mailboxes.KeywordBitsAsync(["Work", "onemore"], None).AsTask());
        Assert.Equal(55, (await mail.Mailboxes.KeywordsAsync(0, None)).Count);
    }

    [Fact]
    public async Task ARemovedAccountLeavesNothing()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        await mail.PutAsync(node, await mail.InboxAsync(), 2);
        await node.Provisioning.DeleteAsync(new(1), None);
        await node.Provisioning.DeleteAsync(new(1), None);
        Assert.Null(await node.Provisioning.QuotaAsync(new(1), None));
        foreach (var table in new[] { "account_state", "mailbox", "message", "body", "entry", "change", "expunged", "keyword", "subscription", "thread_ref" })
            Assert.Equal(0, await node.ScalarAsync<long>($"select count(*) from mail.{table}"));
    }
}
