using System.Diagnostics;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MailKit.Net.Imap;
using MailKit.Net.Pop3;
using MailKit.Net.Smtp;
using MailKit.Security;
using Webmail.Testing;
using AuthenticationException = MailKit.Security.AuthenticationException;

namespace Webmail.EndToEnd.Clients;

/// <summary>Logging in as programs do it: MailKit's mechanisms, msmtp and mbsync as Debian builds them (GNU and Cyrus SASL), curl, and OpenSSL's own exporter.</summary>
public sealed class LoginTests
{
    private const string Ann = "ann@example.org";

    private static readonly RemoteCertificateValidationCallback AnyCertificate = (_, _, _, _) => true;

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task MailKit_logs_in_by_every_mechanism(SslProtocols version)
    {
        await using var server = await StartAsync();
        var password = await AppPasswordAsync(server);
        var token = await TokenAsync(server, "imap,pop3,smtp");
        SaslMechanism[] mechanisms =
        [
            new SaslMechanismScramSha256Plus(Ann, password), new SaslMechanismScramSha256(Ann, password), new SaslMechanismOAuthBearer(Ann, token),
            new SaslMechanismOAuth2(Ann, token), new SaslMechanismPlain(Ann, password), new SaslMechanismLogin(Ann, password),
        ];
        foreach (var mechanism in mechanisms)
        {
            using (var imap = new ImapClient { ServerCertificateValidationCallback = AnyCertificate, SslProtocols = version, CheckCertificateRevocation = false })
            {
                await imap.ConnectAsync(server.Address.ToString(), server.Imaps, SecureSocketOptions.SslOnConnect);
                Assert.Contains(mechanism.MechanismName, imap.AuthenticationMechanisms);
                mechanism.Reset();
                await imap.AuthenticateAsync(mechanism);
                Assert.True(imap.IsAuthenticated);
            }

            using (var pop3 = new Pop3Client { ServerCertificateValidationCallback = AnyCertificate, SslProtocols = version, CheckCertificateRevocation = false })
            {
                await pop3.ConnectAsync(server.Address.ToString(), server.Pop3s, SecureSocketOptions.SslOnConnect);
                mechanism.Reset();
                await pop3.AuthenticateAsync(mechanism);
            }

            using var smtp = new SmtpClient { ServerCertificateValidationCallback = AnyCertificate, SslProtocols = version, CheckCertificateRevocation = false };
            await smtp.ConnectAsync(server.Address.ToString(), server.Submissions, SecureSocketOptions.SslOnConnect);
            mechanism.Reset();
            await smtp.AuthenticateAsync(mechanism);
        }
    }

    [Fact]
    public async Task A_wrong_secret_is_refused_and_the_accounts_own_password_still_gets_in()
    {
        await using var server = await StartAsync();
        await AppPasswordAsync(server);
        foreach (var wrong in new SaslMechanism[] { new SaslMechanismScramSha256(Ann, "correct horse"), new SaslMechanismOAuthBearer(Ann, "wrong"), new SaslMechanismOAuth2(Ann, "wrong") })
        {
            using var refused = new ImapClient { ServerCertificateValidationCallback = AnyCertificate, CheckCertificateRevocation = false };
            await refused.ConnectAsync(server.Address.ToString(), server.Imaps, SecureSocketOptions.SslOnConnect);
            await Assert.ThrowsAsync<AuthenticationException>(() => refused.AuthenticateAsync(wrong));
        }

        // It tries SCRAM first and goes on.
        using var imap = new ImapClient { ServerCertificateValidationCallback = AnyCertificate, CheckCertificateRevocation = false };
        await imap.ConnectAsync(server.Address.ToString(), server.Imaps, SecureSocketOptions.SslOnConnect);
        await imap.AuthenticateAsync(Ann, "correct horse");
        Assert.True(imap.IsAuthenticated);
    }

    [Fact]
    public async Task Msmtp_and_mbsync_pick_scram_where_there_is_an_app_password_and_plain_where_there_is_none()
    {
        await using var server = await StartAsync();
        Assert.Contains("AUTH PLAIN", await MsmtpAsync(server, "correct horse"), StringComparison.Ordinal);
        Assert.DoesNotContain("SCRAM", await MbsyncAsync(server, "correct horse"), StringComparison.Ordinal);
        var password = await AppPasswordAsync(server);
        Assert.Contains("AUTH SCRAM-SHA-256", await MsmtpAsync(server, password), StringComparison.Ordinal);
        Assert.Contains("AUTHENTICATE SCRAM-SHA-256", await MbsyncAsync(server, password), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Curl_brings_its_token()
    {
        await using var server = await StartAsync();
        var token = await TokenAsync(server, "imap");
        var said = await ProgramAsync(server, "curl", "", "-sSkv", "--url", $"imaps://{server.Address}:{server.Imaps}/", "--user", Ann, "--oauth2-bearer", token);
        Assert.Contains("INBOX", said, StringComparison.Ordinal);
        Assert.Contains("AUTHENTICATE OAUTHBEARER", said, StringComparison.Ordinal);
    }

    /// <summary>What OpenSSL itself exports for this connection is what the server binds to.</summary>
    [Fact]
    public async Task The_exporter_of_another_library_is_the_same()
    {
        await using var server = await StartAsync();
        var password = await AppPasswordAsync(server);
        using var openssl = Start(
            server, "openssl", "s_client", "-connect", $"{server.Address}:{server.Imaps}", "-tls1_3", "-crlf", "-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen", "32");
        _ = openssl.StandardError.ReadToEndAsync();
        var material = Regex.Match(await UntilAsync(openssl, "Keying material: "), "Keying material: (?<hex>[0-9A-F]{64})", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Groups["hex"].Value;
        await UntilAsync(openssl, "* OK ");
        var first = $"p=tls-exporter,,n={Ann},r=client";
        await SayAsync(openssl, "a AUTHENTICATE SCRAM-SHA-256-PLUS " + Base64(first));
        var challenge = Encoding.ASCII.GetString(Convert.FromBase64String((await UntilAsync(openssl, "+ "))[2..]));
        var (final, signature) = ScramClient.Answer(first, challenge, password, Convert.FromHexString(material));
        await SayAsync(openssl, Base64(final));
        Assert.Equal("+ " + Base64("v=" + signature), await UntilAsync(openssl, "+ "));
        await SayAsync(openssl, "");
        await UntilAsync(openssl, "a OK ");
        openssl.StandardInput.Close();
        openssl.Kill();
    }

    [Fact]
    public async Task The_command_line_makes_lists_and_removes()
    {
        await using var server = await StartAsync();
        var made = Json(await server.RunAsync("user", "token", Ann, "add", "backup", "--scope", "imap", "--lifetime", "90d", "--json"));
        Assert.Equal(["imap"], made.GetProperty("scopes").EnumerateArray().Select(s => s.GetString()));
        Assert.Contains("backup", await server.RunAsync("user", "token", Ann, "list"), StringComparison.Ordinal);
        Assert.Equal(0, Json(await server.RunAsync("user", "app-password", Ann, "list", "--json")).GetArrayLength());
        var id = made.GetProperty("id").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(67, (await server.CommandAsync("user", "app-password", Ann, "remove", id)).ExitCode);
        await server.RunAsync("user", "token", Ann, "remove", id);
        Assert.Equal(67, (await server.CommandAsync("user", "token", Ann, "remove", id)).ExitCode);
        Assert.Equal(67, (await server.CommandAsync("user", "token", "nobody@example.org", "list")).ExitCode);
        Assert.Equal(65, (await server.CommandAsync("user", "token", Ann, "add", "x", "--scope", "everything")).ExitCode);
        Assert.Equal(65, (await server.CommandAsync("user", "token", Ann, "add", "x", "--lifetime", "soon")).ExitCode);
        Assert.Equal(66, (await server.CommandAsync("user", "certificate", Ann, "add", "x", "/nowhere.pem")).ExitCode);
    }

    private static async Task<ServerProcess> StartAsync()
    {
        var server = await ServerProcess.StartAsync();
        await server.RunAsync("domain", "add", "example.org");
        await server.AddUserAsync(Ann, "correct horse");
        return server;
    }

    /// <summary>Made by the command line; the server hears of it.</summary>
    private static async Task<string> AppPasswordAsync(ServerProcess server)
    {
        var secret = Json(await server.RunAsync("user", "app-password", Ann, "add", "phone", "--json")).GetProperty("secret").GetString()!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            using var imap = new ImapClient();
            await imap.ConnectAsync(server.Address.ToString(), server.Imap, SecureSocketOptions.None, patience.Token);
            if (imap.AuthenticationMechanisms.Contains("SCRAM-SHA-256"))
                return secret;
            await Task.Delay(50, patience.Token);
        }
    }

    private static async Task<string> TokenAsync(ServerProcess server, string scopes) =>
        Json(await server.RunAsync("user", "token", Ann, "add", "laptop", "--scope", scopes, "--json")).GetProperty("secret").GetString()!;

    private static Task<string> MsmtpAsync(ServerProcess server, string password) => ProgramAsync(
        server, "msmtp", "Subject: by msmtp\n\nHello.\n", "--debug", "--file=/dev/null", $"--host={server.Address}", $"--port={server.Submissions}", "--tls=on", "--tls-starttls=off",
        "--tls-certcheck=off", "--auth=on", "--user=" + Ann, $"--passwordeval=echo '{password}'", "--from=" + Ann, Ann);

    private static async Task<string> MbsyncAsync(ServerProcess server, string password)
    {
        var folder = Directory.CreateTempSubdirectory("webmail-mbsync-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "certificate.pem"), await CertificateAsync(server));
            await File.WriteAllTextAsync(Path.Combine(folder, "mbsyncrc"), $"""
                IMAPAccount ann
                Host {server.Address}
                Port {server.Imaps}
                User {Ann}
                Pass "{password}"
                SSLType IMAPS
                SystemCertificates no
                CertificateFile {folder}/certificate.pem

                IMAPStore far
                Account ann

                MaildirStore near
                Path {folder}/mail/
                Inbox {folder}/mail/INBOX

                Channel all
                Far :far:
                Near :near:
                Patterns INBOX
                Create Near
                SyncState *

                """);
            Directory.CreateDirectory(Path.Combine(folder, "mail"));
            return await ProgramAsync(server, "mbsync", "", "-Dn", "-c", Path.Combine(folder, "mbsyncrc"), "all");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> CertificateAsync(ServerProcess server)
    {
        using var tcp = new System.Net.Sockets.TcpClient();
        await tcp.ConnectAsync(server.Address, server.Imaps);
        await using var tls = new SslStream(tcp.GetStream(), false, AnyCertificate);
        await tls.AuthenticateAsClientAsync("mail.example.test");
        return ((System.Security.Cryptography.X509Certificates.X509Certificate2)tls.RemoteCertificate!).ExportCertificatePem();
    }

    /// <summary>A program to its end; it must succeed. What it said on both outputs.</summary>
    private static async Task<string> ProgramAsync(ServerProcess server, string program, string input, params string[] arguments)
    {
        using var process = Start(server, program, arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(patience.Token);
        var said = await output + await error;
        Assert.True(process.ExitCode == 0, $"{program}: exit {process.ExitCode}\n{said}");
        return said;
    }

    private static Process Start(ServerProcess server, string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = server.Home,
    })!;

    private static async Task SayAsync(Process process, string line)
    {
        await process.StandardInput.WriteAsync(line + "\n");
        await process.StandardInput.FlushAsync();
    }

    private static async Task<string> UntilAsync(Process process, string start)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.TrimStart().StartsWith(start, StringComparison.Ordinal))
                return line.Trim('\r');
        }

        throw new InvalidOperationException($"The connection ended before \"{start}\"");
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
