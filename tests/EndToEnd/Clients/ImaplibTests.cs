namespace Webmail.EndToEnd.Clients;

/// <summary>Python's imaplib, on which many small programs stand. The day is imaplib-day.py.</summary>
public sealed class ImaplibTests(ClientServer site)
{
    [Fact]
    public async Task AWholeDay()
    {
        await using var day = await ClientDay.BeginAsync(site, "imaplib");
        var imap = day.Imap();
        await day.RunAsync("/usr/bin/python3", ClientDay.Script("imaplib-day.py"), imap.Port.ToString(), day.Account, ClientServer.Password, day.CertificatePath);
        Assert.Equal(["Letter 1: Seen", "Letter 2: Seen, Flagged, $Work", "By imaplib: Draft"], await day.Phone.ReadAsync("INBOX"));
        Assert.Equal(["Old letter: Seen", "Letter 4"], await day.Phone.ReadAsync("Archive"));
        await day.CompareAsync();
    }
}
