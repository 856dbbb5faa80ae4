using Microsoft.Playwright;

namespace Webmail.EndToEnd.Web;

/// <summary>Pages are left at any moment, also half-way: the window's end asserts that the server took none of it for an error.</summary>
[Collection(WebCollection.Name)]
public sealed class LeavingJourneys(WebSite site)
{
    [Fact]
    public async Task A_page_may_be_left_before_it_is_there()
    {
        var ann = await site.NewUserAsync("ann");
        await site.MailOf(ann).PutTextAsync("Something");
        await using var tab = await site.SignedInAsync(ann);
        foreach (var path in new[] { "/mail/inbox", "/mail/inbox/1", "/mail/inbox?compose=new", "/mail/inbox?q=some&in=all", "/settings", "/mail/inbox/1?compose=reply&of=1" })
        {
            await tab.Page.GotoAsync(path, new() { WaitUntil = WaitUntilState.Commit });
            await tab.Page.GotoAsync(path, new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        }

        await tab.Page.GotoAsync("/mail/inbox");
        await tab.ReadyAsync();
    }

    [Theory]
    [InlineData("Enter")]
    [InlineData("c")]
    [InlineData("r")]
    [InlineData("?")]
    [InlineData("v")]
    [InlineData("e")]
    public async Task A_page_may_be_left_in_the_middle_of_an_act(string key)
    {
        var bob = await site.NewUserAsync("bob");
        await site.MailOf(bob).PutTextAsync("Something");
        await using var tab = await site.SignedInAsync(bob);
        await tab.Page.Keyboard.PressAsync("j");
        await Assertions.Expect(tab.Page.Locator(".row.is-cursor")).ToHaveCountAsync(1);
        await tab.Page.Keyboard.PressAsync(key);
    }

    [Fact]
    public async Task A_lost_connection_comes_back()
    {
        var cat = await site.NewUserAsync("cat");
        await using var tab = await site.BrowserAsync();
        var lines = new List<IWebSocketRoute>();
        await tab.Page.RouteWebSocketAsync("**/_blazor**", line =>
        {
            line.ConnectToServer();
            lines.Add(line);
        });
        await tab.Page.GotoAsync("/signin");
        await tab.SignInAsync(cat.Address.ToString(), WebSite.Password);
        await tab.ReadyAsync();
        await Assert.Single(lines).CloseAsync();
        await site.MailOf(cat).PutTextAsync("Meanwhile");
        await tab.Page.Locator(".row-link", new() { HasTextString = "Meanwhile" }).WaitForAsync();
        Assert.True(lines.Count > 1);
    }
}
