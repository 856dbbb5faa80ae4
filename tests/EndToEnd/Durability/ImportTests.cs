using System.Diagnostics;
using System.Globalization;
using System.Text;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using MimeKit;
using Webmail.EndToEnd.Journey;

namespace Webmail.EndToEnd.Durability;

/// <summary>import with a Maildir as mbsync writes it, an mbox as s-nail writes it, and a large mbox; beside a running server and without one.</summary>
[Collection("durability")]
public sealed class ImportTests(ITestOutputHelper output) : IDisposable
{
    private const string Lisi = "lisi@example.test";
    private const string Wangwu = "wangwu@example.test";
    private const int Many = 3_000;

    private static readonly DateTimeOffset Received = new(2024, 1, 1, 10, 0, 0, TimeSpan.Zero);

    private readonly string _directory = Directory.CreateTempSubdirectory("webmail-import-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Mail_of_other_programs_comes_in_whole_with_its_flags_dates_and_folders()
    {
        await using var server = await ServerProcess.StartAsync();
        await FillAsync(server);
        var maildir = await MbsyncAsync(server);

        Assert.StartsWith("5 messages imported", await server.RunAsync("import", Wangwu, maildir), StringComparison.Ordinal);
        await SameAsync(server, maildir);

        var mbox = Path.Combine(_directory, "saved.mbox");
        await SaveAsMboxAsync(maildir, mbox);
        await server.StopAsync();
        Assert.StartsWith("3 messages imported", await server.RunAsync("import", Wangwu, mbox, "--into", "Old/Saved"), StringComparison.Ordinal);
        var large = WriteLargeMbox();
        var watch = Stopwatch.StartNew();
        Assert.StartsWith($"{Many} messages imported", await server.RunAsync("import", Wangwu, large, "--into", "Large"), StringComparison.Ordinal);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Many} messages, {new FileInfo(large).Length >> 20} MiB, in {watch.Elapsed.TotalSeconds:0.0} s with start and stop"));

        await server.StartAgainAsync();
        using var imap = await LogInAsync(server, Wangwu);
        await SavedAsync(await imap.GetFolderAsync("Old/Saved", Ct));
        await LargeAsync(await imap.GetFolderAsync("Large", Ct));
    }

    /// <summary>Three messages in INBOX and one in each of two folders, one large, with lines that look like an mbox's.</summary>
    private static async Task FillAsync(ServerProcess server)
    {
        using var imap = await LogInAsync(server, Lisi);
        var top = imap.GetFolder(imap.PersonalNamespaces[0]);
        var work = await (await top.CreateAsync("Work", true, Ct))!.CreateAsync("2024", true, Ct);
        var summer = await top.CreateAsync("\u00e9t\u00e9 & co", true, Ct);
        foreach (var (folder, n, flags) in new[]
        {
            (imap.Inbox!, 0, MessageFlags.Seen), (imap.Inbox!, 1, MessageFlags.Flagged | MessageFlags.Answered), (imap.Inbox!, 2, MessageFlags.None),
            (work!, 3, MessageFlags.Seen | MessageFlags.Draft), (summer!, 4, MessageFlags.Deleted),
        })
        {
            using var octets = new MemoryStream(MessageOf(n));
            await folder.AppendAsync(new AppendRequest(await MimeMessage.LoadAsync(octets, Ct), flags, Received.AddDays(n)), Ct);
        }
    }

    private static byte[] MessageOf(int n) => Encoding.Latin1.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"From: ann@far.test\r\nTo: {Lisi}\r\nSubject: m{n}\r\nMessage-ID: <m{n}@far.test>\r\n\r\nFrom the start of a line\r\n>From quoted\r\n\r\n" +
        $"From ann Mon Jan  1 10:00:00 2024\r\n{(n == 2 ? string.Join("\r\n", Enumerable.Repeat(new string('x', 76), 5_000)) : "")}\r\nbyte \u00e9\r\n"));

    private async Task<string> MbsyncAsync(ServerProcess server)
    {
        var maildir = Path.Combine(_directory, "Maildir");
        Directory.CreateDirectory(maildir);
        var rc = Path.Combine(_directory, "mbsyncrc");
        await File.WriteAllTextAsync(
            rc,
            $"""
            IMAPStore far
            Host {server.Address}
            Port {server.Imap}
            User {Lisi}
            Pass {server.Passwords[Lisi]}
            SSLType None
            AuthMechs LOGIN

            MaildirStore near
            Inbox {maildir}
            SubFolders Maildir++

            Channel all
            Far :far:
            Near :near:
            Patterns *
            Create Near
            Sync Pull
            SyncState *
            CopyArrivalDate yes

            """,
            Ct);
        await Client.RunAsync("mbsync", "-c", rc, "all");
        return maildir;
    }

    /// <summary>What wangwu has now is, octet for octet, what stands in the Maildir; flags and dates are lisi's.</summary>
    private static async Task SameAsync(ServerProcess server, string maildir)
    {
        var files = Directory.EnumerateFiles(maildir, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(Path.GetDirectoryName(f)) is "cur" or "new")
            .Select(f => File.ReadAllText(f, Encoding.Latin1).Replace("\r\n", "\n", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(5, files.Count);
        using var theirs = await LogInAsync(server, Lisi);
        using var ours = await LogInAsync(server, Wangwu);
        foreach (var name in new[] { "INBOX", "Work/2024", "\u00e9t\u00e9 & co" })
        {
            var from = await SummariesAsync(await theirs.GetFolderAsync(name, Ct));
            var folder = await ours.GetFolderAsync(name, Ct);
            var to = await SummariesAsync(folder);
            Assert.Equal(from, to);
            for (var i = 0; i < folder.Count; i++)
                Assert.Contains((await TextAsync(folder, i)).Replace("\r\n", "\n", StringComparison.Ordinal), files);
        }
    }

    private static async Task<List<(string? Subject, MessageFlags Flags, DateTimeOffset? Received)>> SummariesAsync(IMailFolder folder)
    {
        await folder.OpenAsync(FolderAccess.ReadOnly, Ct);
        var all = await folder.FetchAsync(0, -1, MessageSummaryItems.Envelope | MessageSummaryItems.Flags | MessageSummaryItems.InternalDate, Ct);
        return [.. all.Select(m => (m.Envelope!.Subject, m.Flags!.Value & ~MessageFlags.Recent, m.InternalDate)).OrderBy(m => m.Subject, StringComparer.Ordinal)];
    }

    /// <summary>As a person does who saves a folder: s-nail quotes lines that begin with "From ", and writes the flags into Status fields.</summary>
    private static async Task SaveAsMboxAsync(string maildir, string mbox)
    {
        using var snail = Process.Start(new ProcessStartInfo("s-nail", ["-n", "-#", "-R", "-f", "maildir://" + maildir])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MAILRC"] = "/dev/null" },
        })!;
        var said = snail.StandardOutput.ReadToEndAsync(Ct);
        var complained = snail.StandardError.ReadToEndAsync(Ct);
        await snail.StandardInput.WriteAsync($"copy * {mbox}\nquit\n");
        snail.StandardInput.Close();
        await snail.WaitForExitAsync(Ct);
        Assert.True(File.Exists(mbox), await said + await complained);
    }

    private static async Task SavedAsync(IMailFolder folder)
    {
        var saved = await SummariesAsync(folder);
        Assert.Equal([("m0", MessageFlags.Seen), ("m1", MessageFlags.Flagged | MessageFlags.Answered), ("m2", MessageFlags.None)], saved.Select(m => (m.Subject, m.Flags)));
        for (var i = 0; i < folder.Count; i++)
        {
            var text = await TextAsync(folder, i);
            Assert.Contains("\r\n\r\nFrom the start of a line\r\n", text, StringComparison.Ordinal);
            Assert.Contains("\r\n\r\nFrom ann Mon Jan  1 10:00:00 2024\r\n", text, StringComparison.Ordinal);
            Assert.EndsWith("byte \u00e9\r\n", text, StringComparison.Ordinal);
        }
    }

    /// <summary>Half of it with LF, half with CRLF.</summary>
    private string WriteLargeMbox()
    {
        var path = Path.Combine(_directory, "large.mbox");
        using var file = new StreamWriter(path, append: false, Encoding.Latin1);
        for (var n = 0; n < Many; n++)
        {
            file.NewLine = n % 2 == 0 ? "\n" : "\r\n";
            file.WriteLine("From ann@far.test Mon Jan  1 10:00:00 2024");
            file.WriteLine($"Subject: n{n}");
            file.WriteLine();
            for (var line = 0; line < 60 + (n % 40); line++)
                file.WriteLine($"This is line {line} of message {n}, and it goes on for a while");
            file.WriteLine(">From the end");
            file.WriteLine();
        }

        return path;
    }

    private static async Task LargeAsync(IMailFolder folder)
    {
        await folder.OpenAsync(FolderAccess.ReadOnly, Ct);
        Assert.Equal(Many, folder.Count);
        foreach (var n in new[] { 0, 1, Many - 2, Many - 1 })
        {
            var body = string.Concat(Enumerable.Range(0, 60 + (n % 40)).Select(line => $"This is line {line} of message {n}, and it goes on for a while\r\n"));
            Assert.Equal($"Subject: n{n}\r\n\r\n{body}From the end\r\n", await TextAsync(folder, n));
        }
    }

    private static async Task<string> TextAsync(IMailFolder folder, int index)
    {
        await using var stream = await folder.GetStreamAsync(index, "", Ct);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(Ct);
    }

    private static async Task<ImapClient> LogInAsync(ServerProcess server, string address)
    {
        var imap = new ImapClient();
        await imap.ConnectAsync(server.Address.ToString(), server.Imap, SecureSocketOptions.None, Ct);
        await imap.AuthenticateAsync(address, server.Passwords[address], Ct);
        return imap;
    }
}
