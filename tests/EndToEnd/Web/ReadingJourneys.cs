using Microsoft.Playwright;
using Webmail.MailCore.Model;

namespace Webmail.EndToEnd.Web;

[Collection(WebCollection.Name)]
public sealed class ReadingJourneys(WebSite site)
{
    private const string Hostile = """
        From: =?utf-8?B?546L5LqU?= <wangwu@elsewhere.test>
        To: someone@example.test
        Subject: A letter with everything
        Date: Mon, 23 Nov 2026 10:00:00 +0100
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=m

        --m
        Content-Type: multipart/related; boundary=r

        --r
        Content-Type: text/html; charset=utf-8

        <style>.big { font-weight: bold }</style><p class=big>Read me</p><script>document.title = "owned"; top.document.title = "owned"</script>
        <img id=pic src="cid:dot"><img src="https://tracker.elsewhere.test/x.gif" onerror="parent.document.title='owned'">
        <form action="https://evil.elsewhere.test"><input name=a></form><iframe src="https://evil.elsewhere.test"></iframe>
        <a href="https://good.elsewhere.test/">a link</a> <a href="javascript:parent.document.title='owned'">bad</a>
        <div style="position: fixed; inset: 0; background: url(https://tracker.elsewhere.test/y.gif)"></div>
        --r
        Content-Type: image/png
        Content-ID: <dot>
        Content-Transfer-Encoding: base64

        iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
        --r--
        --m
        Content-Type: text/html; name="report.html"
        Content-Disposition: attachment; filename="report.html"

        <script>alert(1)</script>
        --m--
        """;

    [Fact]
    public async Task A_hostile_letter_is_only_a_letter()
    {
        var ann = await site.NewUserAsync("ann");
        await site.MailOf(ann).PutAsync(Hostile);
        await using var tab = await site.SignedInAsync(ann);
        await tab.OpenAsync("A letter with everything");
        await tab.Frame("p.big").GetByText("Read me").WaitForAsync();
        Assert.Equal(1, await tab.Frame("#pic").EvaluateAsync<int>("i => i.naturalWidth"));
        Assert.Equal(0, await tab.Frame("script, form, iframe, input, [onerror]").CountAsync());
        Assert.DoesNotContain("owned", await tab.Page.TitleAsync(), StringComparison.Ordinal);
        Assert.Equal("allow-same-origin allow-popups allow-popups-to-escape-sandbox", await tab.Page.GetAttributeAsync(".message-frame", "sandbox"));
        await tab.Page.GetByText("Pictures from elsewhere are not loaded").WaitForAsync();

        // The attached page is a download that no browser runs.
        var href = (await tab.Page.GetAttributeAsync(".attachment", "href"))!;
        var answer = await tab.Page.APIRequest.GetAsync(href);
        Assert.Equal("application/octet-stream", answer.Headers["content-type"]);
        Assert.StartsWith("attachment", answer.Headers["content-disposition"], StringComparison.Ordinal);
        Assert.Contains("sandbox", answer.Headers["content-security-policy"], StringComparison.Ordinal);
        var body = await tab.Page.APIRequest.GetAsync(href[..href.IndexOf("/part/", StringComparison.Ordinal)] + "/body");
        Assert.Contains("default-src 'none'", body.Headers["content-security-policy"], StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", body.Headers["content-security-policy"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_marks_as_read_and_the_counters_follow()
    {
        var bob = await site.NewUserAsync("bob");
        await site.MailOf(bob).PutTextAsync("First");
        await site.MailOf(bob).PutTextAsync("Second");
        await using var tab = await site.SignedInAsync(bob);
        await Assertions.Expect(tab.Page.Locator(".folder[aria-current] .folder-count")).ToHaveTextAsync("2");
        await tab.OpenAsync("First");
        await Assertions.Expect(tab.Page.Locator(".folder[aria-current] .folder-count")).ToHaveTextAsync("1");
        await tab.Page.Keyboard.PressAsync("Shift+U");
        await Assertions.Expect(tab.Page.Locator(".folder[aria-current] .folder-count")).ToHaveTextAsync("2");
    }

    [Fact]
    public async Task New_mail_appears_by_itself()
    {
        var cat = await site.NewUserAsync("cat");
        await using var tab = await site.SignedInAsync(cat);
        await tab.Page.GetByText("Your inbox is empty").WaitForAsync();
        await site.MailOf(cat).PutTextAsync("It came by itself");
        await tab.Page.Locator(".row-link", new() { HasTextString = "It came by itself" }).WaitForAsync();
        await Assertions.Expect(tab.Page).ToHaveTitleAsync("(1) Inbox · Webmail");
    }

    [Fact]
    public async Task What_is_deleted_comes_back_by_undo()
    {
        var dan = await site.NewUserAsync("dan");
        await site.MailOf(dan).PutTextAsync("Keep me");
        await site.MailOf(dan).PutTextAsync("Throw me away");
        await using var tab = await site.SignedInAsync(dan);
        await tab.OpenAsync("Throw me away");
        await tab.Page.Locator(".message-bar").GetByLabel("Delete").ClickAsync();
        await tab.Page.GetByText("1 moved to the trash").WaitForAsync();
        await Assertions.Expect(tab.Rows).ToHaveCountAsync(1);
        await Assertions.Expect(tab.Page.Locator("#message-subject")).ToHaveTextAsync("Keep me");
        await tab.Page.Locator(".toast").GetByText("Undo").ClickAsync();
        await Assertions.Expect(tab.Rows).ToHaveCountAsync(2);
        await Assertions.Expect(tab.Rows.First).ToContainTextAsync("Throw me away");

        await tab.Page.GotoAsync("/mail/trash");
        await tab.Page.GetByText("The trash is empty").WaitForAsync();
    }

    [Fact]
    public async Task Deleting_from_the_trash_asks_first()
    {
        var eve = await site.NewUserAsync("eve");
        await site.MailOf(eve).PutAsync("Subject: Old\n\nx", into: SpecialUse.Trash);
        await using var tab = await site.SignedInAsync(eve);
        await tab.Page.ClickAsync("a.folder[href='/mail/trash']");
        await tab.OpenAsync("Old");
        await tab.Page.Keyboard.PressAsync("#");
        await tab.Page.Locator(".dialog").GetByText("Delete for good", new() { Exact = true }).ClickAsync();
        await tab.Page.GetByText("The trash is empty").WaitForAsync();
    }

    [Fact]
    public async Task Keys_do_it_all()
    {
        var fay = await site.NewUserAsync("fay");
        foreach (var subject in new[] { "One", "Two", "Three", "Four" })
            await site.MailOf(fay).PutTextAsync(subject);
        await using var tab = await site.SignedInAsync(fay);
        var keys = tab.Page.Keyboard;
        await keys.PressAsync("j");
        await Assertions.Expect(tab.Page.Locator(".row.is-cursor")).ToContainTextAsync("Four");
        await keys.PressAsync("Enter");
        await Assertions.Expect(tab.Page.Locator("#message-subject")).ToHaveTextAsync("Four");
        await keys.PressAsync("j");
        await Assertions.Expect(tab.Page.Locator("#message-subject")).ToHaveTextAsync("Three");
        await keys.PressAsync("s");
        await Assertions.Expect(tab.Page.Locator(".row.is-open .is-star")).ToHaveCountAsync(1);
        await keys.PressAsync("u");
        await Assertions.Expect(tab.Page.Locator(".message")).ToHaveCountAsync(0);

        await keys.PressAsync("x");
        await Assertions.Expect(tab.Page.Locator(".list-count")).ToHaveTextAsync("1 selected");
        await keys.PressAsync("j");
        await keys.PressAsync("x");
        await Assertions.Expect(tab.Page.Locator(".list-count")).ToHaveTextAsync("2 selected");
        await keys.PressAsync("e");
        await tab.Page.GetByText("2 archived").WaitForAsync();
        await Assertions.Expect(tab.Rows).ToHaveCountAsync(2);
        await keys.PressAsync("z");
        await Assertions.Expect(tab.Rows).ToHaveCountAsync(4);

        await keys.PressAsync("?");
        await tab.Page.GetByRole(AriaRole.Dialog).GetByText("Next message").WaitForAsync();
        await keys.PressAsync("Escape");
        await Assertions.Expect(tab.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await keys.TypeAsync("gt");
        await tab.AtAsync("**/mail/sent");
        await keys.PressAsync("/");
        Assert.Equal("q", await tab.Page.EvaluateAsync<string>("document.activeElement.name"));
    }

    [Fact]
    public async Task Several_are_picked_and_moved_to_a_new_folder()
    {
        var gil = await site.NewUserAsync("gil");
        foreach (var subject in new[] { "One", "Two", "Three" })
            await site.MailOf(gil).PutTextAsync(subject);
        await using var tab = await site.SignedInAsync(gil);
        await tab.Page.ClickAsync(".folder-new");
        await tab.Page.Locator(".dialog input").FillAsync("Projects/House");
        await tab.Page.Locator(".dialog").GetByText("Create").ClickAsync();
        await tab.Page.GetByText("This folder is empty").WaitForAsync();
        await tab.Page.ClickAsync("a.folder[href='/mail/inbox']");

        await tab.Page.Locator(".row", new() { HasTextString = "One" }).Locator(".row-pick").ClickAsync();
        await tab.Page.Locator(".row", new() { HasTextString = "Three" }).Locator(".row-pick").ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await Assertions.Expect(tab.Page.Locator(".list-count")).ToHaveTextAsync("3 selected");
        await tab.Page.Locator(".list-tools").GetByLabel("Move").ClickAsync();
        await tab.Page.Locator(".picker input").FillAsync("house");
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Page.GetByText("3 moved to House").WaitForAsync();
        await tab.Page.GetByText("Your inbox is empty").WaitForAsync();
        await tab.Page.Locator("a.folder", new() { HasTextString = "House" }).ClickAsync();
        await Assertions.Expect(tab.Rows).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task Search_finds_words_people_and_chinese()
    {
        var hal = await site.NewUserAsync("hal");
        var mail = site.MailOf(hal);
        await mail.PutTextAsync("Invoice for March", "The amount is 420 euros.");
        await mail.PutTextAsync("周末去爬山", "早上八点在地铁口集合", "陈静 <chen@elsewhere.test>");
        await mail.PutAsync("From: me@example.test\nTo: x@elsewhere.test\nSubject: Re: invoice\n\nPaid.", FlagSet.Seen, into: SpecialUse.Sent);
        await using var tab = await site.SignedInAsync(hal);
        async Task FindAsync(string words, int count)
        {
            await tab.Page.FillAsync(".search-box", words);
            await tab.Page.PressAsync(".search-box", "Enter");
            await Assertions.Expect(tab.Page.Locator(".list-total")).ToHaveTextAsync($"{count} found");
        }

        await FindAsync("invoice", 2);
        await FindAsync("420", 1);
        await FindAsync("地铁口", 1);
        await FindAsync("from:chen", 1);
        await FindAsync("invoice -paid", 1);
        await tab.OpenAsync("Invoice for March");
        Assert.Contains("q=invoice", tab.Page.Url, StringComparison.Ordinal);
        await FindAsync("nothing of the kind", 0);
        await tab.Page.GetByText("Nothing found").WaitForAsync();
    }

    [Fact]
    public async Task A_phone_shows_one_thing_at_a_time()
    {
        var ida = await site.NewUserAsync("ida");
        await site.MailOf(ida).PutTextAsync("On the phone");
        await using var tab = await site.SignedInAsync(ida, 390, 844, isPhone: true);
        await Assertions.Expect(tab.Page.Locator(".side")).Not.ToBeInViewportAsync();
        await tab.OpenAsync("On the phone");
        await Assertions.Expect(tab.Page.Locator(".list-pane")).ToBeHiddenAsync();
        await tab.Page.Locator(".message-bar .back").ClickAsync();
        await Assertions.Expect(tab.Page.Locator(".list-pane")).ToBeVisibleAsync();
        await tab.Page.ClickAsync(".nav-toggle");
        await Assertions.Expect(tab.Page.Locator(".side")).ToBeInViewportAsync();
        await tab.Page.ClickAsync("a.folder[href='/mail/sent']");
        await tab.Page.GetByText("Nothing sent yet").WaitForAsync();
        await tab.Page.ClickAsync(".fab");
        await tab.Compose.WaitForAsync();
        Assert.Equal(390, await tab.Page.EvaluateAsync<int>("document.scrollingElement.scrollWidth"));
    }

    [Fact]
    public async Task What_was_made_for_a_desk_fits_a_phone()
    {
        var jan = await site.NewUserAsync("jan");
        await site.MailOf(jan).PutAsync("""
            From: News <news@elsewhere.test>
            Subject: Wide
            MIME-Version: 1.0
            Content-Type: text/html; charset=utf-8

            <table width="600"><tr><td width="600" id="cell">A letter in a table, and <b id=end style="float:right">its end</b></td></tr></table>
            """);
        await using var tab = await site.SignedInAsync(jan, 390, 844, isPhone: true);
        await tab.OpenAsync("Wide");
        var right = await tab.Frame("#end").EvaluateAsync<double>("e => e.getBoundingClientRect().right");
        Assert.InRange(right, 200, 390);
        await Assertions.Expect(tab.Page.Locator(".bar")).ToBeHiddenAsync();
    }
}
