using System.Security.Cryptography;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Store;

/// <summary>Memory is measured here: nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public sealed class MeasuredAlone;

[Collection(nameof(MeasuredAlone))]
public sealed class LargeMessageTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(256 * 1024, 0, false)]
    [InlineData(256 * 1024, 1, true)]
    [InlineData(1024 * 1024, 0, true)]
    [InlineData((3 * 1024 * 1024) + 17, 900, true)]
    public async Task AMessageIsWhatWasWrittenWhateverItsSize(int size, int front, bool isObject)
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var octets = RandomNumberGenerator.GetBytes(size);
        var before = RandomNumberGenerator.GetBytes(front);
        var message = await node.MessageAsync(octets, before);
        await mail.Messages.AppendAsync(inbox, [new(message, FlagSet.None, null), new(message, FlagSet.None, null)], None);
        byte[] whole = [.. before, .. octets];
        Assert.Equal(isObject ? 1 : 0, await node.ScalarAsync<long>("select count(*) from mail.object"));
        foreach (var (_, body) in await mail.Messages.ReadBodiesAsync(inbox, [new(1), new(2)], None))
        {
            Assert.Equal(whole.Length, body.Length);
            Assert.True(MessageStoreTests.Read(body).AsSpan().SequenceEqual(whole));
            var part = new byte[100];
            var at = Math.Min(whole.Length - 50, (1024 * 1024) - 30);
            var n = await body.ReadAsync(at, part, None);
            Assert.True(n > 0 && part.AsSpan(0, n).SequenceEqual(whole.AsSpan(at, n)));
        }

        // Also from the message as it was handed out, now that its spool is gone.
        Assert.True(MessageStoreTests.Read(message.Body).AsSpan().SequenceEqual(whole));
        await node.AssertSoundAsync();
    }

    [Theory]
    [InlineData(1_000, 2_000)]
    [InlineData(300 * 1024, 10)]
    [InlineData(10, 1024 * 1024)]
    [InlineData((1024 * 1024) + 5, (512 * 1024) + 3)]
    public async Task AMessageOfPiecesIsOnePieceAfterTheOther(int first, int second)
    {
        await using var node = await Node.StartAsync(postgres);
        byte[][] pieces = [RandomNumberGenerator.GetBytes(first), RandomNumberGenerator.GetBytes(second)];
        await using var whole = node.Get<IBlobStore>().Begin();
        foreach (var piece in pieces)
        {
            await using var spool = node.Get<IBlobStore>().Begin();
            await spool.WriteAsync(piece, None);
            await spool.CopyToAsync(whole, None);
        }

        Assert.Equal(first + second, whole.Length);
        var message = await whole.CompleteAsync(default, None);
        Assert.True(MessageStoreTests.Read(message.Body).AsSpan().SequenceEqual((byte[])[.. pieces[0], .. pieces[1]]));
    }

    [Theory]
    [InlineData(10, 100)]
    [InlineData(10, 300 * 1024)]
    [InlineData(2_000, 100)]
    [InlineData(20_000, 300 * 1024)]
    public async Task HeadersAreReadWithoutBodiesWhereTheyAreKept(int fields, int bodySize)
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var header = string.Concat(Enumerable.Range(0, fields).Select(n => $"X-Field-{n}: {n}\r\n")) + "\r\n";
        var octets = System.Text.Encoding.ASCII.GetBytes(header + new string('b', bodySize));
        await mail.Messages.AppendAsync(inbox, [new(await node.MessageAsync(octets), FlagSet.None, null)], None);
        Assert.Equal(header, await HeaderAsync());
        if (header.Length <= 64 * 1024)
        {
            // The body isn't needed for it.
            await node.RunAsync("update mail.body set data = ''; update mail.object_chunk set data = ''");
            Assert.Equal(header, await HeaderAsync());
        }
        else
        {
            Assert.Equal(1, await node.ScalarAsync<long>("select count(*) from mail.message where header is null"));
        }

        async Task<string> HeaderAsync()
        {
            var read = await mail.Messages.ReadHeadersAsync(inbox, [new(1), new(7)], None);
            Assert.Equal(1u, Assert.Single(read).Uid.Value);
            return System.Text.Encoding.ASCII.GetString(MessageStoreTests.Read(read[0].Header));
        }
    }

    [Fact]
    public async Task AMessageStoredBeforeHeadersWereKeptHasOneAllTheSame()
    {
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        await mail.Messages.AppendAsync(inbox, [new(await node.MessageAsync("Subject: old\n\nBody\n"), FlagSet.None, null)], None);
        await node.RunAsync("update mail.message set header = null");
        var read = await mail.Messages.ReadHeadersAsync(inbox, [new(1)], None);
        Assert.Equal("Subject: old\r\n\r\n"u8, MessageStoreTests.Read(read[0].Header));
    }

    [Fact]
    public async Task TenLargeMessagesAtOnceDoNotPassThroughMemoryWhole()
    {
        const int Size = 50 * 1024 * 1024;
        await using var node = await Node.StartAsync(postgres);
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        var before = Held();
        long peak = 0;
        await using (new Timer(_ => peak = Math.Max(peak, Held()), null, 0, 50))
            await Task.WhenAll(Enumerable.Range(0, 10).Select(n => StoreAsync(node, mail, inbox, n, Size)));
        var held = peak - before;
        Assert.True(held < 100L * 1024 * 1024, $"{held / 1024 / 1024} MiB for 500 MiB of messages");
        Assert.Equal(10, (await mail.Messages.OpenAsync(inbox, None)).Count);
        var bodies = await mail.Messages.ReadBodiesAsync(inbox, [.. Enumerable.Range(1, 10).Select(i => new Uid((uint)i))], None);
        Assert.All(bodies, b => Assert.Equal(Size, b.Body.Length));

        // What is held, not what waits to be collected: when the runtime does that is its own affair.
        static long Held()
        {
            GC.Collect();
            return GC.GetTotalMemory(forceFullCollection: false);
        }
    }

    [Fact]
    public async Task AnAbandonedSpoolLeavesNothing()
    {
        await using var node = await Node.StartAsync(postgres);
        var settings = node.Get<MailCore.Settings.WebmailSettings>();
        await using (var spool = node.Get<IBlobStore>().Begin())
        {
            await spool.WriteAsync(new byte[1_000_000], None);
            Assert.Equal(1_000_000, spool.Length);
        }

        Assert.Empty(System.IO.Directory.EnumerateFiles(Path.Combine(settings.DataDirectory, "spool")));
        Assert.Equal(0, await node.ScalarAsync<long>("select count(*) from mail.object_chunk"));
    }

    // Lines that differ from message to message, so that no two share an object; they compress well, so that the disk is not the test.
    private static async Task StoreAsync(Node node, AccountMail mail, MailboxId inbox, int n, int size)
    {
        var piece = new byte[64 * 1024];
        for (var i = 0; i < piece.Length; i++)
            piece[i] = (byte)(i % 78 == 76 ? '\r' : i % 78 == 77 ? '\n' : 'a' + (((i * 7) + n) % 26));
        await using var spool = node.Get<IBlobStore>().Begin();
        for (long written = 0; written < size; written += piece.Length)
            await spool.WriteAsync(piece, None);
        var message = await spool.CompleteAsync(default, None);
        await mail.Messages.AppendAsync(inbox, [new(message, FlagSet.None, null)], None);
    }
}
