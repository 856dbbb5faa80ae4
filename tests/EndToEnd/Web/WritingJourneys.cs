using System.Security.Cryptography;
using Microsoft.Playwright;
using Webmail.MailCore.Model;

namespace Webmail.EndToEnd.Web;

[Collection(WebCollection.Name)]
public sealed class WritingJourneys(WebSite site)
{
    [Fact]
    public async Task A_letter_with_a_file_goes_from_one_to_the_other_and_is_answered()
    {
        var ann = await site.NewUserAsync("ann");
        var bob = await site.NewUserAsync("bob");
        var file = RandomNumberGenerator.GetBytes(700_000);
        await using var hers = await site.SignedInAsync(ann);
        await using var his = await site.SignedInAsync(bob);

        await hers.Page.Keyboard.PressAsync("c");
        await hers.Compose.WaitForAsync();
        await hers.Page.Keyboard.TypeAsync(bob.Address + ",");
        await hers.Page.FillAsync(".compose-subject", "Plans for 周五");
        await hers.Page.ClickAsync(".compose-editor");
        await hers.Page.Keyboard.TypeAsync("See you on ");
        await hers.Page.Keyboard.PressAsync("Control+b");
        await hers.Page.Keyboard.TypeAsync("Friday");
        await hers.Page.SetInputFilesAsync("[data-pick]", new FilePayload { Name = "plan 图.bin", MimeType = "application/x-plan", Buffer = file });
        await Assertions.Expect(hers.Page.Locator(".compose-file small")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("KB"));
        await Assertions.Expect(hers.Page.Locator(".compose-file progress")).ToHaveCountAsync(0);
        await hers.Page.ClickAsync("[data-c=send]");
        await hers.Page.Locator(".toast", new() { HasTextString = "Sent" }).WaitForAsync();
        await Assertions.Expect(hers.Page.Locator(".compose")).ToHaveCountAsync(0);

        await his.OpenAsync("Plans for 周五");
        await his.Frame("b").GetByText("Friday").WaitForAsync();
        var download = await his.Page.RunAndWaitForDownloadAsync(() => his.Page.ClickAsync(".attachment"));
        Assert.Equal("plan 图.bin", download.SuggestedFilename);
        Assert.Equal(file, await File.ReadAllBytesAsync((await download.PathAsync())!, TestContext.Current.CancellationToken));

        await his.Page.Keyboard.PressAsync("r");
        await his.Compose.WaitForAsync();
        await Assertions.Expect(his.Page.Locator(".person")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("Ann"));
        await his.Page.Keyboard.TypeAsync("I'll be there.");
        await his.Page.Keyboard.PressAsync("Control+Enter");
        await his.Page.Locator(".toast", new() { HasTextString = "Sent" }).WaitForAsync();
        await Assertions.Expect(his.Page.Locator(".row [title=Answered]")).ToHaveCountAsync(1);

        await hers.OpenAsync("Re: Plans for 周五");
        await hers.Frame("body").GetByText("I'll be there.").WaitForAsync();
        await hers.Frame("blockquote b").GetByText("Friday").WaitForAsync();
        await hers.Page.ClickAsync("a.folder[href='/mail/sent']");
        await hers.OpenAsync("Plans for 周五");
        var drafts = await site.MailOf(ann).Mailboxes.FindAsync(SpecialUse.Drafts, TestContext.Current.CancellationToken);
        Assert.Equal(0, drafts!.Messages);
    }

    [Fact]
    public async Task A_draft_outlives_the_page()
    {
        var cat = await site.NewUserAsync("cat");
        await using var tab = await site.SignedInAsync(cat);
        await tab.Page.ClickAsync(".compose-button");
        await tab.Compose.WaitForAsync();
        await tab.Page.Keyboard.TypeAsync("not an address yet,Anna <anna@elsewhere.test>,");
        await tab.Page.FillAsync(".compose-subject", "Half a thought");
        await tab.Page.ClickAsync(".compose-editor");
        await tab.Page.Keyboard.TypeAsync("It begins");
        await Assertions.Expect(tab.Page.Locator("[data-state]")).ToHaveTextAsync("Draft saved");
        await Assertions.Expect(tab.Page.Locator("a.folder[href='/mail/drafts'] .folder-count")).ToHaveTextAsync("1");
        await tab.AtAsync("**compose=draft**");
        await tab.Page.ReloadAsync();
        await tab.Compose.WaitForAsync();
        await Assertions.Expect(tab.Page.Locator(".compose-editor")).ToContainTextAsync("It begins");
        await Assertions.Expect(tab.Page.Locator(".person.is-bad")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^not an address yet"));
        await Assertions.Expect(tab.Page.Locator(".person")).ToHaveCountAsync(2);
        await tab.Page.ClickAsync(".compose-editor");
        await tab.Page.Keyboard.PressAsync("Control+End");
        await tab.Page.Keyboard.TypeAsync(" and goes on");
        await tab.Page.ClickAsync("[data-c=close]");
        await Assertions.Expect(tab.Page.Locator(".compose")).ToHaveCountAsync(0);

        await tab.Page.ClickAsync("a.folder[href='/mail/drafts']");
        await Assertions.Expect(tab.Rows).ToHaveCountAsync(1);
        await tab.Rows.First.ClickAsync();
        await tab.Compose.WaitForAsync();
        await Assertions.Expect(tab.Page.Locator(".compose-editor")).ToContainTextAsync("It begins and goes on");
        await tab.Page.ClickAsync("[data-c=discard]");
        await tab.Page.GetByText("No drafts").WaitForAsync();
    }

    [Fact]
    public async Task What_is_typed_while_the_server_can_t_be_reached_is_kept()
    {
        var dan = await site.NewUserAsync("dan");
        await using var tab = await site.SignedInAsync(dan);
        await tab.Page.ClickAsync(".compose-button");
        await tab.Compose.WaitForAsync();
        await tab.Page.RouteAsync("**/drafts", r => r.AbortAsync());
        await tab.Page.FillAsync(".compose-subject", "Written offline");
        await Assertions.Expect(tab.Page.Locator("[data-state]")).ToContainTextAsync("offline");
        await tab.Page.UnrouteAsync("**/drafts");
        await Assertions.Expect(tab.Page.Locator("[data-state]")).ToHaveTextAsync("Draft saved");
    }

    [Fact]
    public async Task Refusals_are_said_and_nothing_is_lost()
    {
        var eve = await site.NewUserAsync("eve");
        await using var tab = await site.SignedInAsync(eve);
        await tab.Page.ClickAsync(".compose-button");
        await tab.Compose.WaitForAsync();
        await tab.Page.FillAsync(".compose-subject", "To nobody");
        await tab.Page.ClickAsync("[data-c=send]");
        await tab.Page.Locator("[data-error]", new() { HasTextString = "To whom?" }).WaitForAsync();
        await tab.Page.Keyboard.TypeAsync($"nobody-of-that-name@{WebSite.Domain},");
        await tab.Page.ClickAsync("[data-c=send]");
        await tab.Page.Locator("[data-error]", new() { HasTextString = "There is no nobody-of-that-name" }).WaitForAsync();
        await Assertions.Expect(tab.Page.Locator(".compose-subject")).ToHaveValueAsync("To nobody");
    }

    [Fact]
    public async Task Forwarding_takes_the_files_along_and_plain_text_stays_plain()
    {
        var fay = await site.NewUserAsync("fay");
        var gil = await site.NewUserAsync("gil");
        await site.MailOf(fay).PutAsync("""
            From: Anna Berg <anna@elsewhere.test>
            To: fay@example.test
            Subject: With a file
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=m

            --m
            Content-Type: text/plain

            The text.
            --m
            Content-Type: text/csv; name=table.csv
            Content-Disposition: attachment; filename=table.csv

            a,b
            1,2
            --m--
            """);
        await using var tab = await site.SignedInAsync(fay);
        await tab.OpenAsync("With a file");
        await tab.Page.Keyboard.PressAsync("f");
        await tab.Compose.WaitForAsync();
        await Assertions.Expect(tab.Page.Locator(".compose-file b")).ToHaveTextAsync("table.csv");
        await Assertions.Expect(tab.Page.Locator(".compose-plain")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("The text\\."));
        await tab.Page.Keyboard.TypeAsync(gil.Address + ",");
        await tab.Page.ClickAsync("[data-c=send]");
        await tab.Page.Locator(".toast", new() { HasTextString = "Sent" }).WaitForAsync();

        await using var other = await site.SignedInAsync(gil);
        await other.OpenAsync("Fwd: With a file");
        await Assertions.Expect(other.Page.Locator(".attachment b")).ToHaveTextAsync("table.csv");
        await other.Frame(".wm-text").GetByText("The text.").WaitForAsync();
        Assert.Equal(0, await other.Frame(".wm-html").CountAsync());
    }

    [Fact]
    public async Task A_change_without_the_token_is_refused()
    {
        var hal = await site.NewUserAsync("hal");
        await using var tab = await site.SignedInAsync(hal);
        var answer = await tab.Page.APIRequest.PostAsync("/drafts", new() { DataObject = new { subject = "x" } });
        Assert.Equal(400, answer.Status);
        var start = await tab.Page.APIRequest.GetAsync("/drafts/start?kind=new&of=" + Uri.EscapeDataString("mailto:a@b.test?subject=Hi%20there&body=x"));
        Assert.Contains("Hi there", await start.TextAsync(), StringComparison.Ordinal);
    }
}
