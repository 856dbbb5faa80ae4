using System.Text;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.MailCore.Tests.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Admin;

/// <summary>An mbox and a Maildir come in with their dates, flags, keywords and folders, octet for octet but for line ends and "From " quoting.</summary>
public sealed class MailImportTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private readonly string _directory = System.IO.Directory.CreateTempSubdirectory("webmail-import-").FullName;

    public void Dispose() => System.IO.Directory.Delete(_directory, recursive: true);

    private static async Task<(Node Node, AccountMail Mail)> WorldAsync(PostgresFixture postgres)
    {
        var node = await Node.StartAsync(postgres);
        await node.Get<DomainAdmin>().AddAsync(Principal.LocalConsole, "example.test", default);
        var user = await node.Get<UserAdmin>().AddAsync(Principal.LocalConsole, new("ann@example.test", "pass-word"), default);
        return (node, node.Mail(user.Id.Value));
    }

    private static Task<ImportResult> ImportAsync(Node node, string path, ImportOptions? options = null) => node.Get<MailImport>().RunAsync(
        Principal.LocalConsole, EmailAddress.Parse("ann@example.test"), path, options ?? new(), null, TestContext.Current.CancellationToken);

    private static async Task<List<(string Text, IndexEntry Entry)>> MessagesAsync(AccountMail mail, string mailbox)
    {
        var box = (await mail.Mailboxes.FindAsync(MailboxName.Parse(mailbox), default))!;
        var snapshot = await mail.Messages.OpenAsync(box.Id, default);
        var entries = Enumerable.Range(0, snapshot.Count).Select(i => snapshot[i]).ToList();
        var bodies = await mail.Messages.ReadBodiesAsync(box.Id, [.. entries.Select(e => e.Uid)], default);
        var messages = new List<(string, IndexEntry)>();
        foreach (var ((_, body), entry) in bodies.Zip(entries))
        {
            using var reader = new StreamReader(body.AsStream(), Encoding.Latin1);
            messages.Add((await reader.ReadToEndAsync(TestContext.Current.CancellationToken), entry));
        }

        return messages;
    }

    private string Write(string name, string latin1)
    {
        var path = Path.Combine(_directory, name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(latin1));
        return path;
    }

    [Fact]
    public async Task AnMboxWithQuotingFlagsAndMixedLineEnds()
    {
        var (node, mail) = await WorldAsync(postgres);
        await using var _ = node;
        var path = Write(
            "old.mbox",
            "From ann@example.test Mon Jan  1 10:00:00 2024\nSubject: one\nStatus: RO\nX-Status: F\nX-Keywords: $Work\n\nFrom the start\n>From quoted\n>>From twice\n\n\nFrom me to you\n\n"
            + "From - Tue, 2 Jan 2024 11:00:00 +0100\r\nSubject: two \xe9\r\nX-Mozilla-Status: 0003\r\n\r\nbody\r\n\r\n"
            + "From x@y Wed Jan 3 12:00:00 +0000 2024\nSubject: empty\n\n"
            + "From x@y Wed Jan 3 12:00:01 EST 2024\nSubject: last\n\nno end");

        var result = await ImportAsync(node, path);

        Assert.Equal((4L, 0L), (result.Messages, result.Failed));
        var messages = await MessagesAsync(mail, "INBOX");
        Assert.Equal(
            [
                "Subject: one\r\nStatus: RO\r\nX-Status: F\r\nX-Keywords: $Work\r\n\r\nFrom the start\r\nFrom quoted\r\n>From twice\r\n\r\n\r\nFrom me to you\r\n",
                "Subject: two \xe9\r\nX-Mozilla-Status: 0003\r\n\r\nbody\r\n",
                "Subject: empty\r\n\r\n",
                "Subject: last\r\n\r\nno end\r\n",
            ],
            messages.Select(m => m.Text));
        Assert.Equal(FlagSet.Seen | FlagSet.Flagged | await mail.Mailboxes.KeywordBitsAsync(["$Work"], default), messages[0].Entry.Flags);
        Assert.Equal(FlagSet.Seen | FlagSet.Answered, messages[1].Entry.Flags);
        Assert.Equal(FlagSet.None, messages[2].Entry.Flags);
        Assert.Equal(new DateTimeOffset(2024, 1, 1, 10, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds(), messages[0].Entry.Received);
        Assert.Equal(new DateTimeOffset(2024, 1, 2, 11, 0, 0, TimeSpan.FromHours(1)).ToUnixTimeSeconds(), messages[1].Entry.Received);
        Assert.Equal(new DateTimeOffset(2024, 1, 3, 12, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds(), messages[2].Entry.Received);
        await node.AssertSoundAsync();
    }

    [Fact]
    public async Task AMaildirWithFoldersFlagsAndKeywords()
    {
        var (node, mail) = await WorldAsync(postgres);
        await using var _ = node;
        foreach (var folder in new[] { "", ".Work.2024", ".Entw&APw-rfe" })
        {
            System.IO.Directory.CreateDirectory(Path.Combine(_directory, "m", folder, "cur"));
            System.IO.Directory.CreateDirectory(Path.Combine(_directory, "m", folder, "new"));
        }

        Write("m/cur/1700000002.M1P2.host,S=10:2,FRSa", "Subject: second\n\nx\n");
        Write("m/new/1700000001.M1P1.host", "Subject: first\r\n\r\nFrom here\r\n");
        // Written then, received before.
        File.SetLastWriteTimeUtc(Path.Combine(_directory, "m/new/1700000001.M1P1.host"), DateTime.UnixEpoch.AddSeconds(1_600_000_000));
        Write("m/dovecot-keywords", "0 $Label1\n1 NonJunk\n");
        Write("m/.Work.2024/cur/1600000000.x.host:2,PDT", "Subject: work\n\n>From is kept\n");
        Write("m/.Entw&APw-rfe/cur/1600000001.x.host:2,", new string('a', 200_000) + "\n");

        var result = await ImportAsync(node, Path.Combine(_directory, "m"));

        Assert.Equal((4L, 0L), (result.Messages, result.Failed));
        var inbox = await MessagesAsync(mail, "INBOX");
        Assert.Equal(["Subject: first\r\n\r\nFrom here\r\n", "Subject: second\r\n\r\nx\r\n"], inbox.Select(m => m.Text));
        Assert.Equal(FlagSet.None, inbox[0].Entry.Flags);
        Assert.Equal(1_600_000_000, inbox[0].Entry.Received);
        Assert.Equal(1_700_000_002, inbox[1].Entry.Received);
        Assert.Equal(
            FlagSet.Seen | FlagSet.Answered | FlagSet.Flagged | await mail.Mailboxes.KeywordBitsAsync(["$Label1"], default), inbox[1].Entry.Flags);
        var work = Assert.Single(await MessagesAsync(mail, "Work/2024"));
        Assert.Equal("Subject: work\r\n\r\n>From is kept\r\n", work.Text);
        Assert.Equal(FlagSet.Draft | FlagSet.Deleted | await mail.Mailboxes.KeywordBitsAsync(["$Forwarded"], default), work.Entry.Flags);
        Assert.Equal(200_002, Assert.Single(await MessagesAsync(mail, "Entwürfe")).Text.Length);
        Assert.Contains(await mail.Mailboxes.ListSubscriptionsAsync(default), s => s.Name.Value == "Work/2024");
    }

    [Fact]
    public async Task AnotherMailboxCanBeTheTarget()
    {
        var (node, mail) = await WorldAsync(postgres);
        await using var _ = node;
        await ImportAsync(node, Write("a.mbox", "From x Mon Jan  1 10:00:00 2024\nSubject: a\n\nx\n"), new(MailboxName.Parse("Old/Mail")));
        Assert.Single(await MessagesAsync(mail, "Old/Mail"));
    }

    [Theory]
    [InlineData("nothing there", null, MailError.NotFound)]
    [InlineData("x.txt", "Hello\n", MailError.Invalid)]
    public async Task WhatIsNoMailIsRefused(string name, string? content, MailError error)
    {
        var (node, _) = await WorldAsync(postgres);
        await using var __ = node;
        var path = content is null ? Path.Combine(_directory, name) : Write(name, content);
        Assert.Equal(error, (await Assert.ThrowsAsync<MailException>(() => ImportAsync(node, path))).Error);
    }
}
