namespace Webmail.EndToEnd.Clients;

/// <summary>curl: IMAP and POP3 by its URLs, STARTTLS and STLS required.</summary>
public sealed class CurlTests(ClientServer site)
{
    [Fact]
    public async Task AWholeDay()
    {
        await using var day = await ClientDay.BeginAsync(site, "curl");
        var (imap, pop3) = (day.Imap(), day.Pop3());
        Task<string> CurlAsync(string url, params string[] more) =>
            day.RunAsync("curl", ["-sS", "--ssl-reqd", "--cacert", day.CertificatePath, "--user", $"{day.Account}:{ClientServer.Password}", "--url", url, .. more]);
        var root = $"imap://localhost:{imap.Port}/";
        Assert.Contains("* LIST (\\HasNoChildren \\Trash) \"/\" Trash", await CurlAsync(root), StringComparison.Ordinal);
        Assert.Contains("Subject: Letter 2", await CurlAsync(root + "INBOX;UID=2"), StringComparison.Ordinal);
        Assert.Equal("Grüße: Letter 3\r\n", await CurlAsync(root + "INBOX;MAILINDEX=3;SECTION=1.1"));
        Assert.Contains("* SEARCH 4", await CurlAsync(root + "INBOX?SUBJECT%20%22Letter%204%22"), StringComparison.Ordinal);
        await CurlAsync(root + "INBOX", "--upload-file", await day.WriteAsync("mail", "From: ann@example.test\r\nSubject: By curl\r\n\r\nHello.\r\n"));
        await CurlAsync(root + "INBOX", "--request", "STORE 2 +FLAGS (\\Flagged)");
        await CurlAsync(root + "INBOX", "--request", "MOVE 3 Archive");
        await CurlAsync(root + "INBOX", "--request", "STORE 1 +FLAGS.SILENT (\\Deleted)", "--next", "-sS", "--ssl-reqd", "--cacert", day.CertificatePath,
            "--user", $"{day.Account}:{ClientServer.Password}", "--url", root + "INBOX", "--request", "EXPUNGE");
        Assert.Equal(["Letter 2: Seen, Flagged", "Letter 4", "By curl: Seen"], await day.Phone.ReadAsync("INBOX"));
        Assert.Equal(["Old letter: Seen", "Letter 3: Seen"], await day.Phone.ReadAsync("Archive"));

        root = $"pop3://localhost:{pop3.Port}/";
        Assert.Equal(3, (await CurlAsync(root)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("Subject: Letter 4", await CurlAsync(root + "2"), StringComparison.Ordinal);
        Assert.Contains("Subject: By curl", await CurlAsync(root, "--request", "TOP 3 0"), StringComparison.Ordinal);
        await CurlAsync(root + "2", "--request", "DELE", "--head");
        Assert.Equal(["Letter 2: Seen, Flagged", "By curl: Seen"], await day.Phone.ReadAsync("INBOX"));
        await day.CompareAsync();
    }
}
