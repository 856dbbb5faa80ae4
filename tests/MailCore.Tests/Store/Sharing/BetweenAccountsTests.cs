using System.Security.Cryptography;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;
using static Webmail.MailCore.Model.MailboxRights;

namespace Webmail.MailCore.Tests.Store.Sharing;

/// <summary>COPY and MOVE from one account to another: octets, keywords, quota and threads, and all in one transaction.</summary>
public sealed class BetweenAccountsTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    private static async Task<string> HashAsync(AccountMail mail, MailboxId box, Uid uid)
    {
        var body = (await mail.Messages.ReadBodiesAsync(box, [uid], Ct)).Single().Body;
        await using var stream = body.AsStream();
        return Convert.ToHexString(await SHA256.HashDataAsync(stream, Ct));
    }

    [Fact]
    public async Task AMessageGoesWholeAndItsKeywordsByName()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        AccountMail ann = world.Mail(SharingWorld.Ann), bob = world.Mail(SharingWorld.Bob);
        await ann.Mailboxes.KeywordBitsAsync(["first", "second"], Ct);
        var flags = await bob.Mailboxes.KeywordBitsAsync(["second", "third"], Ct) | FlagSet.Seen | FlagSet.Flagged;
        var (_, id) = await world.BoxAsync((SharingWorld.Bob, All));
        var inbox = await bob.InboxAsync();
        var large = new byte[700_000];
        Random.Shared.NextBytes(large);
        var text = "Subject: large\r\nMessage-ID: <large@x>\r\nReferences: <root@x>\r\n\r\n"u8.ToArray();
        var items = new List<AppendItem>
        {
            new(await world.Node.MessageAsync("Subject: small\nMessage-ID: <small@x>\n\nsmall\n"), flags, DateTimeOffset.UnixEpoch.AddDays(9)),
            new(await world.Node.MessageAsync([.. text, .. large]), flags, null),
        };
        await bob.Messages.AppendAsync(inbox, items, Ct);
        var hashes = new[] { await HashAsync(bob, inbox, new(1)), await HashAsync(bob, inbox, new(2)) };
        await ann.Messages.AppendAsync(id, [new(await world.Node.MessageAsync("Subject: root\nMessage-ID: <root@x>\n\nroot\n"), FlagSet.None, null)], Ct);

        var moved = await bob.Messages.MoveAsync(inbox, MailExtensions.Uids(1, 2), id, Ct);
        Assert.Equal(("1:2", "4:5"), (moved.From.ToString(), moved.To.ToString()));
        Assert.Equal(0, (await bob.Messages.OpenAsync(inbox, Ct)).Count);
        Assert.Equal(hashes, (string[])[await HashAsync(ann, id, new(4)), await HashAsync(ann, id, new(5))]);
        var view = await ann.Messages.OpenAsync(id, Ct);
        var table = await ann.Mailboxes.KeywordsAsync(view.KeywordCount, Ct);
        Assert.Equal(["second", "third"], table.NamesIn(view[3].Flags).Order());
        Assert.True(view[3].Flags.Has(FlagSet.Flagged) && !view[3].Flags.Has(FlagSet.Seen));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddDays(9).ToUnixTimeSeconds(), view[3].Received);
        Assert.True((await bob.Messages.OpenAsync(id, Ct))[3].Flags.Has(FlagSet.Seen));
        var rows = await ann.Messages.ReadRowsAsync(id, [new(3), new(4), new(5)], Ct);
        Assert.Equal(rows[0].Thread, rows[2].Thread);
        Assert.NotEqual(rows[0].Thread, rows[1].Thread);

        // And back: \Seen is Bob's, the keywords are his bits again.
        await bob.Messages.MoveAsync(id, MailExtensions.Uids(4), inbox, Ct);
        Assert.Equal(flags, (await bob.Messages.OpenAsync(inbox, Ct))[0].Flags);
        await world.Node.AssertSoundAsync();
    }

    [Fact]
    public async Task TheTargetsOwnerPays()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        AccountMail ann = world.Mail(SharingWorld.Ann), bob = world.Mail(SharingWorld.Bob);
        var (_, id) = await world.BoxAsync((SharingWorld.Bob, All));
        var inbox = await bob.InboxAsync();
        await bob.PutAsync(world.Node, inbox, 3);
        var before = await ann.Mailboxes.QuotaAsync(Ct);
        await world.Node.Provisioning.SetQuotaAsync(new(SharingWorld.Ann), new(before.UsedBytes + 1, null), Ct);
        Assert.Equal(MailError.OverQuota, await SharingWorld.RefusedAsync(() => bob.Messages.CopyAsync(inbox, MailExtensions.Uids(1, 2, 3), id, Ct).AsTask()));
        Assert.Equal(MailError.OverQuota, await SharingWorld.RefusedAsync(async () => await bob.PutAsync(world.Node, id)));
        await world.Node.Provisioning.SetQuotaAsync(new(SharingWorld.Ann), new(null, before.Messages + 2), Ct);
        Assert.Equal(MailError.OverQuota, await SharingWorld.RefusedAsync(() => bob.Messages.CopyAsync(inbox, MailExtensions.Uids(1, 2, 3), id, Ct).AsTask()));
        Assert.Equal(MailError.OverQuota, await SharingWorld.RefusedAsync(() => bob.Messages.MoveAsync(inbox, MailExtensions.Uids(1, 2, 3), id, Ct).AsTask()));
        Assert.Equal(3, (await bob.Messages.OpenAsync(inbox, Ct)).Count);
        await world.Node.Provisioning.SetQuotaAsync(new(SharingWorld.Ann), new(null, before.Messages + 3), Ct);
        var mine = await bob.Mailboxes.QuotaAsync(Ct);
        await bob.Messages.MoveAsync(inbox, MailExtensions.Uids(1, 2, 3), id, Ct);
        Assert.Equal((0L, 0L), ((await bob.Mailboxes.QuotaAsync(Ct)).UsedBytes, (await bob.Mailboxes.QuotaAsync(Ct)).Messages));
        Assert.Equal(before.UsedBytes + mine.UsedBytes, (await ann.Mailboxes.QuotaAsync(Ct)).UsedBytes);
        await world.Node.AssertSoundAsync();
    }

    /// <summary>Moves both ways on two nodes at once, while connections are cut in the middle: each message is in one account, once.</summary>
    [Fact]
    public async Task MovesThatAreCutOffAreDoneOrNot()
    {
        await using var world = await SharingWorld.StartAsync(postgres);
        await using var other = await Node.StartAsync(postgres, world.Node.DataSource.ConnectionString);
        var (name, id) = await world.BoxAsync((SharingWorld.Bob, All));
        var inbox = await world.Mail(SharingWorld.Bob).InboxAsync();
        await world.Mail(SharingWorld.Bob).PutAsync(world.Node, inbox, 30);
        using var time = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        int moved = 0, cut = 0;
        await Task.WhenAll(
            MoveAsync(world.Node, inbox, id), MoveAsync(other, inbox, id), MoveAsync(world.Node, id, inbox), MoveAsync(other, id, inbox), CutAsync());
        Assert.True(moved > 10 && cut > 0, $"{moved} moved, {cut} cut off");
        Assert.Equal(32, await world.Node.ScalarAsync<long>("select count(*) from mail.entry"));
        Assert.Equal(32, await world.Node.ScalarAsync<long>(
            "select count(distinct g.ancestry) from mail.entry e join mail.message g using (account_id, message_id)"));
        await world.Node.AssertSoundAsync();
        Assert.Equal(name, (await world.Mail(SharingWorld.Ann).Mailboxes.GetAsync(id, Ct))!.Name.Value);

        async Task MoveAsync(Node node, MailboxId from, MailboxId to)
        {
            var messages = node.Mail(SharingWorld.Bob).Messages;
            while (!time.IsCancellationRequested)
            {
                try
                {
                    var view = await messages.OpenAsync(from, Ct);
                    if (view.Count == 0)
                    {
                        await Task.Yield();
                        continue;
                    }

                    var first = Random.Shared.Next(view.Count);
                    var uids = UidSet.From(Enumerable.Range(first, Math.Min(4, view.Count - first)).Select(i => view[i].Uid));
                    moved += (int)(await messages.MoveAsync(from, uids, to, Ct)).To.Count;
                }
                catch (MailException e) when (e.Error is MailError.Unavailable or MailError.Conflict)
                {
                    cut++;
                }
            }
        }

        async Task CutAsync()
        {
            await using var apart = new Npgsql.NpgsqlConnection(world.Node.DataSource.ConnectionString);
            await apart.OpenAsync(Ct);
            while (!time.IsCancellationRequested)
            {
                await Task.Delay(Random.Shared.Next(5, 60), Ct);
                await using var command = new Npgsql.NpgsqlCommand(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state = 'active' limit 1", apart);
                await command.ExecuteNonQueryAsync(Ct);
            }
        }
    }
}
