namespace Webmail.EndToEnd.Clients;

/// <summary>imapfilter: rules in Lua, which search, move, copy and wait. The day is imapfilter-day.lua.</summary>
public sealed class ImapfilterTests(ClientServer site)
{
    [Fact]
    public async Task AWholeDay()
    {
        await using var day = await ClientDay.BeginAsync(site, "imapfilter");
        var imap = day.Imap();
        using var program = day.Start(
            "env", $"DAY_PORT={imap.Port}", $"DAY_USER={day.Account}", $"DAY_PASSWORD={ClientServer.Password}", "imapfilter", "-c", ClientDay.Script("imapfilter-day.lua"), "-t", day.CertificatePath);
        var (output, error) = (program.StandardOutput.ReadToEndAsync(), program.StandardError.ReadToEndAsync());
        await Task.WhenAny(imap.AnsweredAsync("IDLE"), error);
        await day.Phone.AppendAsync("INBOX", "From the phone");
        await day.EndAsync(program, async () => await output + await error);
        Assert.Equal(["Letter 1: Seen", "Letter 2: Flagged, $Work", "From the phone"], await day.Phone.ReadAsync("INBOX"));
        Assert.Equal(["Letter 3"], await day.Phone.ReadAsync("Work"));
        Assert.Equal(["Letter 1: Seen"], await day.Phone.ReadAsync("Work/2027"));
        Assert.Equal(["Old letter: Seen", "By imapfilter: Seen"], await day.Phone.ReadAsync("Archive"));
        await day.CompareAsync();
    }
}
