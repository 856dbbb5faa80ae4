using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MailKit.Net.Imap;
using MailKit.Net.Pop3;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace Webmail.EndToEnd.Operations;

/// <summary>The two commands' promise: a fresh start answers on every port, and a stop is quick and clean.</summary>
public sealed class StartAndStopTests
{
    [Fact]
    public async Task A_first_start_answers_on_every_port_and_stops_within_two_seconds()
    {
        await using var server = await ServerProcess.StartAsync();
        Assert.Equal(["admin@example.test", "lisi@example.test", "wangwu@example.test"], server.Passwords.Keys.Order(StringComparer.Ordinal));
        foreach (var (port, greeting) in new[] { (server.Smtp, "220 "), (server.Submission, "220 "), (server.Lmtp, "220 "), (server.Imap, "* OK"), (server.Pop3, "+OK") })
            Assert.StartsWith(greeting, await GreetingAsync(server.Address, port), StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = server.Url };
        Assert.Equal("ok\n", await http.GetStringAsync("health"));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("")).StatusCode);

        using (var smtp = new SmtpClient { ServerCertificateValidationCallback = (_, _, _, _) => true })
        {
            await smtp.ConnectAsync(server.Address.ToString(), server.Submissions, SecureSocketOptions.SslOnConnect);
            await smtp.AuthenticateAsync("lisi@example.test", server.Passwords["lisi@example.test"]);
        }

        using (var pop3 = new Pop3Client { ServerCertificateValidationCallback = (_, _, _, _) => true })
        {
            await pop3.ConnectAsync(server.Address.ToString(), server.Pop3s, SecureSocketOptions.SslOnConnect);
            await pop3.AuthenticateAsync("lisi@example.test", server.Passwords["lisi@example.test"]);
        }

        // A connection that idles must not hold up the stop.
        using var imap = new ImapClient { ServerCertificateValidationCallback = (_, _, _, _) => true };
        await imap.ConnectAsync(server.Address.ToString(), server.Imaps, SecureSocketOptions.SslOnConnect);
        await imap.AuthenticateAsync("lisi@example.test", server.Passwords["lisi@example.test"]);

        // The quickest of three: other tests share the machine.
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await server.StopAsync());
        var quickest = watch.Elapsed;
        for (var more = 0; more < 2 && quickest >= TimeSpan.FromSeconds(2); more++)
        {
            await server.StartAgainAsync();
            watch.Restart();
            Assert.Equal(0, await server.StopAsync());
            quickest = watch.Elapsed < quickest ? watch.Elapsed : quickest;
        }

        Assert.True(quickest < TimeSpan.FromSeconds(2), $"stopping took {quickest}");
        Assert.False(File.Exists(Path.Combine(server.DataDirectory, "postgres", "postmaster.pid")), "PostgreSQL is still there");
    }

    [Fact]
    public async Task A_second_start_keeps_the_users_and_prints_no_password()
    {
        await using var server = await ServerProcess.StartAsync();
        var password = server.Passwords["wangwu@example.test"];
        await server.StopAsync();
        var said = server.Output.Length;
        await server.StartAgainAsync();
        Assert.DoesNotContain("wangwu@example.test", server.Output[said..], StringComparison.Ordinal);
        using var pop3 = new Pop3Client();
        await pop3.ConnectAsync(server.Address.ToString(), server.Pop3, SecureSocketOptions.None);
        await pop3.AuthenticateAsync("wangwu@example.test", password);
    }

    [Fact]
    public async Task After_kill_9_the_next_start_works_even_at_once()
    {
        await using var server = await ServerProcess.StartAsync();
        var password = server.Passwords["lisi@example.test"];
        for (var round = 0; round < 3; round++)
        {
            await server.KillAsync();
            await server.StartAgainAsync();
        }

        using var imap = new ImapClient();
        await imap.ConnectAsync(server.Address.ToString(), server.Imap, SecureSocketOptions.None);
        await imap.AuthenticateAsync("lisi@example.test", password);
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_says_so_and_stops()
    {
        await using var first = await ServerProcess.StartAsync();
        await using var second = ServerProcess.Launch(new ServerOptions { Home = first.Home });
        Assert.NotEqual(0, await second.WaitForExitAsync());
        var line = Assert.Single(second.ErrorOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"process {first.ProcessId}", line, StringComparison.Ordinal);
        Assert.Equal("* OK", (await GreetingAsync(first.Address, first.Imap))[..4]);
    }

    internal static async Task<string> GreetingAsync(IPAddress address, int port)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(address, port);
        using var reader = new StreamReader(socket.GetStream());
        return await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)) ?? "";
    }
}
