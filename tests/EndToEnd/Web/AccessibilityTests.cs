using Webmail.MailCore.Model;

namespace Webmail.EndToEnd.Web;

[Collection(WebCollection.Name)]
public sealed class AccessibilityTests(WebSite site)
{
    [Theory]
    [InlineData(1440, false)]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public async Task Axe_finds_nothing(int width, bool isDark)
    {
        var admin = await site.NewUserAsync("root", isAdministrator: true);
        var mail = site.MailOf(admin);
        await mail.PutTextAsync("Read already", flags: FlagSet.Seen | FlagSet.Answered | FlagSet.Flagged);
        await mail.PutTextAsync("Unread");
        await using (var stranger = await site.BrowserAsync(width, 844, isDark))
        {
            await stranger.Page.GotoAsync("/signin?why=wrong");
            await stranger.AssertAccessibleAsync("sign-in");
            await stranger.Page.GotoAsync("/nothing");
            await stranger.AssertAccessibleAsync("not found");
        }

        await using var tab = await site.SignedInAsync(admin, width, 844, isDark);
        await tab.AssertAccessibleAsync("inbox");
        await tab.OpenAsync("Read already");
        await tab.AssertAccessibleAsync("open message");
        await tab.Page.GotoAsync("/mail/inbox?q=unread");
        await tab.ReadyAsync();
        await tab.AssertAccessibleAsync("search");
        await tab.Page.GotoAsync("/mail/trash");
        await tab.ReadyAsync();
        await tab.AssertAccessibleAsync("empty folder");
        await tab.Page.GotoAsync("/mail/inbox?compose=new");
        await tab.Compose.WaitForAsync();
        await tab.AssertAccessibleAsync("compose");
        foreach (var path in new[] { "/admin/users", "/admin/users?new=1", "/admin/domains", "/admin/aliases?new=1", "/settings" })
        {
            await tab.Page.GotoAsync(path);
            await tab.Page.WaitForSelectorAsync(path.Contains("new", StringComparison.Ordinal) ? ".dialog" : ".page[data-live] :is(.table, .panel, .empty)");
            await tab.Page.WaitForFunctionAsync("() => document.getAnimations().every(a => a.playState !== 'running')");
            await tab.AssertAccessibleAsync(path);
        }
    }
}
