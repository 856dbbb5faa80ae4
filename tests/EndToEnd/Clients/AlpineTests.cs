namespace Webmail.EndToEnd.Clients;

/// <summary>alpine, with the c-client library that PHP's imap functions stand on too.</summary>
public sealed class AlpineTests(ClientServer site)
{
    [Fact]
    public async Task AWholeDay()
    {
        await using var day = await ClientDay.BeginAsync(site, "alpine");
        var imap = day.Imap();
        await WriteSettingsAsync(day, imap);

        // Flag one, save another elsewhere, select by subject, expunge.
        using (var terminal = new Terminal(day, "alpine -p rc -i"))
        {
            await terminal.ShownAsync("PASSWORD");
            await terminal.TypeAsync(ClientServer.Password + "\r");
            await terminal.ShownAsync("Preserve password");
            await terminal.TypeAsync("n");
            await imap.AnsweredAsync("SELECT");
            foreach (var (keys, shown) in Steps)
            {
                await terminal.TypeAsync(keys);
                await terminal.ShownAsync(shown);
            }

            await terminal.TypeAsync("x");
            await imap.AnsweredAsync("EXPUNGE");
            var sent = imap.Commands.Length;
            await day.Phone.AppendAsync("INBOX", "From the phone");
            await terminal.TypeAsync("\f");
            await imap.AnsweredAsync("FETCH", sent);
            await terminal.TypeAsync("q");
            await terminal.EndAsync();
        }

        Assert.Equal(["Letter 1: Seen", "Letter 2: Flagged", "Letter 4", "From the phone"], await day.Phone.ReadAsync("INBOX"));
        Assert.Equal(["Old letter: Seen", "Letter 3"], await day.Phone.ReadAsync("Archive"));
        await day.CompareAsync();
    }

    // Each prompt throws away what was typed before it.
    private static readonly (string Keys, string Shown)[] Steps =
    [
        ("j", "to jump to"), ("2\r", "OTHER CMDS"), ("*", "Flag New"), ("\r", "OTHER CMDS"), ("j", "to jump to"), ("3\r", "OTHER CMDS"),
        ("s", "to folder"), ("Archive\r", @"Saving\s+DONE|and deleted"), (";", "SELECT criteria"), ("t", "Select based on"),
        ("s", "SUBJECT to match"), ("Letter 1\r", "Select matched 1 message"),
    ];

    private static Task<string> WriteSettingsAsync(ClientDay day, Ear imap) => day.WriteAsync("rc", $$"""
        personal-name=Ann
        user-domain=example.test
        inbox-path={localhost:{{imap.Port}}/tls/novalidate-cert/user={{day.Account}}}INBOX
        folder-collections=Mail {localhost:{{imap.Port}}/tls/novalidate-cert/user={{day.Account}}}[]
        default-fcc=
        last-version-used=7.00
        feature-list=enable-aggregate-command-set,enable-flag-cmd,expunge-without-confirm,expunge-without-confirm-everywhere,quit-without-confirm,save-will-delete,quell-extra-post-prompt

        """);
}
