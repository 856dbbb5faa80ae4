using System.Diagnostics;
using System.Text;
using Microsoft.Playwright;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.EndToEnd.Web;

[Collection(WebCollection.Name)]
public sealed class LargeMailboxJourney(WebSite site)
{
    private const int Messages = 100_000;
    private const int Batch = 500;

    [Fact]
    public async Task A_hundred_thousand_messages_scroll_like_ten()
    {
        var ann = await site.NewUserAsync("ann");
        // Plans are kept: those of the time when all tables were small must not read a large mailbox row by row.
        for (var i = 0; i < 3; i++)
        {
            await using var early = await site.SignedInAsync(ann);
        }

        await FillAsync(site.MailOf(ann));
        var clock = Stopwatch.StartNew();
        await using var tab = await site.SignedInAsync(ann);
        TestContext.Current.TestOutputHelper?.WriteLine($"sign-in to list: {clock.ElapsedMilliseconds} ms");
        await Assertions.Expect(tab.Rows.First).ToContainTextAsync($"Report {Messages - 1}");

        // Jumps: rows where one lands, and never more than some screens of them in the page.
        var random = new Random(11);
        var times = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            var row = random.Next(Messages - 20);
            times.Add(await tab.Page.EvaluateAsync<double>("""
                async row => {
                  const list = document.querySelector("[data-list]");
                  const start = performance.now();
                  list.scrollTop = row * 76;
                  while (!document.querySelector(`.row[data-i="${row + 2}"] .row-subject:not(.skeleton)`)) {
                    if (performance.now() - start > 60000) throw new Error("no row");
                    await new Promise(requestAnimationFrame);
                  }
                  return performance.now() - start;
                }
                """, row));
            var text = await tab.Page.Locator($".row[data-i='{row + 2}']").InnerTextAsync();
            Assert.Contains($"Report {Messages - 1 - (row + 2)}", text, StringComparison.Ordinal);
            Assert.InRange(await tab.Page.Locator(".row").CountAsync(), 5, 120);
        }

        times.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine($"jump: median {times[10]:0} ms, p95 {times[18]:0} ms");

        await tab.Page.EvaluateAsync("document.querySelector('[data-list]').scrollTop = 1e9");
        await tab.OpenAsync("Report 0");
    }

    private static async Task FillAsync(AccountMail mail)
    {
        var inbox = (await mail.Mailboxes.FindAsync(MailboxName.Inbox, default))!;
        for (var i = 0; i < Messages; i += Batch)
        {
            var items = new List<AppendItem>(Batch);
            for (var n = i; n < i + Batch; n++)
            {
                var octets = Encoding.ASCII.GetBytes($"From: Sender {n % 40} <s{n % 40}@elsewhere.test>\r\nSubject: Report {n}\r\nMessage-ID: <{n}@x>\r\n\r\nNumber {n}.\r\n");
                var spool = mail.Blobs.Begin();
                await spool.WriteAsync(octets, default);
                items.Add(new(await spool.CompleteAsync(default, default), FlagSet.Seen, new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));
            }

            await mail.Messages.AppendAsync(inbox.Id, items, default);
        }
    }
}
