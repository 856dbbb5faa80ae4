using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Webmail.MailCore.Auth;

namespace Webmail.EndToEnd.Web;

/// <summary>App passwords and tokens on the settings page.</summary>
[Collection(WebCollection.Name)]
public sealed class CredentialJourneys(WebSite site)
{
    private static readonly ClientFacts Imap = new(IPAddress.Loopback, "imap", IsEncrypted: true);

    [Fact]
    public async Task An_app_password_is_made_shown_once_and_removed()
    {
        var ann = await site.NewUserAsync("ann");
        await using var tab = await SettingsAsync(ann);
        var panel = tab.Page.Locator("section", new() { Has = tab.Page.Locator("#s-app") });
        await panel.GetByLabel("What it is for").FillAsync("My telephone");
        await panel.GetByRole(AriaRole.Button, new() { Name = "Make an app password" }).ClickAsync();
        var secret = await panel.Locator(".secret").TextContentAsync();
        await Assertions.Expect(panel.Locator("tbody tr")).ToHaveCountAsync(1);
        Assert.NotNull(await LoginAsync(ann, secret!));

        await tab.Page.ReloadAsync();
        await tab.Page.Locator("[data-live=true]").WaitForAsync();
        await Assertions.Expect(panel.Locator("tbody tr")).ToContainTextAsync("My telephone");
        await Assertions.Expect(panel.Locator(".secret")).ToHaveCountAsync(0);
        await panel.GetByRole(AriaRole.Button, new() { Name = "Remove My telephone" }).ClickAsync();
        await Assertions.Expect(panel.Locator("tbody tr")).ToHaveCountAsync(0);
        Assert.Null(await LoginAsync(ann, secret!));
    }

    [Fact]
    public async Task A_token_opens_what_was_ticked()
    {
        var bob = await site.NewUserAsync("bob");
        await using var tab = await SettingsAsync(bob);
        var panel = tab.Page.Locator("section", new() { Has = tab.Page.Locator("#s-token") });
        await panel.GetByLabel("What it is for").FillAsync("Backup");
        await panel.GetByLabel("POP3").UncheckAsync();
        await panel.GetByLabel("SMTP (sending)").UncheckAsync();
        await panel.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        var token = await panel.Locator(".secret").TextContentAsync();
        var door = site.Services.GetRequiredService<IAuthenticator>();
        Assert.NotNull((await door.TokenAsync(token!, null, Imap, CancellationToken.None)).Principal);
        Assert.True((await door.TokenAsync(token!, null, Imap with { Protocol = "smtp" }, CancellationToken.None)).LacksScope);
        await Assertions.Expect(panel.Locator("tbody tr small")).ToHaveTextAsync("imap");
    }

    private async Task<Tab> SettingsAsync(Principal user)
    {
        var tab = await site.SignedInAsync(user);
        await tab.Page.GotoAsync("/settings");
        await tab.Page.Locator("[data-live=true]").WaitForAsync();
        return tab;
    }

    private async Task<Principal?> LoginAsync(Principal user, string secret) =>
        await site.Services.GetRequiredService<IAuthenticator>().LoginAsync(user.Address.ToString(), secret, Imap, CancellationToken.None);
}
