using System.Diagnostics;
using MailKit;

namespace Webmail.EndToEnd.Clients;

/// <summary>offlineimap3: two-way synchronisation with Maildirs, and then as a daemon that waits in IDLE.</summary>
public sealed class OfflineimapTests(ClientServer site)
{
    [Fact]
    public async Task AWholeDay()
    {
        await using var day = await ClientDay.BeginAsync(site, "offlineimap");
        var imaps = day.Imaps();
        var rc = await WriteSettingsAsync(day, imaps);
        await day.RunAsync("offlineimap", "-c", rc, "-o", "-u", "basic");
        var inbox = new Maildir(Path.Combine(day.Folder, "mail", "INBOX"));
        Assert.Equal(["Letter 1 S", "Letter 2 ", "Letter 3 ", "Letter 4 "], inbox.List());
        Assert.Equal(["Отчёт "], new Maildir(Path.Combine(day.Folder, "mail", "Работа")).List());

        inbox.Flag("Letter 2", "FS");
        inbox.Remove("Letter 3");
        inbox.Add("Written here");
        await day.Phone.FlagAsync("INBOX", "Letter 1", MessageFlags.Answered);
        await day.Phone.RemoveAsync("INBOX", "Letter 4");
        await day.RunAsync("offlineimap", "-c", rc, "-o", "-u", "basic");
        Assert.Equal(["Letter 1: Seen, Answered", "Letter 2: Seen, Flagged", "Written here"], await day.Phone.ReadAsync("INBOX"));
        Assert.Equal(["Letter 1 RS", "Letter 2 FS", "Written here "], inbox.List());

        // It stays, and is told.
        var before = imaps.Commands.Length;
        using var daemon = day.Start("offlineimap", "-c", rc, "-u", "basic", "-k", "Account_ann:autorefresh=10");
        var (output, error) = (daemon.StandardOutput.ReadToEndAsync(), daemon.StandardError.ReadToEndAsync());
        await imaps.AnsweredAsync("IDLE", before);
        await day.Phone.AppendAsync("INBOX", "From the phone");
        await inbox.UntilAsync("From the phone", day.Heard);
        using (var stop = Process.Start("kill", ["-TERM", daemon.Id.ToString()]))
            await stop.WaitForExitAsync();
        await day.EndAsync(daemon, async () => await output + await error);
        await day.CompareAsync();
    }

    private static Task<string> WriteSettingsAsync(ClientDay day, Ear imaps) => day.WriteAsync("rc", $"""
        [general]
        accounts = ann
        metadata = {day.Folder}/metadata
        fsync = no

        [Account ann]
        localrepository = near
        remoterepository = far
        utf8foldernames = yes

        [Repository near]
        type = Maildir
        localfolders = {day.Folder}/mail

        [Repository far]
        type = IMAP
        remotehost = localhost
        remoteport = {imaps.Port}
        folderfilter = lambda name: name in ['INBOX', 'Работа']
        remoteuser = {day.Account}
        remotepass = {ClientServer.Password}
        ssl = yes
        sslcacertfile = {day.CertificatePath}
        auth_mechanisms = PLAIN
        maxconnections = 2
        holdconnectionopen = yes
        keepalive = 60
        idlefolders = ['INBOX']

        """);
}
