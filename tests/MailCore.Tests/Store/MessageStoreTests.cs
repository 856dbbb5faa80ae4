using System.Text;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;
using static Webmail.MailCore.Tests.Store.MailExtensions;

namespace Webmail.MailCore.Tests.Store;

public sealed class MessageStoreTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task AppendedMessagesAreReadBackOctetForOctet()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        byte[] odd = [.. "Subject: \0 \xff bad\r\n\r\n"u8, 0, 255, 13, 10, 13, .. Encoding.UTF8.GetBytes("中文\n")];
        var received = new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.FromHours(-8));

        var appended = await mail.Messages.AppendAsync(
            inbox,
            [
                new(await node.MessageAsync(odd), FlagSet.Flagged, received),
                new(await node.MessageAsync([]), FlagSet.Seen, null),
                new(await node.MessageAsync("Subject: three\n\nx"u8.ToArray(), "Return-Path: <>\r\n"u8.ToArray()), FlagSet.None, null),
            ],
            None);

        Assert.Equal("1:3", appended.Uids.ToString());
        var bodies = await mail.Messages.ReadBodiesAsync(inbox, [new(1), new(2), new(3), new(9)], None);
        Assert.Equal([odd, [], "Return-Path: <>\r\nSubject: three\n\nx"u8.ToArray()], bodies.Select(b => Read(b.Body)));
        var snapshot = await mail.Messages.OpenAsync(inbox, None);
        Assert.Equal(3, snapshot.Count);
        Assert.Equal(2, snapshot.Unseen);
        Assert.Equal(0, snapshot.FirstUnseen);
        Assert.Equal(appended.ModSeq, snapshot.HighestModSeq);
        Assert.Equal(new Uid(4), snapshot.UidNext);
        Assert.Equal(appended.UidValidity, snapshot.UidValidity);
        var first = snapshot[0];
        Assert.Equal((FlagSet.Flagged, (uint)odd.Length, received.ToUnixTimeSeconds(), (short)-480), (first.Flags, first.Size, first.Received, first.ReceivedZone));
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task AMessageAloneIsStoredAsOneAmongOthers()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var text = "From: a@example.test\nTo: b@example.test\nCc: c@example.test\nDate: Tue, 1 Jul 2003 10:52:37 +0200\nSubject: Re: x\n"
            + "Message-ID: <2@example.test>\nIn-Reply-To: <1@example.test>\n\nhello";
        var received = new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.FromHours(2));
        await mail.Messages.AppendAsync(inbox, [new(await node.MessageAsync(text), FlagSet.Seen, received)], None);
        await mail.Messages.AppendAsync(
            inbox, [new(await node.MessageAsync(text), FlagSet.Seen, received), new(await node.MessageAsync("Subject: y\n\ny"), FlagSet.Deleted, null)], None);

        Assert.Equal(1L, await node.ScalarAsync<long>("select count(distinct to_jsonb(m) - 'message_id') from mail.message m where message_id < 3"));
        Assert.Equal(1L, await node.ScalarAsync<long>("select count(distinct data) from mail.body where message_id < 3"));
        Assert.Equal(1L, await node.ScalarAsync<long>("select count(distinct flags) from mail.entry where uid < 3"));
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task AMessageAloneThatCantBeStoredChangesNothing()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync(quota: 1_000);
        var box = (await mail.Mailboxes.CreateAsync(MailboxName.Parse("Gone"), SpecialUse.None, None)).Id;
        await mail.PutAsync(node, box);
        var full = await Assert.ThrowsAsync<MailException>(async () =>
            await mail.Messages.AppendAsync(box, [new(await node.MessageAsync("Subject: large\n\n" + new string('x', 1_000)), FlagSet.None, null)], None));
        Assert.Equal(MailError.OverQuota, full.Error);
        Assert.Equal(1, (await mail.Messages.OpenAsync(box, None)).Count);
        await mail.Mailboxes.DeleteAsync(MailboxName.Parse("Gone"), None);
        var gone = await Assert.ThrowsAsync<MailException>(async () =>
            await mail.Messages.AppendAsync(box, [new(await node.MessageAsync("Subject: late\n\nx"), FlagSet.None, null)], None));
        Assert.Equal(MailError.NotFound, gone.Error);
        var quota = await mail.Mailboxes.QuotaAsync(None);
        Assert.Equal((0L, 0L), (quota.UsedBytes, quota.Messages));
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task ASnapshotReadFromTheDatabaseIsTheOneThatWasKept()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.Messages.OpenAsync(inbox, None);
        await mail.PutAsync(node, inbox, 5);
        await mail.Messages.ChangeFlagsAsync(inbox, Uids(2, 3, 9), new(FlagOperation.Add, FlagSet.Seen | FlagSet.Deleted), null, None);
        await mail.Messages.ExpungeAsync(inbox, Uids(2), None);
        await mail.PutAsync(node, inbox);
        var kept = mail.Messages.Current(inbox)!;

        await using var other = await Node.StartAsync(postgres, node.DataSource.ConnectionString);
        var read = await other.Mail().Messages.OpenAsync(inbox, None);
        Assert.Equal(Entries(read), Entries(kept));
        Assert.Equal((kept.UidNext, kept.HighestModSeq, kept.Unseen), (read.UidNext, read.HighestModSeq, read.Unseen));
        Assert.Equal([1u, 3, 4, 5, 6], Entries(read).Select(e => e.Uid.Value));
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task FlagsAreChangedAsStoreAsks()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var appended = await mail.PutAsync(node, inbox, 4);
        var added = await mail.Messages.ChangeFlagsAsync(inbox, Uids(1, 2), new(FlagOperation.Add, FlagSet.Seen), null, None);
        Assert.Equal("1:2", added.Changed.ToString());
        Assert.True(added.ModSeq > appended.ModSeq);
        Assert.Equal(2, added.Snapshot.Unseen);

        var conditional = await mail.Messages.ChangeFlagsAsync(inbox, Uids(1, 2, 3), new(FlagOperation.Replace, FlagSet.Flagged), appended.ModSeq, None);
        Assert.Equal(("3", "1:2"), (conditional.Changed.ToString(), conditional.Modified.ToString()));
        Assert.Equal(FlagSet.Flagged, conditional.Snapshot[2].Flags);

        var again = await mail.Messages.ChangeFlagsAsync(inbox, Uids(3), new(FlagOperation.Add, FlagSet.Flagged), null, None);
        Assert.Equal("3", again.Changed.ToString());
        Assert.Equal(conditional.ModSeq, again.Snapshot.HighestModSeq);
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task CopiedAndMovedMessagesKeepTheirFlagsAndIdentity()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        MailboxId inbox = await mail.InboxAsync(), trash = await mail.BoxAsync(SpecialUse.Trash);
        await mail.PutAsync(node, inbox, 3, FlagSet.Flagged);
        var before = await mail.Messages.OpenAsync(inbox, None);
        await mail.Messages.OpenAsync(trash, None);

        var copied = await mail.Messages.CopyAsync(inbox, Uids(1, 3), trash, None);
        Assert.Equal(("1,3", "1:2"), (copied.From.ToString(), copied.To.ToString()));
        var moved = await mail.Messages.MoveAsync(inbox, Uids(2, 7), trash, None);
        Assert.Equal(("2", "3"), (moved.From.ToString(), moved.To.ToString()));

        var target = mail.Messages.Current(trash)!;
        Assert.Equal([before[0].Message, before[2].Message, before[1].Message], Entries(target).Select(e => e.Message));
        Assert.All(Entries(target), e => Assert.Equal(FlagSet.Flagged, e.Flags));
        Assert.Equal("1,3", UidSet.From(Entries(mail.Messages.Current(inbox)!).Select(e => e.Uid)).ToString());
        Assert.True((await mail.Messages.MoveAsync(inbox, Uids(2), trash, None)).From.IsEmpty);
        Assert.Equal(5, (await mail.Mailboxes.QuotaAsync(None)).Messages);
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task AMoveWithinOneMailboxGivesNewUids()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(node, inbox, 3);
        await mail.Messages.OpenAsync(inbox, None);
        var moved = await mail.Messages.MoveAsync(inbox, Uids(1), inbox, None);
        Assert.Equal("4", moved.To.ToString());
        Assert.Equal([2u, 3, 4], Entries(mail.Messages.Current(inbox)!).Select(e => e.Uid.Value));
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task ChangesSinceTellsWhatAClientMissed()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(node, inbox, 4);
        var then = (await mail.Messages.OpenAsync(inbox, None)).HighestModSeq;
        await mail.Messages.ChangeFlagsAsync(inbox, Uids(1, 2), new(FlagOperation.Add, FlagSet.Deleted), null, None);
        await mail.Messages.ExpungeAsync(inbox, Uids(2), None);
        await mail.Messages.RemoveAsync(inbox, Uids(3), None);
        await mail.PutAsync(node, inbox);
        var changes = await mail.Messages.ChangesSinceAsync(await mail.Messages.OpenAsync(inbox, None), then, None);
        Assert.Equal(("2:3", "1,5"), (changes.Vanished!.ToString(), changes.Changed.ToString()));
    }

    [Fact]
    public async Task ADifferenceOfSnapshotsIsWhatHappenedBetweenThem()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(node, inbox, 5);
        var older = await mail.Messages.OpenAsync(inbox, None);
        await mail.Messages.ChangeFlagsAsync(inbox, Uids(1, 4), new(FlagOperation.Add, FlagSet.Seen), null, None);
        await mail.Messages.RemoveAsync(inbox, Uids(2, 4), None);
        await mail.PutAsync(node, inbox, 2);
        var delta = mail.Messages.Current(inbox)!.Since(older);
        Assert.Equal(("2,4", "6:7", "1"), (delta.Vanished.ToString(), delta.Arrived.ToString(), delta.Changed.ToString()));
        Assert.Equal(5, older.Count);
    }

    [Fact]
    public async Task QuotaIsHeldByAppendAndCopyAndNotByMove()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync(quota: 1_000);
        MailboxId inbox = await mail.InboxAsync(), archive = await mail.BoxAsync(SpecialUse.Archive);
        var big = await node.MessageAsync(new byte[600]);
        await mail.Messages.AppendAsync(inbox, [new(big, FlagSet.None, null)], None);
        await RefusedAsync(MailError.OverQuota, () => mail.Messages.AppendAsync(inbox, [new(big, FlagSet.None, null)], None).AsTask());
        await RefusedAsync(MailError.OverQuota, () => mail.Messages.CopyAsync(inbox, Uids(1), archive, None).AsTask());
        await mail.Messages.MoveAsync(inbox, Uids(1), archive, None);
        Assert.Equal(new QuotaInfo(600, 1_000, 1, null), await mail.Mailboxes.QuotaAsync(None));
        await mail.Messages.RemoveAsync(archive, Uids(1), None);
        Assert.Equal(0, (await mail.Mailboxes.QuotaAsync(None)).UsedBytes);
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task AnAppendOfSeveralIsAllOrNone()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync(quota: 1_000);
        var inbox = await mail.InboxAsync();
        var big = await node.MessageAsync(new byte[600]);
        await RefusedAsync(MailError.OverQuota, () =>
            mail.Messages.AppendAsync(inbox, [new(big, FlagSet.None, null), new(big, FlagSet.None, null)], None).AsTask());
        Assert.Equal(0, (await mail.Messages.OpenAsync(inbox, None)).Count);
    }

    [Fact]
    public async Task WhatIsGoneIsNotFound()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(node, inbox);
        var box = await mail.Mailboxes.CreateAsync(MailboxName.Parse("Gone"), SpecialUse.None, None);
        await mail.Messages.OpenAsync(box.Id, None);
        await mail.Mailboxes.DeleteAsync(box.Name, None);
        await RefusedAsync(MailError.NotFound, () => mail.Messages.OpenAsync(box.Id, None).AsTask());
        await RefusedAsync(MailError.NotFound, async () => await mail.PutAsync(node, box.Id));
        await RefusedAsync(MailError.NotFound, () => mail.Messages.CopyAsync(inbox, Uids(1), box.Id, None).AsTask());
        await RefusedAsync(MailError.NotFound, () => mail.Messages.ChangeFlagsAsync(box.Id, Uids(1), new(FlagOperation.Add, FlagSet.Seen), null, None).AsTask());
        Assert.Null(await mail.Mailboxes.GetAsync(box.Id, None));
        var stranger = await node.AccountAsync(2);
        await RefusedAsync(MailError.NotFound, () => stranger.Messages.OpenAsync(inbox, None).AsTask());
        Assert.Null(await stranger.Mailboxes.FindAsync(inbox.ToString(), None));
    }

    [Fact]
    public async Task RecentIsClaimedOnce()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.PutAsync(node, inbox, 2);
        await mail.Messages.OpenAsync(inbox, None);
        Assert.Equal(new Uid(1), (await mail.Mailboxes.GetAsync(inbox, None))!.RecentFrom);
        Assert.Equal(new Uid(1), await mail.Messages.ClaimRecentAsync(inbox, None));
        Assert.Equal(new Uid(3), await mail.Messages.ClaimRecentAsync(inbox, None));
        await mail.PutAsync(node, inbox);
        Assert.Equal(new Uid(3), await mail.Messages.ClaimRecentAsync(inbox, None));
        Assert.Equal(new Uid(4), await mail.Messages.ClaimRecentAsync(inbox, None));
    }

    [Fact]
    public async Task RowsHoldTheFactsAndRepliesShareAThread()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var question = await node.MessageAsync("From: Ann <ann@x.test>\nSubject: Hello\nMessage-ID: <1@x>\nDate: Mon, 7 Feb 1994 21:52:25 -0800\n\nHow are you?\n");
        var answer = await node.MessageAsync("Subject: Re: Hello\nMessage-ID: <2@x>\nIn-Reply-To: <1@x>\n\nFine\n");
        var other = await node.MessageAsync("Subject: Else\nMessage-ID: <3@x>\n\nElse\n");
        await mail.Messages.AppendAsync(inbox, [new(question, FlagSet.None, null), new(answer, FlagSet.None, null), new(other, FlagSet.None, null)], None);
        var later = await node.MessageAsync("Subject: Re: Hello\nReferences: <1@x> <2@x>\n\nGood\n");
        await mail.Messages.AppendAsync(inbox, [new(later, FlagSet.None, null)], None);

        var rows = await mail.Messages.ReadRowsAsync(inbox, [new(1), new(2), new(3), new(4)], None);
        Assert.Equal(4, rows.Count);
        Assert.Equal([rows[0].Thread, rows[0].Thread, rows[3].Thread], [rows[1].Thread, rows[3].Thread, rows[0].Thread]);
        Assert.NotEqual(rows[0].Thread, rows[2].Thread);
        Assert.Contains("\"Hello\"", Encoding.UTF8.GetString(rows[0].Envelope.Span), StringComparison.Ordinal);
        Assert.Equal(new DateTimeOffset(1994, 2, 8, 5, 52, 25, TimeSpan.Zero), rows[0].SentAt!.Value.ToUniversalTime());
        Assert.Equal(new DateOnly(1994, 2, 7).DayNumber, (await mail.Messages.OpenAsync(inbox, None))[0].SentDay);
        Assert.Equal("How are you?", rows[0].Preview);
        Assert.Equal((await mail.Messages.OpenAsync(inbox, None)).EmailIdOf((await mail.Messages.OpenAsync(inbox, None))[0]), rows[0].Id);
    }

    internal static byte[] Read(MessageBody body)
    {
        using var to = new MemoryStream();
        body.AsStream().CopyTo(to);
        return to.ToArray();
    }

    internal static List<IndexEntry> Entries(MailboxSnapshot snapshot) => [.. Enumerable.Range(0, snapshot.Count).Select(i => snapshot[i])];

    internal static async Task RefusedAsync(MailError error, Func<Task> action) =>
        Assert.Equal(error, (await Assert.ThrowsAsync<MailException>(action)).Error);
}
