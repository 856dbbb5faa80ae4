using System.Globalization;
using System.Text;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Pop3;
using MailKit.Security;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;
using Webmail.Testing;

namespace Webmail.EndToEnd.Journey;

/// <summary>Mail travels the whole way between two servers of ours, with real clients at both ends and real DNS in between.</summary>
[Collection("journeys")]
public sealed class JourneyTests(TwoSites sites) : IClassFixture<TwoSites>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LisiWritesToWangwuWhoReadsItByPop3AndByImap()
    {
        await SubmitAsync("lisi@sina.com", "wangwu@sohu.com", "Journey one", "\u4f60\u597d, wangwu.");
        var message = await ReceiveAsync("wangwu@sohu.com", "Journey one");

        Assert.Equal("\u4f60\u597d, wangwu.", message.TextBody!.Trim());
        Assert.Equal("<lisi@sina.com>", message.Headers[HeaderId.ReturnPath]);
        Assert.True(await new DkimVerifier(new KeysInDns(sites.Names)).VerifyAsync(message, message.Headers[message.Headers.IndexOf(HeaderId.DkimSignature)], Ct));
        Assert.Contains("mail.sina.com", message.Headers[HeaderId.Received], StringComparison.Ordinal);

        using var pop = new Pop3Client { ServerCertificateValidationCallback = (_, _, _, _) => true };
        await pop.ConnectAsync(sites.Sohu.Server.Address.ToString(), sites.Sohu.Server.Pop3s, SecureSocketOptions.SslOnConnect, Ct);
        await pop.AuthenticateAsync("wangwu@sohu.com", TwoSites.Password, Ct);
        var found = false;
        for (var i = 0; i < pop.Count; i++)
            found |= (await pop.GetMessageAsync(i, Ct)).Subject == "Journey one";
        Assert.True(found);
        await pop.DisconnectAsync(true, Ct);

        Assert.Contains("Subject: Journey one", await FetchmailAsync("wangwu@sohu.com"), StringComparison.Ordinal);
        Assert.Contains("Subject: Journey one", await MbsyncAsync("wangwu@sohu.com"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ANeighbourOnTheSameServerGetsItWithoutTheQueue()
    {
        await SubmitAsync("lisi@sina.com", "zhaoliu@sina.com", "Next door", "Hello.");
        // Stored in the transaction that earned the 250: there when the client has its answer, with no server in between.
        var message = Assert.Single(await MessagesAsync(sites.Sina, "zhaoliu@sina.com"), m => m.Subject == "Next door");
        Assert.Single(message.Headers, h => h.Id == HeaderId.Received);
    }

    [Fact]
    public async Task MailForTheAliasBinArrivesInRootsMailbox()
    {
        await SubmitAsync("lisi@sina.com", "bin@sohu.com", "To bin", "Hello.");
        await ReceiveAsync("root@sohu.com", "To bin");
    }

    [Fact]
    public async Task AnUnknownUserYieldsANoticeInLisisInbox()
    {
        await SubmitAsync("lisi@sina.com", "nobody@sohu.com", "Into the void", "Hello?");
        var notice = await ReceiveAsync("lisi@sina.com", "Your message could not be delivered");
        var status = Assert.IsAssignableFrom<MessageDeliveryStatus>(Assert.IsType<MultipartReport>(notice.Body)[1]).StatusGroups[1];
        Assert.Equal("rfc822; nobody@sohu.com", status["Final-Recipient"]);
        Assert.Equal("failed", status["Action"]);
        Assert.Equal("5.1.1", status["Status"]);
        Assert.Equal("dns; mail.sohu.com", status["Remote-MTA"]);
        Assert.Equal("Into the void", Assert.IsType<MessagePart>(((Multipart)notice.Body!)[2]).Message!.Subject);
    }

    [Fact]
    public async Task WithSohuStoppedTheMessageWaitsAndArrivesAfterItStartsAgain()
    {
        await sites.Sohu.Server.StopAsync();
        try
        {
            await SubmitAsync("lisi@sina.com", "wangwu@sohu.com", "Patience", "Hello.");
            await Task.Delay(2_500, Ct);
        }
        finally
        {
            await sites.Sohu.Server.StartAgainAsync();
        }

        await ReceiveAsync("wangwu@sohu.com", "Patience");
        await Task.Delay(1_500, Ct);
        Assert.Single(await MessagesAsync(sites.Sohu, "wangwu@sohu.com"), m => m.Subject == "Patience");
    }

    private Site SiteOf(string address) => address.EndsWith("@sina.com", StringComparison.Ordinal) ? sites.Sina : sites.Sohu;

    /// <summary>As a mail program does: submission with STARTTLS and a login.</summary>
    private async Task SubmitAsync(string from, string to, string subject, string text)
    {
        var site = SiteOf(from);
        await Client.RunAsync(
            "swaks", "--server", site.Server.Address.ToString(), "--port", site.Server.Submission.ToString(CultureInfo.InvariantCulture), "--tls",
            "--auth", "PLAIN", "--auth-user", from, "--auth-password", TwoSites.Password, "--from", from, "--to", to,
            "--header", $"Subject: {subject}", "--add-header", "MIME-Version: 1.0", "--add-header", "Content-Type: text/plain; charset=utf-8",
            "--body", text, "--hide-all");
    }

    /// <summary>Waits for a message, reading by IMAP over TLS with MailKit.</summary>
    private async Task<MimeMessage> ReceiveAsync(string address, string subject)
    {
        for (var i = 0; i < 150; i++)
        {
            if ((await MessagesAsync(SiteOf(address), address)).Find(m => m.Subject == subject) is { } message)
                return message;
            await Task.Delay(200, Ct);
        }

        throw new TimeoutException($"'{subject}' did not reach {address}.\n{sites.Sina.Server.ErrorOutput}\n{sites.Sohu.Server.ErrorOutput}");
    }

    private static async Task<List<MimeMessage>> MessagesAsync(Site site, string address)
    {
        using var imap = new ImapClient { ServerCertificateValidationCallback = (_, _, _, _) => true };
        await imap.ConnectAsync(site.Server.Address.ToString(), site.Server.Imaps, SecureSocketOptions.SslOnConnect, Ct);
        await imap.AuthenticateAsync(address, TwoSites.Password, Ct);
        await imap.Inbox!.OpenAsync(FolderAccess.ReadOnly, Ct);
        var messages = new List<MimeMessage>();
        for (var i = 0; i < imap.Inbox.Count; i++)
            messages.Add(await imap.Inbox.GetMessageAsync(i, Ct));
        await imap.DisconnectAsync(true, Ct);
        return messages;
    }

    private async Task<string> FetchmailAsync(string address)
    {
        var directory = Directory.CreateTempSubdirectory("fetchmail-");
        var (rc, box) = (Path.Combine(directory.FullName, "rc"), Path.Combine(directory.FullName, "box"));
        await File.WriteAllTextAsync(
            rc,
            $"""
            poll {sites.Sohu.Server.Address} service {sites.Sohu.Server.Pop3} protocol pop3 no dns
              user "{address}" password "{TwoSites.Password}" fetchall keep sslproto "" mda "cat >> {box}"

            """,
            Ct);
        File.SetUnixFileMode(rc, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await Client.RunAsync("fetchmail", "-f", rc, "-i", Path.Combine(directory.FullName, "ids"), "--pidfile", Path.Combine(directory.FullName, "pid"), "--nosyslog");
        var text = await File.ReadAllTextAsync(box, Ct);
        directory.Delete(recursive: true);
        return text;
    }

    private async Task<string> MbsyncAsync(string address)
    {
        var directory = Directory.CreateTempSubdirectory("mbsync-");
        var rc = Path.Combine(directory.FullName, "rc");
        await File.WriteAllTextAsync(
            rc,
            $"""
            IMAPStore far
            Host {sites.Sohu.Server.Address}
            Port {sites.Sohu.Server.Imap}
            User {address}
            Pass {TwoSites.Password}
            SSLType None
            AuthMechs LOGIN

            MaildirStore near
            Inbox {directory.FullName}/INBOX

            Channel all
            Far :far:
            Near :near:
            Sync Pull
            SyncState *

            """,
            Ct);
        await Client.RunAsync("mbsync", "-c", rc, "all");
        var text = new StringBuilder();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(directory.FullName, "INBOX"), "*", SearchOption.AllDirectories).Where(f => !Path.GetFileName(f).StartsWith('.')))
            text.Append(await File.ReadAllTextAsync(file, Ct));
        directory.Delete(recursive: true);
        return text.ToString();
    }

    /// <summary>Public keys as a receiver finds them.</summary>
    private sealed class KeysInDns(NamedServer names) : IDkimPublicKeyLocator
    {
        public AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            LocatePublicKeyAsync(methods, domain, selector, cancellationToken).GetAwaiter().GetResult();

        public async Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default)
        {
            var record = Assert.Single(await names.TxtAsync($"{selector}._domainkey.{domain}", cancellationToken));
            Assert.Equal("sina.com", domain);
            return PublicKeyFactory.CreateKey(Convert.FromBase64String(record[(record.IndexOf("p=", StringComparison.Ordinal) + 2)..]));
        }
    }
}
