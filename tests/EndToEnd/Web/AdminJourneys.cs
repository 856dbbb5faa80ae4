using Microsoft.Playwright;

namespace Webmail.EndToEnd.Web;

[Collection(WebCollection.Name)]
public sealed class AdminJourneys(WebSite site)
{
    [Fact]
    public async Task An_administrator_makes_a_user_who_signs_in()
    {
        var admin = await site.NewUserAsync("root", isAdministrator: true);
        await using var tab = await site.SignedInAsync(admin);
        await tab.Page.Locator("summary.account").ClickAsync();
        await tab.Page.GetByText("Administration").ClickAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "New user" }).ClickAsync();
        var dialog = tab.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Mail address").FillAsync("newcomer@example.test");
        await dialog.GetByLabel("Name").FillAsync("The Newcomer");
        await dialog.GetByText("Make one").ClickAsync();
        await Assertions.Expect(dialog.Locator("input[autocomplete=new-password]")).Not.ToHaveValueAsync("");
        var password = await dialog.Locator("input[autocomplete=new-password]").InputValueAsync();
        await dialog.GetByLabel("Storage in MB").FillAsync("200");
        await dialog.GetByText("Create").ClickAsync();
        await tab.Page.GetByText("newcomer@example.test was created").WaitForAsync();
        var row = tab.Page.Locator("tr", new() { HasTextString = "The Newcomer" });
        await Assertions.Expect(row).ToContainTextAsync("200 MB");

        await using (var other = await site.BrowserAsync())
        {
            await other.Page.GotoAsync("/signin");
            await other.SignInAsync("newcomer@example.test", password);
            await other.Page.GetByText("Your inbox is empty").WaitForAsync();
        }

        await row.GetByText("Change").ClickAsync();
        await dialog.GetByText("Disabled").ClickAsync();
        await dialog.GetByText("Save").ClickAsync();
        await Assertions.Expect(row.Locator(".chip.is-danger")).ToHaveTextAsync("Disabled");
        await using (var other = await site.BrowserAsync())
        {
            await other.Page.GotoAsync("/signin");
            await other.SignInAsync("newcomer@example.test", password);
            await other.Page.GetByRole(AriaRole.Alert).WaitForAsync();
        }
    }

    [Fact]
    public async Task Domains_and_aliases_come_and_go()
    {
        var admin = await site.NewUserAsync("root", isAdministrator: true);
        await using var tab = await site.SignedInAsync(admin);
        await tab.Page.GotoAsync("/admin/domains?new=1");
        var dialog = tab.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Domain").FillAsync("second.test");
        await dialog.GetByText("Create").ClickAsync();
        await tab.Page.Locator("td", new() { HasTextString = "second.test" }).First.WaitForAsync();

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Aliases" }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "New alias" }).ClickAsync();
        await dialog.Locator("input").FillAsync("sales@second.test");
        await dialog.Locator("textarea").FillAsync($"{admin.Address}\nsomeone@elsewhere.test");
        await dialog.GetByText("Create").ClickAsync();
        var row = tab.Page.Locator("tr", new() { HasTextString = "sales@second.test" });
        await Assertions.Expect(row.Locator(".chip")).ToHaveCountAsync(2);
        await row.GetByText("Change").ClickAsync();
        await dialog.GetByText("Delete").ClickAsync();
        await Assertions.Expect(row).ToHaveCountAsync(0);

        await tab.Page.GotoAsync("/admin/domains");
        await tab.Page.WaitForSelectorAsync(".page[data-live]");
        await tab.Page.GetByLabel("Delete second.test").ClickAsync();
        await dialog.GetByText("Delete", new() { Exact = true }).ClickAsync();
        await Assertions.Expect(tab.Page.Locator("td", new() { HasTextString = "second.test" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Others_are_kept_out()
    {
        var ann = await site.NewUserAsync("ann");
        await using var tab = await site.SignedInAsync(ann);
        await tab.Page.Locator("summary.account").ClickAsync();
        await Assertions.Expect(tab.Page.GetByText("Administration")).ToHaveCountAsync(0);
        await tab.Page.GotoAsync("/admin/users");
        await tab.Page.GetByText("This page is for administrators").WaitForAsync();
    }

    [Fact]
    public async Task One_changes_ones_own_password()
    {
        var bob = await site.NewUserAsync("bob");
        await using var other = await site.SignedInAsync(bob);
        await using var tab = await site.SignedInAsync(bob);
        await tab.Page.GotoAsync("/settings");
        await tab.Page.WaitForSelectorAsync(".page[data-live]");
        await tab.Page.GetByLabel("Current password").FillAsync("not the password");
        await tab.Page.GetByLabel("New password").FillAsync("a quite new one");
        await tab.Page.GetByText("Change the password").ClickAsync();
        await tab.Page.GetByRole(AriaRole.Alert).WaitForAsync();

        await tab.Page.GetByLabel("Current password").FillAsync(WebSite.Password);
        await tab.Page.GetByText("Change the password").ClickAsync();
        await tab.Page.GetByText("Your password was changed").WaitForAsync();
        await tab.SignInAsync(bob.Address.ToString(), "a quite new one");
        await tab.AtAsync("**/mail/inbox");
        await tab.ReadyAsync();
        await other.AtAsync("**/signin?why=ended*");
    }
}
