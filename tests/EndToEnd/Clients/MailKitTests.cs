using System.Text;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;
using MimeKit;

namespace Webmail.EndToEnd.Clients;

/// <summary>A user's day with MailKit, which checks what it is told: a wrong answer is an exception there.</summary>
public sealed class MailKitTests(ClientServer site)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AWholeDay()
    {
        await using var day = await ClientDay.BeginAsync(site, "mailkit", withMail: false);
        var imap = day.Imap();
        using var ann = await ConnectAsync(day, imap);
        var inbox = ann.Inbox!;
        await ListAsync(ann);
        await AppendAsync(inbox);
        await PushAsync(day, imap, inbox, ann);
        await FlagAsync(inbox);
        await SearchAsync(inbox);
        await MoveAndDeleteAsync(ann, inbox);
        await ann.DisconnectAsync(true, Ct);
        await day.CompareAsync();
    }

    private static async Task<ImapClient> ConnectAsync(ClientDay day, Ear imap)
    {
        var client = new ImapClient { ServerCertificateValidationCallback = (_, _, _, _) => true };
        await client.ConnectAsync("localhost", imap.Port, SecureSocketOptions.StartTls, Ct);
        await client.AuthenticateAsync(day.Account, ClientServer.Password, Ct);
        await client.CompressAsync(Ct);
        await client.EnableQuickResyncAsync(Ct);
        Assert.True(client.Capabilities.HasFlag(ImapCapabilities.Move | ImapCapabilities.UidPlus | ImapCapabilities.SpecialUse | ImapCapabilities.Idle));
        return client;
    }

    private static async Task ListAsync(ImapClient client)
    {
        var personal = client.GetFolder(client.PersonalNamespaces[0]);
        var names = (await personal.GetSubfoldersAsync(false, Ct)).Select(f => f.FullName).Order(StringComparer.Ordinal);
        Assert.Equal(["Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"], names);
        Assert.Equal("Trash", client.GetFolder(SpecialFolder.Trash)!.FullName);
        var work = await personal.CreateAsync("Работа", true, Ct);
        var below = await work!.CreateAsync("2026 & after", true, Ct);
        await work.SubscribeAsync(Ct);
        Assert.Contains(await personal.GetSubfoldersAsync(true, Ct), f => f.FullName == "Работа");
        await work.StatusAsync(StatusItems.Count | StatusItems.UidNext | StatusItems.Unread | StatusItems.Size | StatusItems.HighestModSeq, Ct);
        Assert.Equal((0, 0), (work.Count, work.Unread));
        await below!.RenameAsync(work, "2027", Ct);
        Assert.Equal("Работа/2027", below.FullName);
    }

    private static async Task AppendAsync(IMailFolder inbox)
    {
        await inbox.OpenAsync(FolderAccess.ReadWrite, Ct);
        var messages = Enumerable.Range(1, 4).Select(Message).ToList();
        foreach (var message in messages)
            Assert.NotNull(await inbox.AppendAsync(message, message == messages[0] ? MessageFlags.Seen : MessageFlags.None, Ct));
        await inbox.CheckAsync(Ct);
        Assert.Equal(4, inbox.Count);
        var summaries = await inbox.FetchAsync(0, -1, MessageSummaryItems.All | MessageSummaryItems.BodyStructure | MessageSummaryItems.UniqueId | MessageSummaryItems.References, Ct);
        Assert.Equal(["Subject 1", "Subject 2", "Subject 3", "Subject 4"], summaries.Select(s => s.Envelope!.Subject));
        Assert.All(summaries, s => Assert.Equal("notes.txt", Assert.Single(s.Attachments).FileName));
        var text = (TextPart)await inbox.GetBodyPartAsync(summaries[2].UniqueId, summaries[2].TextBody!, Ct);
        Assert.Equal("Grüße 3", text.Text.Trim());
        Assert.Equal("<3@example.test>", (await inbox.GetHeadersAsync(summaries[2].UniqueId, Ct))[HeaderId.MessageId]);
        using var written = new MemoryStream();
        using var read = new MemoryStream();
        await messages[3].WriteToAsync(FormatOptions.Default, written, Ct);
        await (await inbox.GetMessageAsync(summaries[3].UniqueId, Ct)).WriteToAsync(FormatOptions.Default, read, Ct);
        Assert.Equal(Encoding.UTF8.GetString(written.ToArray()), Encoding.UTF8.GetString(read.ToArray()));
    }

    private static async Task PushAsync(ClientDay day, Ear imap, IMailFolder inbox, ImapClient client)
    {
        using var other = await ConnectAsync(day, imap);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var done = new CancellationTokenSource();
        inbox.CountChanged += (_, _) => arrived.TrySetResult();
        var idle = client.IdleAsync(done.Token, Ct);
        await other.Inbox!.AppendAsync(Message(5), MessageFlags.None, Ct);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(15), Ct);
        await done.CancelAsync();
        await idle;
        Assert.Equal(5, inbox.Count);
        await other.DisconnectAsync(true, Ct);
    }

    private static async Task FlagAsync(IMailFolder inbox)
    {
        await inbox.AddFlagsAsync([1, 2], MessageFlags.Flagged, new HashSet<string> { "$Work" }, silent: false, Ct);
        await inbox.RemoveFlagsAsync([2], MessageFlags.Flagged, silent: true, Ct);
        var flags = await inbox.FetchAsync(0, -1, MessageSummaryItems.Flags, Ct);
        Assert.Equal(
            [MessageFlags.Seen, MessageFlags.Flagged, MessageFlags.None, MessageFlags.None, MessageFlags.None],
            flags.Select(s => s.Flags!.Value & ~MessageFlags.Recent));
        Assert.Equal([false, true, true, false, false], flags.Select(s => s.Keywords.Contains("$Work")));
    }

    private static async Task SearchAsync(IMailFolder inbox)
    {
        Assert.Equal(2, (await inbox.SearchAsync(SearchQuery.HasKeyword("$Work"), Ct)).Count);
        Assert.Single(await inbox.SearchAsync(SearchQuery.SubjectContains("subject 3"), Ct));
        Assert.Single(await inbox.SearchAsync(SearchQuery.BodyContains("GRÜßE 4"), Ct));
        var found = await inbox.SearchAsync(SearchOptions.Count | SearchOptions.Min | SearchOptions.Max, SearchQuery.NotSeen.Or(SearchQuery.Flagged), Ct);
        Assert.Equal(4, found.Count);
        Assert.Empty(await inbox.SearchAsync(SearchQuery.FromContains("nobody"), Ct));
        var sorted = await inbox.SortAsync(SearchQuery.All, [OrderBy.ReverseSubject], Ct);
        Assert.Equal([5u, 4u, 3u, 2u, 1u], sorted.Select(u => u.Id));
        var thread = Assert.Single(await inbox.ThreadAsync(ThreadingAlgorithm.References, SearchQuery.All, Ct));
        Assert.Equal(2u, Assert.Single(thread.Children).UniqueId!.Value.Id);
    }

    private static async Task MoveAndDeleteAsync(ImapClient client, IMailFolder inbox)
    {
        var archive = client.GetFolder(SpecialFolder.Archive)!;
        var uids = await inbox.SearchAsync(SearchQuery.All, Ct);
        var moved = await inbox.MoveToAsync(uids[1], archive, Ct);
        Assert.NotNull(moved);
        var copied = await inbox.CopyToAsync([uids[2], uids[3]], archive, Ct);
        Assert.Equal(2, copied.Destination.Count);
        Assert.Equal(4, inbox.Count);
        await inbox.AddFlagsAsync([uids[0], uids[2]], MessageFlags.Deleted, silent: true, Ct);
        await inbox.ExpungeAsync([uids[0]], Ct);
        Assert.Equal(3, inbox.Count);
        await inbox.ExpungeAsync(Ct);
        Assert.Equal(2, inbox.Count);
        await archive.OpenAsync(FolderAccess.ReadOnly, Ct);
        Assert.Equal(3, archive.Count);
        var summaries = await archive.FetchAsync(0, -1, MessageSummaryItems.Envelope | MessageSummaryItems.Flags, Ct);
        Assert.Equal(["Subject 2", "Subject 3", "Subject 4"], summaries.Select(s => s.Envelope!.Subject));
        Assert.True(summaries[0].Flags!.Value.HasFlag(MessageFlags.Flagged));
        await archive.CloseAsync(false, Ct);
        var work = await client.GetFolderAsync("Работа", Ct);
        await (await client.GetFolderAsync("Работа/2027", Ct)).DeleteAsync(Ct);
        await work.DeleteAsync(Ct);
    }

    private static MimeMessage Message(int n)
    {
        var message = new MimeMessage { Subject = $"Subject {n}", MessageId = $"{n}@example.test", Date = new(2026, 3, n, 10, 0, 0, TimeSpan.FromHours(2)) };
        message.From.Add(new MailboxAddress("Bea Bräu", "bea@example.net"));
        message.To.Add(new MailboxAddress("Ann", "ann@example.test"));
        if (n > 1)
            message.References.Add($"{n - 1}@example.test");
        var body = new BodyBuilder { TextBody = $"Grüße {n}\r\n", HtmlBody = $"<p>Grüße {n}</p>\r\n" };
        body.Attachments.Add("notes.txt", Encoding.UTF8.GetBytes($"Note {n}"));
        message.Body = body.ToMessageBody();
        return message;
    }
}
