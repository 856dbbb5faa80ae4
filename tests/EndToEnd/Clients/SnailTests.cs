namespace Webmail.EndToEnd.Clients;

/// <summary>s-nail: mailx with IMAP and POP3.</summary>
public sealed class SnailTests(ClientServer site)
{
    [Fact]
    public async Task AWholeDay()
    {
        await using var day = await ClientDay.BeginAsync(site, "s-nail");
        var (imap, pop3) = (day.Imap(), day.Pop3s());
        var root = $"imap://{Uri.EscapeDataString(day.Account)}@localhost:{imap.Port}/";
        var said = await day.RunAsync(
            $"""
            folders
            from *
            print 2
            flag 2
            copy 3 {root}Archive
            move 3 {root}Archive
            delete 4
            undelete 4
            unread 1
            imap NOOP
            file {root}Archive
            headers
            file {root}INBOX
            delete 3
            quit

            """,
            "s-nail", [.. Settings(day), "-f", root + "INBOX"]);
        Assert.Contains("Grüße: Letter 2", said, StringComparison.Ordinal);
        Assert.Contains("Old letter", said, StringComparison.Ordinal);
        Assert.Equal(["Letter 1", "Letter 2: Seen, Flagged"], await day.Phone.ReadAsync("INBOX"));
        Assert.Equal(["Old letter: Seen", "Letter 3", "Letter 3: Seen"], await day.Phone.ReadAsync("Archive"));

        said = await day.RunAsync("headers\nprint 1\nxit\n", "s-nail", [.. Settings(day), "-f", $"pop3s://{Uri.EscapeDataString(day.Account)}@localhost:{pop3.Port}/"]);
        Assert.Contains("Grüße: Letter 1", said, StringComparison.Ordinal);
        await day.CompareAsync();
    }

    private static string[] Settings(ClientDay day) =>
    [
        "-:/", "-Sv15-compat", "-Sttycharset=utf-8", "-Simap-use-starttls", "-Stls-verify=strict", $"-Stls-ca-file={day.CertificatePath}", "-Stls-ca-no-defaults",
        $"-Spassword={ClientServer.Password}", "-Simap-auth=login", "-Sheaderline=", "-Snoheader",
    ];
}
