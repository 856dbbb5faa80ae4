using Microsoft.Extensions.DependencyInjection;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;

namespace Webmail.EndToEnd.Web;

[Collection(WebCollection.Name)]
public sealed class SignInJourneys(WebSite site)
{
    [Fact]
    public async Task One_signs_in_and_out()
    {
        var ann = await site.NewUserAsync("ann");
        await using var tab = await site.BrowserAsync();
        await tab.Page.GotoAsync("/mail/sent");
        await tab.AtAsync("**/signin?then=*");
        await tab.SignInAsync(ann.Address.ToString(), "not the password");
        await tab.Page.GetByRole(Microsoft.Playwright.AriaRole.Alert).GetByText("don't match").WaitForAsync();
        Assert.Equal(ann.Address.ToString(), await tab.Page.InputValueAsync("[name=address]"));

        await tab.SignInAsync(ann.Address.ToString(), WebSite.Password);
        await tab.AtAsync("**/mail/sent");
        await tab.ReadyAsync();
        await tab.Page.GetByText("Nothing sent yet").WaitForAsync();

        await tab.Page.Locator("summary.account").ClickAsync();
        await tab.Page.GetByText("Sign out").ClickAsync();
        await tab.Page.GetByText("You are signed out.").WaitForAsync();
        await tab.Page.GotoAsync("/mail/inbox");
        await tab.AtAsync("**/signin?then=*");
    }

    [Fact]
    public async Task A_disabled_user_is_shown_the_door_at_once()
    {
        var bob = await site.NewUserAsync("bob");
        await using var tab = await site.SignedInAsync(bob);
        await site.Services.GetRequiredService<UserAdmin>().SetDisabledAsync(Principal.LocalConsole, bob.Address.ToString(), true, CancellationToken.None);
        await tab.AtAsync("**/signin?why=ended*");
        var answer = await tab.Page.APIRequest.GetAsync("/drafts/start?kind=new");
        Assert.Equal(401, answer.Status);
    }

    [Theory]
    [InlineData("https://evil.test/")]
    [InlineData("//evil.test/")]
    [InlineData("/\\evil.test/")]
    public async Task Nobody_is_sent_elsewhere_by_signing_in(string then)
    {
        var cat = await site.NewUserAsync("cat");
        await using var tab = await site.BrowserAsync();
        await tab.Page.GotoAsync("/signin?then=" + Uri.EscapeDataString(then));
        await tab.SignInAsync(cat.Address.ToString(), WebSite.Password);
        await tab.AtAsync(site.Url + "/mail/inbox");
    }

    [Fact]
    public async Task Pages_speak_the_browsers_language()
    {
        var dan = await site.NewUserAsync("dan");
        await using var tab = await site.SignedInAsync(dan, locale: "zh-CN");
        await tab.Page.GetByText("收件箱是空的").WaitForAsync();
        Assert.Equal("zh-Hans", await tab.Page.GetAttributeAsync("html", "lang"));
    }

    [Fact]
    public async Task Every_answer_carries_the_headers()
    {
        await using var tab = await site.BrowserAsync();
        foreach (var path in new[] { "/signin", "/css/base.css", "/nothing-here", "/content/F1-1/1/body" })
        {
            var answer = await tab.Page.APIRequest.GetAsync(path, new() { MaxRedirects = 0 });
            Assert.Equal("nosniff", answer.Headers["x-content-type-options"]);
            Assert.Contains("default-src 'none'", answer.Headers["content-security-policy"], StringComparison.Ordinal);
            Assert.DoesNotContain("script-src 'self' '", answer.Headers["content-security-policy"], StringComparison.Ordinal);
        }
    }
}
