using System.Diagnostics;

namespace Webmail.EndToEnd.Clients;

/// <summary>fetchmail: takes new mail away by IMAP and POP3, and waits in IDLE.</summary>
public sealed class FetchmailTests(ClientServer site)
{
    [Fact]
    public async Task AWholeDay()
    {
        await using var day = await ClientDay.BeginAsync(site, "fetchmail");
        var (imap, pop3, box) = (day.Imaps(), day.Pop3(), Path.Combine(day.Folder, "box"));

        // POP3 with UIDs leaves all there and brings each once.
        var rc = await WriteSettingsAsync(day, "pop3.rc", $"service {pop3.Port} protocol pop3 uidl", "sslproto \"auto\"", "keep");
        await FetchAsync(day, rc);
        Assert.Equal(["Letter 1", "Letter 2", "Letter 3", "Letter 4"], Subjects(box));
        await day.Phone.AppendAsync("INBOX", "Letter 5");
        await FetchAsync(day, rc);
        Assert.Equal(["Letter 1", "Letter 2", "Letter 3", "Letter 4", "Letter 5"], Subjects(box));

        // IMAP takes what is unseen, and removes it.
        File.Delete(box);
        rc = await WriteSettingsAsync(day, "imap.rc", $"service {imap.Port} protocol imap", "ssl", "no keep");
        await FetchAsync(day, rc);
        Assert.Equal(["Letter 2", "Letter 3", "Letter 4", "Letter 5"], Subjects(box));
        Assert.Equal(["Letter 1: Seen"], await day.Phone.ReadAsync("INBOX"));

        // It stays, and is told.
        rc = await WriteSettingsAsync(day, "idle.rc", $"service {imap.Port} protocol imap", "ssl", "idle keep");
        var before = imap.Commands.Length;
        using var daemon = day.Start("fetchmail", Arguments(day, rc));
        var (output, error) = (daemon.StandardOutput.ReadToEndAsync(), daemon.StandardError.ReadToEndAsync());
        await imap.AnsweredAsync("IDLE", before);
        await day.Phone.AppendAsync("INBOX", "From the phone");
        await imap.AnsweredAsync("FETCH", before);
        await imap.AnsweredAsync("IDLE", await imap.AnsweredAsync("STORE", before));
        Assert.Equal(["Letter 2", "Letter 3", "Letter 4", "Letter 5", "From the phone"], Subjects(box));
        using (var stop = Process.Start("kill", ["-TERM", daemon.Id.ToString()]))
            await stop.WaitForExitAsync();
        await daemon.WaitForExitAsync();
        _ = await output + await error;
        await day.CompareAsync();
    }

    private static Task<string> FetchAsync(ClientDay day, string rc) => day.RunAsync("fetchmail", Arguments(day, rc));

    private static string[] Arguments(ClientDay day, string rc) =>
        ["-f", rc, "-i", Path.Combine(day.Folder, "ids"), "--pidfile", Path.Combine(day.Folder, "pid"), "--nosyslog", "-v"];

    private static Task<string> WriteSettingsAsync(ClientDay day, string name, string server, string tls, string options) => day.WriteAsync(name, $"""
        poll localhost {server} no dns
          user "{day.Account}" password "{ClientServer.Password}" {tls} sslcertck sslcertfile "{day.CertificatePath}" {options} mda "cat >> {day.Folder}/box"

        """);

    private static string[] Subjects(string box) => [.. File.ReadLines(box).Where(l => l.StartsWith("Subject: ", StringComparison.Ordinal)).Select(l => l[9..])];
}
