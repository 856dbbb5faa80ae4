using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Store;

/// <summary>A limit on the number of an account's messages (RFC 9208 section 5.2), held by whatever brings one more.</summary>
public sealed class MessageLimitTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task IsHeldByWhatBringsOneMoreAndByNothingElse()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync(messages: 3);
        MailboxId inbox = await mail.InboxAsync(), archive = await mail.BoxAsync(SpecialUse.Archive);
        var item = new AppendItem(await node.MessageAsync("Subject: x\n\nBody\n"), FlagSet.None, null);
        await RefusedAsync(() => mail.Messages.AppendAsync(inbox, [item, item, item, item], None).AsTask());
        await mail.Messages.AppendAsync(inbox, [item, item], None);
        await RefusedAsync(() => mail.Messages.AppendAsync(inbox, [item, item], None).AsTask());
        await RefusedAsync(() => mail.Messages.CopyAsync(inbox, MailExtensions.Uids(1, 2), archive, None).AsTask());
        await mail.Messages.AppendAsync(inbox, [item], None);
        await RefusedAsync(() => mail.Messages.AppendAsync(inbox, [item], None).AsTask());
        await RefusedAsync(() => mail.Messages.CopyAsync(inbox, MailExtensions.Uids(1), archive, None).AsTask());
        await mail.Messages.MoveAsync(inbox, MailExtensions.Uids(1), archive, None);
        Assert.NotNull(await mail.Messages.ReplaceAsync(inbox, new(2), archive, item, None));
        Assert.Equal(3, (await mail.Mailboxes.QuotaAsync(None)).Messages);
        await mail.Messages.RemoveAsync(archive, MailExtensions.Uids(1), None);
        await mail.Messages.CopyAsync(inbox, MailExtensions.Uids(3), archive, None);
        Assert.Equal(3, (await mail.Mailboxes.QuotaAsync(None)).Messages);
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task IsHeldByADeliveryButNotWhereItMustBeTaken()
    {
        await using var node = await Node.StartAsync(postgres);
        await node.AccountAsync(1, messages: 1);
        var other = await node.AccountAsync(2);
        Assert.Equal([DeliveryStatus.Stored, DeliveryStatus.Stored], await DeliverAsync(node, To(1), To(2)));
        Assert.Equal([DeliveryStatus.OverQuota, DeliveryStatus.Stored], await DeliverAsync(node, To(1), To(2)));
        Assert.Equal([DeliveryStatus.Stored], await DeliverAsync(node, To(1, force: true)));
        Assert.Equal(new QuotaInfo(40, null, 2, 1), await node.Mail().Mailboxes.QuotaAsync(None));
        Assert.Equal(2, (await other.Mailboxes.QuotaAsync(None)).Messages);
    }

    /// <summary>What is above a limit that was lowered stays, and can be moved and removed.</summary>
    [Fact]
    public async Task ALoweredLimitTakesNothingAway()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        MailboxId inbox = await mail.InboxAsync(), archive = await mail.BoxAsync(SpecialUse.Archive);
        await mail.PutAsync(node, inbox, 3);
        await node.Provisioning.SetQuotaAsync(new(1), new(null, 0), None);
        await RefusedAsync(async () => await mail.PutAsync(node, inbox));
        await mail.Messages.ChangeFlagsAsync(inbox, MailExtensions.Uids(1), new(FlagOperation.Add, FlagSet.Seen), null, None);
        await mail.Messages.MoveAsync(inbox, MailExtensions.Uids(1, 2), archive, None);
        await mail.Mailboxes.RenameAsync(MailboxName.Inbox, MailboxName.Parse("Old"), None);
        await mail.Messages.RemoveAsync(archive, MailExtensions.Uids(1), None);
        Assert.Equal(2, (await mail.Mailboxes.QuotaAsync(None)).Messages);
        await node.Provisioning.SetQuotaAsync(new(1), default, None);
        await mail.PutAsync(node, inbox);
        await node.AssertSoundAsync();
    }

    /// <summary>Appends, copies and deliveries on two nodes at once, alone and in groups: one of them gets the last place.</summary>
    [Fact]
    public async Task TheLastPlaceIsTakenOnce()
    {
        await using var a = await Node.StartAsync(postgres);
        await using var b = await Node.StartAsync(postgres, a.DataSource.ConnectionString);
        var mail = await a.AccountAsync(messages: 5);
        MailboxId inbox = await mail.InboxAsync(), archive = await mail.BoxAsync(SpecialUse.Archive);
        await mail.PutAsync(a, inbox, 4);
        var item = new AppendItem(await a.MessageAsync("Subject: x\n\nBody\n"), FlagSet.None, null);
        for (var round = 0; round < 20; round++)
        {
            var stored = await Task.WhenAll(new[] { a, b, a, b }.SelectMany(node => new[]
            {
                IsStoredAsync(async () => await node.Mail().Messages.AppendAsync(archive, [item], None)),
                IsStoredAsync(async () => await node.Mail().Messages.CopyAsync(inbox, MailExtensions.Uids(1), archive, None)),
                IsDeliveredAsync(node),
            }));
            Assert.Equal(1, stored.Count(s => s));
            var kept = await mail.Messages.OpenAsync(archive, None);
            Assert.Equal(1, kept.Count);
            await mail.Messages.RemoveAsync(archive, UidSet.Range(kept[0].Uid, kept[0].Uid), None);
        }

        Assert.Equal(4, (await mail.Mailboxes.QuotaAsync(None)).Messages);
        await a.AssertSoundAsync();
    }

    private static LocalDelivery To(long account, bool force = false) => new(new(account), SpecialUse.Archive, FlagSet.None, force);

    private static async Task<IReadOnlyList<DeliveryStatus>> DeliverAsync(Node node, params LocalDelivery[] local) =>
        (await node.Deliveries.DeliverAsync(new(Guid.NewGuid(), await node.MessageAsync("Subject: x\n\nBody\n"), local, null, null), None)).Local;

    private static async Task<bool> IsDeliveredAsync(Node node)
    {
        var status = (await DeliverAsync(node, To(1)))[0];
        Assert.True(status is DeliveryStatus.Stored or DeliveryStatus.OverQuota, $"{status}");
        return status == DeliveryStatus.Stored;
    }

    private static async Task<bool> IsStoredAsync(Func<Task> verb)
    {
        try
        {
            await verb();
            return true;
        }
        catch (MailException e) when (e.Error == MailError.OverQuota)
        {
            return false;
        }
    }

    private static async Task RefusedAsync(Func<Task> verb) => Assert.Equal(MailError.OverQuota, (await Assert.ThrowsAsync<MailException>(verb)).Error);
}
