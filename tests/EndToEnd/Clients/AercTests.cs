namespace Webmail.EndToEnd.Clients;

/// <summary>aerc, with Go's go-imap library.</summary>
public sealed class AercTests(ClientServer site)
{
    [Fact]
    public async Task AWholeDay()
    {
        await using var day = await ClientDay.BeginAsync(site, "aerc");
        var imaps = day.Imaps();
        await WriteSettingsAsync(day, imaps);
        using (var terminal = new Terminal(day, $"env SSL_CERT_FILE={day.CertificatePath} aerc"))
        {
            var sent = await imaps.AnsweredAsync("UID FETCH", await imaps.AnsweredAsync("SELECT"));
            await day.Phone.AppendAsync("INBOX", "From the phone");
            sent = await imaps.AnsweredAsync("UID FETCH", sent);
            foreach (var (keys, verb) in Steps)
            {
                await terminal.TypeAsync($":{keys}\r");
                sent = await imaps.AnsweredAsync(verb, sent);
            }

            await terminal.TypeAsync(":quit\r");
            await terminal.EndAsync();
        }

        Assert.Equal(["Letter 1: Seen", "Letter 2", "Letter 4: Flagged"], await day.Phone.ReadAsync("INBOX"));
        await day.CompareAsync();
    }

    private static readonly (string Keys, string Verb)[] Steps =
    [
        ("select 1\r:flag -t -x Flagged", "UID STORE"), ("copy Archive", "UID COPY"), ("select 2\r:move Archive", "UID"), ("select 0\r:delete", "UID STORE"),
        ("search -b Letter 2", "UID SEARCH"), ("mkdir New", "CREATE"), ("cf Archive", "SELECT"),
    ];

    private static async Task WriteSettingsAsync(ClientDay day, Ear imaps)
    {
        await day.WriteAsync(".config/aerc/accounts.conf", $"""
            [ann]
            source = imaps://{Uri.EscapeDataString(day.Account)}:{Uri.EscapeDataString(ClientServer.Password)}@localhost:{imaps.Port}
            outgoing = /bin/cat
            from = Ann <ann@example.test>
            default = INBOX
            copy-to = Sent

            """);
    }
}
