using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Web.Components;
using Webmail.Web.Mail;

namespace Webmail.Web.Tests.Mail;

public sealed class FolderListTests : BunitContext
{
    public FolderListTests()
    {
        Services.AddLogging();
        Services.AddLocalization();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    private static MailboxInfo Box(int number, string name, SpecialUse use = SpecialUse.None, int messages = 0, int unseen = 0) =>
        new(new(new AccountId(1), number), MailboxName.Parse(name), use, true, false, 1, new Uid(1), new ModSeq(1), messages, unseen, 0, 0);

    [Fact]
    public void Folders_with_a_use_come_first_and_own_ones_are_sorted()
    {
        var list = Render<FolderList>(p => p
            .Add(l => l.Boxes, [Box(9, "zebra"), Box(8, "Apple/Pie"), Box(7, "Apple"), Box(6, "Trash", SpecialUse.Trash), Box(2, "Drafts", SpecialUse.Drafts), Box(1, "INBOX")])
            .Add(l => l.ComposeUrl, "/mail/inbox?compose=new"));
        Assert.Equal(["Inbox", "Drafts", "Trash", "Apple", "Pie", "zebra"], list.FindAll("li .folder-name").Select(n => n.TextContent));
        Assert.Equal(["/mail/inbox", "/mail/drafts", "/mail/trash", "/mail/F1-7", "/mail/F1-8", "/mail/F1-9"], list.FindAll("li a").Select(a => a.GetAttribute("href")));
    }

    [Fact]
    public void Counters_say_unread_and_for_drafts_how_many()
    {
        var list = Render<FolderList>(p => p
            .Add(l => l.Boxes, [Box(1, "INBOX", messages: 9, unseen: 3), Box(2, "Drafts", SpecialUse.Drafts, messages: 2), Box(3, "Sent", SpecialUse.Sent, messages: 5, unseen: 5)])
            .Add(l => l.ComposeUrl, "/"));
        Assert.Equal(["3", "2"], list.FindAll(".folder-count").Select(n => n.TextContent));
        Assert.Equal(["3 unread", "2 drafts"], list.FindAll(".folder-count").Select(n => n.GetAttribute("aria-label")));
    }

    [Fact]
    public void The_quota_warns_when_it_is_nearly_used()
    {
        var list = Render<FolderList>(p => p.Add(l => l.Boxes, []).Add(l => l.ComposeUrl, "/").Add(l => l.Quota, new QuotaInfo(95, 100, 1, null)));
        Assert.Contains("is-full", list.Find(".quota-bar").ClassName, StringComparison.Ordinal);
        Assert.Equal("width:95%", list.Find(".quota-bar span").GetAttribute("style"));
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1_000, "1 KB")]
    [InlineData(1_500_000, "1.4 MB")]
    [InlineData(53_687_091_200, "50 GB")]
    public void Sizes_are_short(long bytes, string text) => Assert.Equal(text, Amount.Of(bytes));
}
