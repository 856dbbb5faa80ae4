using System.Diagnostics;
using System.Text.Json;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;

namespace Webmail.EndToEnd.Operations;

/// <summary>The command line beside a running server, and without one.</summary>
public sealed class CommandLineTests
{
    static async Task<IReadOnlyList<string>> SubjectsAsync(ServerProcess server, string user, string password)
    {
        using var imap = new ImapClient();
        await imap.ConnectAsync(server.Address.ToString(), server.Imap, SecureSocketOptions.None);
        await imap.AuthenticateAsync(user, password);
        await imap.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        return [.. (await imap.Inbox.FetchAsync(0, -1, MessageSummaryItems.Envelope)).Select(m => m.Envelope!.Subject!)];
    }

    [Fact]
    public async Task Commands_work_beside_a_server_and_without_one()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.RunAsync("domain", "add", "example.org");
        await server.AddUserAsync("ann@example.org", "correct horse");
        await server.RunAsync("alias", "add", "bin@example.org", "ann@example.org");
        Assert.Equal(73, (await server.CommandAsync("domain", "add", "example.org")).ExitCode);
        Assert.Equal(67, (await server.CommandAsync("user", "remove", "nobody@example.org")).ExitCode);
        Assert.Equal(64, (await server.CommandAsync("user", "ad")).ExitCode);

        var sent = await server.CommandAsync("Subject: to the alias\n\nHello.\n", ["sendmail", "-i", "bin@example.org"]);
        Assert.True(sent.ExitCode == 0, sent.Error);
        Assert.Equal(["to the alias"], await SubjectsAsync(server, "ann@example.org", "correct horse"));

        await server.StopAsync();
        await server.RunAsync("user", "add", "bob@example.org");
        using var users = JsonDocument.Parse(await server.RunAsync("user", "list", "--domain", "example.org", "--json"));
        Assert.Equal(["ann@example.org", "bob@example.org"], users.RootElement.EnumerateArray().Select(u => u.GetProperty("address").GetString()));
        Assert.False(File.Exists(Path.Combine(server.DataDirectory, "postgres", "postmaster.pid")), "the command left PostgreSQL behind");

        sent = await server.CommandAsync("Subject: without a server\n\nHello.\n", ["sendmail", "-t", "ann@example.org"]);
        Assert.True(sent.ExitCode == 0, sent.Error);
        await server.StartAgainAsync();
        Assert.Equal(["to the alias", "without a server"], await SubjectsAsync(server, "ann@example.org", "correct horse"));
    }

    [Fact]
    public async Task Sendmail_speaks_as_cron_and_mail_expect()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.RunAsync("domain", "add", "example.org");
        await server.AddUserAsync("ann@example.org", "correct horse");

        var sent = await server.CommandAsync(
            "From: root (Cron Daemon)\nTo: ann@example.org\nBcc: lisi@example.test\nSubject: nightly\n\nline one\nline two\n.\nnot part of it\n",
            ["sendmail", "-FCronDaemon", "-oem", "-odi", "-t", "-f", "postmaster@example.org"]);
        Assert.True(sent.ExitCode == 0, sent.Error);
        using var imap = new ImapClient();
        await imap.ConnectAsync(server.Address.ToString(), server.Imap, SecureSocketOptions.None);
        await imap.AuthenticateAsync("ann@example.org", "correct horse");
        await imap.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        var message = await imap.Inbox.GetMessageAsync(0);
        Assert.Equal("nightly", message.Subject);
        Assert.Equal("line one\nline two\n", message.TextBody!.ReplaceLineEndings("\n"));
        Assert.Empty(message.Bcc);
        Assert.NotNull(message.MessageId);
        Assert.Equal(["nightly"], await SubjectsAsync(server, "lisi@example.test", server.Passwords["lisi@example.test"]));

        var unknown = await server.CommandAsync("Subject: x\n\nx\n", ["sendmail", "nobody@example.org"]);
        Assert.Equal(67, unknown.ExitCode);
        Assert.Contains("nobody@example.org", unknown.Error, StringComparison.Ordinal);
        Assert.Equal(64, (await server.CommandAsync("", ["sendmail"])).ExitCode);

        // Root has no mailbox: the domain's postmaster, who is the administrator, gets it.
        sent = await server.CommandAsync("Subject: for root\n\nx\n", ["sendmail", "root"]);
        Assert.True(sent.ExitCode == 0, sent.Error);
        Assert.Contains("for root", await SubjectsAsync(server, "admin@example.test", server.Passwords["admin@example.test"]));
    }

    [Fact]
    public async Task The_queue_is_shown_and_emptied()
    {
        await using var server = await ServerProcess.StartAsync(new ServerOptions
        {
            // Nobody listens there: the message waits.
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["Webmail__Outbound__Routes"] = "*=127.0.0.1:9" },
        });
        var sent = await server.CommandAsync("Subject: away\n\nx\n", ["sendmail", "-f", "lisi@example.test", "far@example.net"]);
        Assert.True(sent.ExitCode == 0, sent.Error);
        using var queue = JsonDocument.Parse(await server.RunAsync("queue", "list", "--json"));
        var entry = Assert.Single(queue.RootElement.EnumerateArray());
        Assert.Equal("far@example.net", entry.GetProperty("recipients")[0].GetProperty("address").GetString());
        var id = entry.GetProperty("id").GetString()!;
        Assert.Contains("1 message", await server.RunAsync("queue", "retry", id), StringComparison.Ordinal);
        await server.RunAsync("queue", "remove", id);
        Assert.Equal("The queue is empty.\n", await server.RunAsync("queue", "list"));
        Assert.Equal(67, (await server.CommandAsync("queue", "remove", id)).ExitCode);
    }

    [Fact]
    public async Task The_doctor_finds_nothing_wrong_with_a_fresh_server()
    {
        await using var server = await ServerProcess.StartAsync();
        var beside = await server.CommandAsync("doctor", "--json");
        Assert.True(beside.ExitCode == 0, beside.Output + beside.Error);
        using var findings = JsonDocument.Parse(beside.Output);
        Assert.Contains(findings.RootElement.EnumerateArray(), f => f.GetProperty("subject").GetString() == "stored mail" && f.GetProperty("level").GetString() == "ok");
        Assert.Contains(findings.RootElement.EnumerateArray(), f => f.GetProperty("subject").GetString() == "Imap" && f.GetProperty("text").GetString()!.EndsWith("greets", StringComparison.Ordinal));
        await server.StopAsync();
        var alone = await server.CommandAsync("doctor");
        Assert.True(alone.ExitCode == 0, alone.Output + alone.Error);
    }

    [Fact]
    public async Task Help_teaches_with_examples_and_needs_no_database()
    {
        await using var server = ServerProcess.Launch(new ServerOptions { Hostname = "not a name" });
        await server.WaitForExitAsync();
        var watch = Stopwatch.StartNew();
        var help = await server.CommandAsync("user", "add", "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("Examples:", help.Output, StringComparison.Ordinal);
        Assert.Contains("--password-stdin", help.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(server.DataDirectory, "postgres")), "help made a database");
    }
}
