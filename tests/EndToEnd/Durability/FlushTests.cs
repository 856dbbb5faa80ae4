using System.Globalization;
using Npgsql;
using Webmail.Testing;

namespace Webmail.EndToEnd.Durability;

/// <summary>
/// kill -9 leaves the kernel's memory alone and so says nothing of power cuts. Here strace looks at the system calls of the server and of PostgreSQL: the
/// flush of the write-ahead log comes back before the acknowledgement goes out.
/// </summary>
[Collection("durability")]
public sealed class FlushTests
{
    private const int Messages = 5;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_log_is_on_disk_before_the_client_hears_so()
    {
        var trace = Path.Combine(Path.GetTempPath(), $"webmail-strace-{Environment.ProcessId}");
        await using var sink = new SmtpSink();
        await using var server = await ServerProcess.StartAsync(new()
        {
            // -D: the traced program is our child. The filter stops it only at these calls, so it isn't slow.
            Wrapper = ["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "40", "-e", "signal=none", "-e", "trace=fdatasync,fsync,sendto,sendmsg,write", "-o", trace],
            Environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Webmail__Outbound__Routes"] = string.Create(CultureInfo.InvariantCulture, $"*=127.0.0.1:{sink.Port}"),
                ["Webmail__Outbound__BindAddress"] = "127.0.0.1",
            },
        });
        try
        {
            var safe = await SendAsync(server, trace, "safe");
            Assert.Equal(3 * Messages, safe.Count);
            Assert.DoesNotContain(safe, a => !a.IsFlushed);

            // That this can fail is seen where PostgreSQL is told, behind the server's back, not to wait for the disk.
            await SwitchOffAsync(server);
            var unsafely = await SendAsync(server, trace, "unsafe");
            Assert.Contains(unsafely, a => !a.IsFlushed);
        }
        finally
        {
            await server.StopAsync();
            File.Delete(trace);
        }
    }

    /// <summary>One letter after another by each way in; what the trace says of each acknowledgement.</summary>
    private static async Task<IReadOnlyList<Acknowledgement>> SendAsync(ServerProcess server, string trace, string name)
    {
        var seen = (await LinesAsync(trace)).Count;
        var ledger = new Ledger();
        using var enough = new CancellationTokenSource();
        var load = new Load(server, ledger, enough.Token) { LettersOfEach = Messages, Name = name };
        await load.DeliverAsync(0);
        await load.AppendAsync(0);
        await load.SubmitAsync(0);
        Assert.Equal("", ledger.Complaints);
        return Acknowledgement.Read((await LinesAsync(trace)).Skip(seen));
    }

    private static async Task<List<string>> LinesAsync(string trace) => [.. await File.ReadAllLinesAsync(trace, Ct)];

    private static async Task SwitchOffAsync(ServerProcess server)
    {
        await using var connection = new NpgsqlConnection(new Cluster(server).ConnectionString);
        await connection.OpenAsync(Ct);
        foreach (var sql in new[]
        {
            "alter system set synchronous_commit = off",
            "alter system set wal_writer_delay = '10s'",
            "select pg_reload_conf()",
        })
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(Ct);
        }
    }

    /// <summary>A reply that takes responsibility, as strace saw it.</summary>
    /// <param name="IsFlushed">Since the message was asked for, or the acknowledgement before, PostgreSQL flushed its log and then answered the server.</param>
    private sealed record Acknowledgement(string Line, bool IsFlushed)
    {
        // strace prints a call when it begins; "<unfinished ...>" and "resumed" stand where another process came between.
        public static IReadOnlyList<Acknowledgement> Read(IEnumerable<string> lines)
        {
            var found = new List<Acknowledgement>();
            var flushing = new HashSet<string>(StringComparer.Ordinal);
            var flushed = new HashSet<string>(StringComparer.Ordinal);
            var isFlushed = false;
            foreach (var line in lines)
            {
                var process = line[..line.IndexOf(' ', StringComparison.Ordinal)];
                if (line.Contains("\"354 ", StringComparison.Ordinal) || line.Contains("\"+ ", StringComparison.Ordinal))
                {
                    flushed.Clear();
                    isFlushed = false;
                }
                else if (line.Contains("fdatasync(", StringComparison.Ordinal) && line.Contains("/pg_wal/", StringComparison.Ordinal))
                {
                    _ = line.EndsWith("= 0", StringComparison.Ordinal) ? flushed.Add(process) : flushing.Add(process);
                }
                else if (line.Contains("<... fdatasync resumed", StringComparison.Ordinal) && flushing.Remove(process) && line.EndsWith("= 0", StringComparison.Ordinal))
                {
                    flushed.Add(process);
                }
                else if (line.Contains("\"250 2.0.0 Taken", StringComparison.Ordinal) || line.Contains(" OK [APPENDUID", StringComparison.Ordinal))
                {
                    found.Add(new(line, isFlushed));
                    flushed.Clear();
                    isFlushed = false;
                }
                else if (line.Contains("sendto(", StringComparison.Ordinal))
                {
                    // Only a process that serves a connection answers: the log's own writer doesn't.
                    isFlushed |= flushed.Contains(process);
                }
            }

            return found;
        }
    }
}
