using Microsoft.Extensions.Time.Testing;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.MailCore.Store.Postgres;
using Webmail.Testing;
using static Webmail.MailCore.Tests.Store.MailExtensions;

namespace Webmail.MailCore.Tests.Store;

public sealed class RecentMessagesTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly AccountId Ann = new(1);
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public void WhatIsUsedStaysAndWhatIsntGoes()
    {
        var time = new FakeTimeProvider();
        using var recent = new RecentMessages(time, 1_000_000);
        recent.Add(Ann, 1, MessagePart.Body, "one", 10);
        recent.Add(Ann, 2, MessagePart.Body, "two", 10);
        recent.Add(Ann, 2, MessagePart.Header, "two's header", 10);

        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("one", recent.Find<string>(Ann, 1, MessagePart.Body));
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal("one", recent.Find<string>(Ann, 1, MessagePart.Body));
        Assert.Null(recent.Find<string>(Ann, 2, MessagePart.Body));
        Assert.Null(recent.Find<string>(Ann, 2, MessagePart.Header));
        Assert.Null(recent.Find<string>(new(2), 1, MessagePart.Body));
        time.Advance(TimeSpan.FromSeconds(30));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(recent.Find<string>(Ann, 1, MessagePart.Body));
    }

    [Fact]
    public void OctetsAreBounded()
    {
        using var recent = new RecentMessages(new FakeTimeProvider(), 100_000);
        for (var message = 1; message <= 1_000; message++)
            recent.Add(Ann, message, MessagePart.Body, "x", 800);

        var kept = Enumerable.Range(1, 1_000).Where(m => recent.Find<string>(Ann, m, MessagePart.Body) is not null).ToList();
        Assert.InRange(kept.Count, 50, 101);
        Assert.Contains(1_000, kept);
    }

    [Fact]
    public async Task TheSecondReadAsksNothing()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(node, inbox, 3);
        await mail.Messages.OpenAsync(inbox, None);
        Uid[] uids = [new(1), new(2), new(3)];
        var rows = await mail.Messages.ReadRowsAsync(inbox, uids, None);
        var headers = await mail.Messages.ReadHeadersAsync(inbox, uids, None);
        var bodies = await mail.Messages.ReadBodiesAsync(inbox, uids, None);

        // Nothing of them is left in the database: whoever asks it finds nothing.
        await node.RunAsync("delete from mail.body; delete from mail.message");
        Assert.Equal(rows, await mail.Messages.ReadRowsAsync(inbox, uids, None));
        Assert.Equal(headers, await mail.Messages.ReadHeadersAsync(inbox, uids, None));
        Assert.Equal([.. bodies.Take(1), bodies[2]], await mail.Messages.ReadBodiesAsync(inbox, [new(3), new(1)], None));
    }

    [Fact]
    public async Task ACopyIsReadUnderItsOwnUidAndWhatWasExpungedIsGone()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var archive = (await mail.Mailboxes.CreateAsync(MailboxName.Parse("Copies"), SpecialUse.None, None)).Id;
        await mail.PutAsync(node, inbox, 3);
        await mail.Messages.OpenAsync(inbox, None);
        await mail.Messages.OpenAsync(archive, None);
        await mail.Messages.CopyAsync(inbox, Uids(3), archive, None);
        var row = Assert.Single(await mail.Messages.ReadRowsAsync(inbox, [new(3)], None));

        var copy = Assert.Single(await mail.Messages.ReadRowsAsync(archive, [new(1)], None));
        Assert.Equal(row with { Uid = new(1) }, copy);
        await mail.Messages.RemoveAsync(inbox, Uids(3), None);
        Assert.Empty(await mail.Messages.ReadRowsAsync(inbox, [new(3)], None));
        Assert.Single(await mail.Messages.ReadRowsAsync(archive, [new(1)], None));
    }
}
