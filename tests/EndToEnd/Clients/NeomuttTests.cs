using MailKit;

namespace Webmail.EndToEnd.Clients;

/// <summary>neomutt: the index of a mailbox with CONDSTORE, QRESYNC and IDLE, and a cache of headers that the next start must bring up to date.</summary>
public sealed class NeomuttTests(ClientServer site)
{
    [Fact]
    public async Task AWholeDay()
    {
        await using var day = await ClientDay.BeginAsync(site, "neomutt");
        var imaps = day.Imaps();
        await WriteSettingsAsync(day, imaps);
        await day.WriteAsync("keys", """
            push '<limit>=b "Letter 2"<enter><flag-message><limit>all<enter><jump>3<enter><save-message>=Archive<enter><jump>4<enter><delete-message><jump>1<enter><copy-message>=New<enter><display-message><exit><toggle-new><sync-mailbox><change-folder>=Archive<enter><change-folder>=INBOX<enter>'
            """);
        using (var terminal = new Terminal(day, "neomutt -n -F rc -e 'source keys'"))
        {
            var sent = await imaps.AnsweredAsync("IDLE", await imaps.AnsweredAsync("SELECT \"INBOX\"", await imaps.AnsweredAsync("SELECT \"Archive\"")));
            await day.Phone.AppendAsync("INBOX", "From the phone");
            await imaps.AnsweredAsync("FETCH", sent);
            await terminal.TypeAsync("q");
            await terminal.EndAsync();
        }

        Assert.Equal(["Letter 1", "Letter 2: Flagged", "From the phone"], await day.Phone.ReadAsync("INBOX"));
        Assert.Equal(["Old letter: Seen", "Letter 3"], await day.Phone.ReadAsync("Archive"));
        Assert.Equal(["Letter 1: Seen"], await day.Phone.ReadAsync("New"));

        // What the phone does meanwhile, the next start must learn from "SELECT … (QRESYNC …)" and its cache alone.
        await day.Phone.FlagAsync("INBOX", "Letter 1", MessageFlags.Flagged);
        await day.Phone.RemoveAsync("INBOX", "Letter 2");
        await day.Phone.AppendAsync("INBOX", "Letter 5");
        await day.WriteAsync("keys", $"""
            push '<tag-pattern>~A<enter><tag-prefix><copy-message>{day.Folder}/all<enter><untag-pattern>~A<enter><tag-pattern>~F<enter><tag-prefix><copy-message>{day.Folder}/flagged<enter><quit>'
            """);
        using (var terminal = new Terminal(day, "neomutt -n -F rc -e 'source keys'"))
            await terminal.EndAsync();
        Assert.Equal(["Letter 1", "From the phone", "Letter 5"], Mbox(day, "all"));
        Assert.Equal(["Letter 1"], Mbox(day, "flagged"));
        await day.CompareAsync();
    }

    private static string[] Mbox(ClientDay day, string name) =>
        [.. File.ReadLines(Path.Combine(day.Folder, name)).Where(l => l.StartsWith("Subject: ", StringComparison.Ordinal)).Select(l => l[9..])];

    private static async Task WriteSettingsAsync(ClientDay day, Ear imaps)
    {
        Directory.CreateDirectory(Path.Combine(day.Folder, "headers"));
        await day.WriteAsync("rc", $"""
            set imap_user="{day.Account}" imap_pass="{ClientServer.Password}" folder=imaps://localhost:{imaps.Port}/ spoolfile=+INBOX
            set certificate_file="{day.CertificatePath}" imap_condstore imap_qresync imap_idle imap_check_subscribed header_cache="{day.Folder}/headers"
            set confirmappend=no confirmcreate=no delete=yes move=no quit=yes wait_key=no timeout=1 mail_check=0 sort=mailbox-order beep=no mark_old=no mbox_type=mbox

            """);
    }
}
