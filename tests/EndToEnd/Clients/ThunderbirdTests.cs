namespace Webmail.EndToEnd.Clients;

/// <summary>Thunderbird itself, without windows. The day is thunderbird-day.js, which thunderbird-day.py starts inside of it.</summary>
public sealed class ThunderbirdTests(ClientServer site)
{
    [Fact]
    public async Task AWholeDay()
    {
        await using var day = await ClientDay.BeginAsync(site, "thunderbird");
        var imaps = day.Imaps();
        var profile = Directory.CreateDirectory(Path.Combine(day.Folder, "profile")).FullName;
        using var python = day.Start(
            "/usr/bin/python3", ClientDay.Script("thunderbird-day.py"), "thunderbird", profile, imaps.Port.ToString(), day.Account, ClientServer.Password, day.CertificatePath);
        var (output, error) = (python.StandardOutput.ReadToEndAsync(), python.StandardError.ReadToEndAsync());
        var sent = imaps.AnsweredAsync("IDLE", await Task.WhenAny(imaps.AnsweredAsync("UID SEARCH"), error) is Task<int> searched ? await searched : 0);
        await Task.WhenAny(sent, error);
        await day.Phone.AppendAsync("INBOX", "From the phone");
        await day.EndAsync(python, async () => await output + await error);
        Assert.Equal(["Letter 1", "Letter 2: Flagged, $label1", "From the phone"], await day.Phone.ReadAsync("INBOX"));
        Assert.Equal(["Old letter: Seen", "Letter 3", "Letter 1", "By Thunderbird"], await day.Phone.ReadAsync("Archive"));
        Assert.Equal(["Letter 4"], await day.Phone.ReadAsync("Trash"));
        Assert.Contains("New", await day.Phone.MailboxesAsync());
        await day.CompareAsync();
    }
}
