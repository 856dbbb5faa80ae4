using System.Globalization;
using System.Net.Sockets;
using Webmail.EndToEnd.Durability;

namespace Webmail.EndToEnd.Hostile;

[CollectionDefinition(Name)]
public sealed class HostileCollection : ICollectionFixture<HostileServer>
{
    public const string Name = "hostile";
}

/// <summary>A server of its own for abuse, warm, with an account that has mail; and how much memory its process holds.</summary>
public sealed class HostileServer : IAsyncLifetime
{
    /// <summary>More than this above where an abuse began is a lack of bounds. MiB.</summary>
    public const int Allowance = 50;

    /// <summary>More than this above where the first of all began is a leak: between two collections garbage of several abuses stands. MiB.</summary>
    public const int AllowanceOfAll = 100;

    private const string Ann = "ann@example.test";
    private const string Password = "a long pass-word";

    private int _began;

    internal ServerProcess Process { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Process = await ServerProcess.StartAsync();
        await Process.AddUserAsync(Ann, Password);
        using var connection = await LoginAsync();
        var text = string.Concat(Enumerable.Repeat("0123456789012345678901234567890123456789012345678901234567890123456789\r\n", 1400));
        var message = $"From: bea@example.net\r\nSubject: large\r\n\r\n{text}";
        for (var i = 0; i < 30; i++)
            Assert.StartsWith("OK", await connection.TaggedAsync($"APPEND INBOX {{{message.Length}+}}\r\n{message}"), StringComparison.Ordinal);

        // What every first use costs (compiled code, pools, buffers) is not the abuse's.
        Assert.StartsWith("OK", await connection.TaggedAsync("SELECT INBOX"), StringComparison.Ordinal);
        for (var i = 0; i < 20; i++)
        {
            await connection.TaggedAsync("FETCH 1:* (FLAGS BODY.PEEK[])");
            await connection.TaggedAsync("SEARCH TEXT large");
        }

        await connection.TaggedAsync("COMPRESS DEFLATE");
        var many = new List<LineConnection>();
        for (var i = 0; i < 500; i++)
            many.Add(await LineConnection.OpenAsync(Process.Address, (i % 3) switch { 0 => Process.Imap, 1 => Process.Smtp, _ => Process.Pop3 }));
        foreach (var one in many)
        {
            await one.LineAsync();
            one.Dispose();
        }

        _began = await ResidentAsync();
    }

    internal Task<LineConnection> ImapAsync() => LineConnection.OpenAsync(Process.Address, Process.Imap);

    internal async Task<LineConnection> LoginAsync(string? mailbox = null)
    {
        var connection = await ImapAsync();
        await connection.LineAsync();
        Assert.StartsWith("OK", await connection.TaggedAsync($"LOGIN {Ann} \"{Password}\""), StringComparison.Ordinal);
        if (mailbox is not null)
            Assert.StartsWith("OK", await connection.TaggedAsync($"SELECT {mailbox}"), StringComparison.Ordinal);
        return connection;
    }

    /// <summary>Sends what has no end of line until the server has had enough.</summary>
    internal async Task SendUntilClosedAsync(LineConnection connection)
    {
        var piece = new byte[1024 * 1024];
        Array.Fill(piece, (byte)'x');
        try
        {
            for (var i = 0; i < 256; i++)
                await connection.SendAsync(piece);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return;
        }

        Assert.Fail("The server took 256 MiB of one line");
    }

    /// <summary>Abuse, with the server's memory watched; afterwards it must serve as if nothing had been.</summary>
    /// <returns>The most that it held above where this began, in MiB.</returns>
    internal async Task<int> WatchAsync(Func<Task> abuse)
    {
        var began = await ResidentAsync();
        using var end = new CancellationTokenSource();
        var watching = MostAsync(end.Token);
        await abuse();
        await end.CancelAsync();
        var peak = await watching;
        var (most, ofAll) = (peak - began, peak - _began);
        using var connection = await LoginAsync("INBOX");
        Assert.StartsWith("OK", await connection.TaggedAsync("NOOP"), StringComparison.Ordinal);
        Assert.True(most <= Allowance, $"The server's memory grew by {most} MiB");
        Assert.True(ofAll <= AllowanceOfAll, $"The server's memory grew by {ofAll} MiB since all began");
        return most;
    }

    public async ValueTask DisposeAsync() => await Process.DisposeAsync();

    private async Task<int> MostAsync(CancellationToken ct)
    {
        var most = 0;
        while (!ct.IsCancellationRequested)
        {
            most = Math.Max(most, await ResidentAsync());
            await Task.Delay(20, CancellationToken.None);
        }

        return Math.Max(most, await ResidentAsync());
    }

    private async Task<int> ResidentAsync()
    {
        var lines = await File.ReadAllLinesAsync($"/proc/{Process.ProcessId}/status");
        var words = lines.Single(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return int.Parse(words[1], CultureInfo.InvariantCulture) / 1024;
    }
}
