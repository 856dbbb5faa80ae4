using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Webmail.MailCore;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.Testing;
using Webmail.Web.Mail;

namespace Webmail.Web.Tests.Mail;

/// <summary>The view and its listing over the real store.</summary>
public sealed class ListingTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Newest_received_comes_first_whatever_the_order_of_arrival()
    {
        await using var services = await ServicesAsync();
        var mail = await MailAsync(services);
        foreach (var day in new[] { 3, 1, 5, 2 })
            await PutAsync(mail, $"Day {day}", day);
        var view = new MailView(mail);
        Assert.True(await view.ShowAsync(new("inbox", "", Everywhere: false, Show: null), Ct));
        Assert.Equal(["Day 5", "Day 3", "Day 2", "Day 1"], await SubjectsAsync(view));
        for (var i = 0; i < view.Listing.Count; i++)
            Assert.Equal(i, view.Listing.IndexOf(view.Listing[i].Key));

        await PutAsync(mail, "Day 4", 4);
        Assert.Equal(1, await view.RefreshAsync(Ct));
        Assert.Equal(["Day 5", "Day 4", "Day 3", "Day 2", "Day 1"], await SubjectsAsync(view));
    }

    [Fact]
    public async Task A_filter_keeps_the_message_that_is_open()
    {
        await using var services = await ServicesAsync();
        var mail = await MailAsync(services);
        await PutAsync(mail, "Read", 1, FlagSet.Seen);
        await PutAsync(mail, "New", 2);
        var view = new MailView(mail);
        await view.ShowAsync(new("inbox", "", Everywhere: false, Show: "unread"), Ct);
        Assert.Equal(["New"], await SubjectsAsync(view));
        var open = view.Listing[0].Key;
        view.Open = open;
        await mail.Messages.ChangeFlagsAsync(open.Box, UidSet.Of(open.Uid), new(FlagOperation.Add, FlagSet.Seen), null, Ct);
        await view.RefreshAsync(Ct);
        Assert.Equal(["New"], await SubjectsAsync(view));
        view.Open = null;
        await view.RefreshAsync(Ct);
        Assert.Empty(await SubjectsAsync(view));
    }

    [Fact]
    public async Task A_search_everywhere_leaves_trash_and_junk_out_and_selection_follows_what_is_there()
    {
        await using var services = await ServicesAsync();
        var mail = await MailAsync(services);
        await PutAsync(mail, "needle in the inbox", 1);
        await PutAsync(mail, "needle archived", 2, into: SpecialUse.Archive);
        await PutAsync(mail, "needle thrown away", 3, into: SpecialUse.Trash);
        var view = new MailView(mail);
        await view.ShowAsync(new("inbox", "needle", Everywhere: true, Show: null), Ct);
        Assert.Equal(["needle archived", "needle in the inbox"], await SubjectsAsync(view));

        view.Selected.UnionWith([view.Listing[0].Key, view.Listing[1].Key]);
        await mail.Messages.RemoveAsync(view.Listing[0].Key.Box, UidSet.Of(view.Listing[0].Key.Uid), Ct);
        await view.RefreshAsync(Ct);
        Assert.Equal(view.Listing[0].Key, Assert.Single(view.Selected));
        // Another folder in the URL while the search stays is the same list.
        Assert.False(await view.ShowAsync(new("archive", "needle", Everywhere: true, Show: null), Ct));
        Assert.True(await view.ShowAsync(new("no-such-folder", "", Everywhere: false, Show: null), Ct));
        Assert.Null(view.Box);
        Assert.Equal(0, view.Listing.Count);
    }

    private async Task<ServiceProvider> ServicesAsync()
    {
        var settings = new WebmailSettings { Hostname = "mx.example.test", DataDirectory = Path.GetTempPath(), ConnectionString = await postgres.CreateDatabaseAsync() };
        var services = new ServiceCollection().AddLogging().AddMailCore(settings).BuildServiceProvider();
        await services.GetRequiredService<DomainAdmin>().AddAsync(Principal.LocalConsole, "example.test", Ct);
        return services;
    }

    private static async Task<AccountMail> MailAsync(ServiceProvider services)
    {
        await services.GetRequiredService<UserAdmin>().AddAsync(Principal.LocalConsole, new NewUser("ann@example.test", "pass-word"), Ct);
        var principal = await services.GetRequiredService<IAuthenticator>().LoginAsync("ann@example.test", "pass-word", new(null, "test", IsEncrypted: true), Ct);
        return services.GetRequiredService<IMailStore>().For(principal!);
    }

    private static async Task PutAsync(AccountMail mail, string subject, int day, FlagSet flags = default, SpecialUse into = SpecialUse.None)
    {
        var box = into == SpecialUse.None ? await mail.Mailboxes.FindAsync(MailboxName.Inbox, Ct) : await mail.Mailboxes.FindAsync(into, Ct);
        await using var spool = mail.Blobs.Begin();
        await spool.WriteAsync(Encoding.ASCII.GetBytes($"From: a@b.test\r\nSubject: {subject}\r\n\r\nx\r\n"), Ct);
        await mail.Messages.AppendAsync(box!.Id, [new(await spool.CompleteAsync(default, Ct), flags, new(2026, 1, day, 0, 0, 0, TimeSpan.Zero))], Ct);
    }

    private static async Task<string[]> SubjectsAsync(MailView view)
    {
        await view.Rows.LoadAsync(view.Listing, 0, 50, Ct);
        return [.. Enumerable.Range(0, view.Listing.Count).Select(i => view.Rows.Find(view.Listing[i].Key)!.Subject)];
    }
}
