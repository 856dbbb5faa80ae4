using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;
using MimeKit;

namespace Webmail.EndToEnd.Clients;

/// <summary>Two users of one mailbox with MailKit: shared by the administrator's command line and by the owner, read and worked in by the other.</summary>
[Collection("journeys")]
public sealed class SharedMailboxTests
{
    private const string Password = "a long pass-word";
    private const string Projects = "Other Users/ann@example.test/Projects";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AMailboxIsSharedReadAndTakenBack()
    {
        await using var server = await ServerProcess.StartAsync(new());
        await server.AddUserAsync("ann@example.test", Password);
        await server.AddUserAsync("bob@example.test", Password);
        using var ann = await ConnectAsync(server, "ann@example.test");
        var projects = await ann.GetFolder(ann.PersonalNamespaces[0]).CreateAsync("Projects", true, Ct);
        Assert.NotNull(projects);
        await projects.AppendAsync(Message("first"), MessageFlags.Seen, Ct);
        Assert.Equal(65, (await server.CommandAsync("mailbox", "acl", "set", "ann@example.test", "Projects", "bob@example.test", "lrz")).ExitCode);
        Assert.Equal(65, (await server.CommandAsync("mailbox", "acl", "set", "ann@example.test", "Projects", "nobody@example.test", "lr")).ExitCode);
        Assert.Equal(67, (await server.CommandAsync("mailbox", "acl", "show", "ann@example.test", "Nothing")).ExitCode);
        await server.RunAsync("mailbox", "acl", "set", "ann@example.test", "Projects", "bob@example.test", "lrs");
        var shown = await server.RunAsync("mailbox", "acl", "show", "ann@example.test", "Projects");
        Assert.Contains("bob@example.test", shown, StringComparison.Ordinal);

        using var bob = await ConnectAsync(server, "bob@example.test");
        Assert.Equal("Other Users", bob.OtherNamespaces.Single().Path);
        var shared = await bob.GetFolderAsync(Projects, Ct);
        var rights = await shared.GetMyAccessRightsAsync(Ct);
        Assert.True(rights!.Contains(AccessRight.OpenFolder) && rights.Contains(AccessRight.SetMessageSeen) && !rights.Contains(AccessRight.AppendMessages));
        Assert.Equal(FolderAccess.ReadOnly, await shared.OpenAsync(FolderAccess.ReadWrite, Ct));
        Assert.Equal("first", (await shared.GetMessageAsync(0, Ct)).Subject);
        Assert.Single(await shared.SearchAsync(SearchQuery.NotSeen, Ct));

        await projects.SetAccessRightsAsync("bob@example.test", new AccessRights("lrswite"), Ct);
        Assert.Contains(await projects.GetAccessControlListAsync(Ct), entry => entry.Name == "bob@example.test" && entry.Rights.Contains(AccessRight.ExpungeFolder));
        await shared.CloseAsync(false, Ct);
        Assert.Equal(FolderAccess.ReadWrite, await shared.OpenAsync(FolderAccess.ReadWrite, Ct));
        await shared.AddFlagsAsync(0, MessageFlags.Flagged | MessageFlags.Seen, true, Ct);
        await shared.AppendAsync(Message("second"), MessageFlags.Seen, Ct);
        await bob.Inbox!.AppendAsync(Message("third"), MessageFlags.None, Ct);
        await bob.Inbox.OpenAsync(FolderAccess.ReadWrite, Ct);
        Assert.NotNull(await bob.Inbox.MoveToAsync(new UniqueId(1), shared, Ct));

        await projects.OpenAsync(FolderAccess.ReadWrite, Ct);
        var flags = await projects.FetchAsync(0, -1, MessageSummaryItems.Flags | MessageSummaryItems.Envelope, Ct);
        Assert.Equal(["first", "second", "third"], flags.Select(f => f.Envelope!.Subject!));
        Assert.Equal([MessageFlags.Seen | MessageFlags.Flagged, MessageFlags.None, MessageFlags.None], flags.Select(f => f.Flags!.Value & ~MessageFlags.Recent));

        await server.RunAsync("mailbox", "acl", "remove", "ann@example.test", "Projects", "bob@example.test");
        await Assert.ThrowsAsync<ImapCommandException>(() => shared.OpenAsync(FolderAccess.ReadOnly, Ct));
    }

    private static async Task<ImapClient> ConnectAsync(ServerProcess server, string user)
    {
        var client = new ImapClient { ServerCertificateValidationCallback = (_, _, _, _) => true };
        await client.ConnectAsync(server.Address.ToString(), server.Imap, SecureSocketOptions.StartTls, Ct);
        await client.AuthenticateAsync(user, Password, Ct);
        Assert.True(client.Capabilities.HasFlag(ImapCapabilities.Acl));
        return client;
    }

    private static MimeMessage Message(string subject) => new(
        [new MailboxAddress("Ann", "ann@example.test")], [new MailboxAddress("Bob", "bob@example.test")], subject, new TextPart("plain") { Text = "text" });
}
