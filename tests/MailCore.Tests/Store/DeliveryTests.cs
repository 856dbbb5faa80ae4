using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Store;

public sealed class DeliveryTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static LocalDelivery To(long account, bool force = false) => new(new(account), SpecialUse.None, FlagSet.None, force);

    private static QueuedMail Away(params string[] recipients) => new(
        EmailAddress.Parse("ann@example.test"), [.. recipients.Select(r => new RemoteRecipient(EmailAddress.Parse(r), "NEVER", null))],
        "DKIM-Signature: x\r\n"u8.ToArray(), "id", "HDRS", false, true, null);

    [Fact]
    public async Task OneMessageGoesToAccountsAndToTheQueueTogether()
    {
        await using var node = await Node.StartAsync(postgres);
        AccountMail one = await node.AccountAsync(1), two = await node.AccountAsync(2);
        var full = await node.AccountAsync(3, quota: 10);
        var message = await node.MessageAsync("Subject: x\n\nBody\n");
        var trace = Guid.NewGuid();
        var result = await node.Deliveries.DeliverAsync(
            new(trace, message, [To(2), To(1), To(3), To(99), To(1), To(3, force: true)], Away("bob@münchen.test"), """{"spf":"pass"}"""), None);
        Assert.Equal(
            [DeliveryStatus.Stored, DeliveryStatus.Stored, DeliveryStatus.OverQuota, DeliveryStatus.NoSuchAccount, DeliveryStatus.Stored, DeliveryStatus.OverQuota],
            result.Local);
        Assert.True(result.Queued);
        foreach (var mail in new[] { one, two })
        {
            var inbox = await mail.InboxAsync();
            Assert.Equal(1, (await mail.Messages.OpenAsync(inbox, None)).Count);
            Assert.Equal("""{"spf":"pass"}""", (await mail.Messages.ReadRowsAsync(inbox, [new(1)], None))[0].Verdicts);
        }

        Assert.Equal(0, (await full.Messages.OpenAsync(await full.InboxAsync(), None)).Count);
        Assert.Equal(1, await node.ScalarAsync<long>($"select count(*) from queue.message where trace_id = '{trace}' and body is not null and size = {message.Size}"));
        Assert.Equal("xn--mnchen-3ya.test", await node.ScalarAsync<string>("select domain from queue.recipient where state = 0 and notify = 'NEVER'"));
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task WhatMustBeTakenIsTakenOverQuota()
    {
        await using var node = await Node.StartAsync(postgres);
        await node.AccountAsync(1, quota: 10);
        var result = await node.Deliveries.DeliverAsync(new(Guid.NewGuid(), await node.MessageAsync(new byte[100]), [To(1, force: true)], null, null), None);
        Assert.Equal([DeliveryStatus.Stored], result.Local);
    }

    [Fact]
    public async Task AJunkDeliveryGoesToJunkOrToInboxWhenThereIsNone()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var delivery = new LocalDelivery(new(1), SpecialUse.Junk, FlagSet.Seen, false);
        await node.Deliveries.DeliverAsync(new(Guid.NewGuid(), await node.MessageAsync("a: b\n\n"), [delivery], null, null), None);
        Assert.Equal(1, (await mail.Mailboxes.FindAsync(SpecialUse.Junk, None))!.Messages);
        await mail.Mailboxes.DeleteAsync(MailboxName.Parse("Junk"), None);
        await node.Deliveries.DeliverAsync(new(Guid.NewGuid(), await node.MessageAsync("a: b\n\n"), [delivery], null, null), None);
        Assert.Equal((1, 0), ((await mail.Mailboxes.FindAsync(MailboxName.Inbox, None)) is { } i ? (i.Messages, i.Unseen) : default));
    }

    [Fact]
    public async Task AWorkersSecondTryStoresNothing()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var delivery = new Delivery(Guid.NewGuid(), await node.MessageAsync("a: b\n\n"), [To(1)], null, null) { Once = true };
        Assert.Equal([DeliveryStatus.Stored], (await node.Deliveries.DeliverAsync(delivery, None)).Local);
        Assert.Equal([DeliveryStatus.Stored], (await node.Deliveries.DeliverAsync(delivery, None)).Local);
        Assert.Equal(1, (await mail.Mailboxes.FindAsync(MailboxName.Inbox, None))!.Messages);
    }

    [Fact]
    public async Task ManyRecipientsGoThroughTheQueue()
    {
        await using var node = await Node.StartAsync(postgres);
        for (var i = 1; i <= 25; i++)
            await node.AccountAsync(i);
        var locals = Enumerable.Range(1, 25).Select(i => To(i) with { Address = EmailAddress.Parse($"user{i}@example.test") }).ToList();
        var result = await node.Deliveries.DeliverAsync(new(Guid.NewGuid(), await node.MessageAsync("a: b\n\n"), locals, null, null), None);
        Assert.All(result.Local, s => Assert.Equal(DeliveryStatus.Stored, s));
        Assert.True(result.Queued);
        Assert.Equal(20, await node.ScalarAsync<long>("select count(*) from mail.entry"));
        Assert.Equal(5, await node.ScalarAsync<long>("select count(*) from queue.recipient where state = 3 and account_id > 20 and address like 'user%'"));
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task ManySessionsShareTransactionsAndLoseNothing()
    {
        await using var node = await Node.StartAsync(postgres);
        for (var i = 1; i <= 3; i++)
            await node.AccountAsync(i);
        var inbox = await node.Mail(1).InboxAsync();
        await node.Mail(1).Messages.OpenAsync(inbox, None);
        var before = await node.ScalarAsync<long>("select pg_current_xact_id()::text::bigint");
        var message = await node.MessageAsync("Subject: x\nMessage-ID: <same@x>\n\nBody\n");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async n =>
        {
            for (var i = 0; i < 20; i++)
            {
                var result = await node.Deliveries.DeliverAsync(new(Guid.NewGuid(), message, [To(1 + ((n + i) % 3)), To(1)], null, null), None);
                Assert.All(result.Local, s => Assert.Equal(DeliveryStatus.Stored, s));
            }
        }));
        var transactions = await node.ScalarAsync<long>("select pg_current_xact_id()::text::bigint") - before;
        Assert.True(transactions < 300, $"{transactions} transactions for 400 deliveries");
        Assert.Equal(400, node.Mail(1).Messages.Current(inbox)!.Count);
        await using var other = await Node.StartAsync(postgres, node.DataSource.ConnectionString);
        Assert.Equal(
            MessageStoreTests.Entries(node.Mail(1).Messages.Current(inbox)!), MessageStoreTests.Entries(await other.Mail(1).Messages.OpenAsync(inbox, None)));
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task TransactionsOfSeveralAccountsAndMailboxesCountRight()
    {
        await using var node = await Node.StartAsync(postgres);
        var accounts = new[] { await node.AccountAsync(1), await node.AccountAsync(2), await node.AccountAsync(3) };
        var message = await node.MessageAsync("Message-ID: <same@for.all>\n\nBody\n");
        var uses = new[] { SpecialUse.None, SpecialUse.Junk, SpecialUse.Archive };
        await Task.WhenAll(Enumerable.Range(0, 180).Select(async n =>
        {
            var delivery = new LocalDelivery(new(1 + n % 3), uses[n / 3 % 3], n % 2 == 0 ? FlagSet.Seen : FlagSet.None, false);
            var result = await node.Deliveries.DeliverAsync(new(Guid.NewGuid(), message, [delivery], null, null), None);
            Assert.Equal([DeliveryStatus.Stored], result.Local);
        }));
        foreach (var mail in accounts)
        {
            foreach (var use in new[] { SpecialUse.Junk, SpecialUse.Archive })
                Assert.Equal((20, 10), (await mail.Mailboxes.FindAsync(use, None)) is { } m ? (m.Messages, m.Unseen) : default);
            var inbox = await mail.Messages.OpenAsync(await mail.InboxAsync(), None);
            Assert.Equal(Enumerable.Range(1, 20), Enumerable.Range(0, inbox.Count).Select(i => (int)inbox[i].Uid.Value));
        }

        Assert.Equal(3, await node.ScalarAsync<long>("select count(distinct (account_id, thread_id)) from mail.message"));
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task OneThatCannotBeStoredDoesNotSpoilTheOthers()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var good = await node.MessageAsync("a: b\n\n");
        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(i =>
            node.Deliveries.DeliverAsync(new(Guid.NewGuid(), good, [To(1)], null, i % 4 == 3 ? "not json" : null), None).AsTask()));
        Assert.Equal(3, results.Count(r => r.Local[0] == DeliveryStatus.Failed));
        Assert.Equal(9, (await mail.Mailboxes.FindAsync(MailboxName.Inbox, None))!.Messages);
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task WithoutTheDatabaseNothingIsReportedAsStored()
    {
        await using var node = await Node.StartAsync(postgres);
        await node.AccountAsync();
        var message = await node.MessageAsync("a: b\n\n");
        await using (var server = new Npgsql.NpgsqlConnection(await PostgresFixture.ServerAsync()))
        {
            await server.OpenAsync();
            var name = new Npgsql.NpgsqlConnectionStringBuilder(node.DataSource.ConnectionString).Database;
            await using var command = new Npgsql.NpgsqlCommand(
                $"alter database {name} allow_connections false; select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'", server);
            await command.ExecuteNonQueryAsync();
            Assert.Equal([DeliveryStatus.Failed], (await node.Deliveries.DeliverAsync(new(Guid.NewGuid(), message, [To(1)], null, null), None)).Local);
            await MessageStoreTests.RefusedAsync(MailError.Unavailable, () => node.Mail().Mailboxes.ListAsync(None).AsTask());
            await using var again = new Npgsql.NpgsqlCommand($"alter database {name} allow_connections true", server);
            await again.ExecuteNonQueryAsync();
        }

        Assert.Equal([DeliveryStatus.Stored], (await node.Deliveries.DeliverAsync(new(Guid.NewGuid(), message, [To(1)], null, null), None)).Local);
    }
}
