using System.Text;
using System.Text.RegularExpressions;
using MailKit;

namespace Webmail.EndToEnd.Clients;

/// <summary>mbsync (isync): two-way synchronisation with Maildirs, both sides changed in between.</summary>
public sealed partial class MbsyncTests(ClientServer site)
{
    [Fact]
    public async Task AWholeDay()
    {
        await using var day = await ClientDay.BeginAsync(site, "mbsync");
        var rc = await WriteSettingsAsync(day, day.Imaps());
        await day.RunAsync("mbsync", "-c", rc, "all");
        var inbox = new Maildir(Path.Combine(day.Folder, "mail", "INBOX"));
        Assert.Equal(["Letter 1 S", "Letter 2 ", "Letter 3 ", "Letter 4 "], inbox.List());
        Assert.Equal(["Отчёт "], new Maildir(Path.Combine(day.Folder, "mail", "&BCAEMAQxBD4EQgQw-")).List());
        Assert.Equal(Encoding.UTF8.GetString(await day.Phone.OctetsAsync("INBOX", "Letter 3")).ReplaceLineEndings("\n"), Trace().Replace(inbox.Read("Letter 3"), ""));

        inbox.Flag("Letter 2", "FS");
        inbox.Flag("Letter 3", "T");
        inbox.Add("Written here");
        Directory.CreateDirectory(Path.Combine(day.Folder, "mail", "New", "cur"));
        Directory.CreateDirectory(Path.Combine(day.Folder, "mail", "New", "new"));
        Directory.CreateDirectory(Path.Combine(day.Folder, "mail", "New", "tmp"));
        await day.Phone.FlagAsync("INBOX", "Letter 1", MessageFlags.Answered);
        await day.Phone.RemoveAsync("INBOX", "Letter 4");
        await day.Phone.AppendAsync("INBOX", "From the phone");
        await day.RunAsync("mbsync", "-c", rc, "all");
        Assert.Equal(["Letter 1: Seen, Answered", "Letter 2: Seen, Flagged", "From the phone", "Written here"], await day.Phone.ReadAsync("INBOX"));
        Assert.Equal(["From the phone ", "Letter 1 RS", "Letter 2 FS", "Written here "], inbox.List());
        Assert.Contains("New", await day.Phone.MailboxesAsync());

        // Both sides are the same: nothing happens any more.
        await day.RunAsync("mbsync", "-c", rc, "all");
        Assert.Equal(["From the phone ", "Letter 1 RS", "Letter 2 FS", "Written here "], inbox.List());
        Assert.Equal(4, (await day.Phone.ReadAsync("INBOX")).Length);
        await day.CompareAsync();
    }

    /// <summary>mbsync's own mark in what it stores.</summary>
    [GeneratedRegex("^X-TUID: .*\n", RegexOptions.Multiline, 1000)]
    private static partial Regex Trace();

    private static async Task<string> WriteSettingsAsync(ClientDay day, Ear imaps)
    {
        Directory.CreateDirectory(Path.Combine(day.Folder, "mail"));
        return await day.WriteAsync("mbsyncrc", $"""
            IMAPAccount far
            Host localhost
            Port {imaps.Port}
            User {day.Account}
            Pass "{ClientServer.Password}"
            SSLType IMAPS
            SystemCertificates no
            CertificateFile {day.CertificatePath}

            IMAPStore far
            Account far

            MaildirStore near
            Path {day.Folder}/mail/
            Inbox {day.Folder}/mail/INBOX
            SubFolders Verbatim

            Channel all
            Far :far:
            Near :near:
            Patterns *
            Create Both
            Expunge Both
            CopyArrivalDate yes
            SyncState *

            """);
    }
}
