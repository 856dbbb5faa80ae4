using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using MimeKit;
using Npgsql;
using Webmail.Testing;

namespace Webmail.EndToEnd.Durability;

/// <summary>The published program as the container and as the system run it.</summary>
[Collection("durability")]
public sealed class PublishedAppTests(PublishedApp app, PostgresFixture postgres) : IClassFixture<PublishedApp>, IClassFixture<PostgresFixture>
{
    /// <summary>APP_UID of the runtime image.</summary>
    private const string Nobody = "1654";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void The_containers_files_name_only_what_is_there()
    {
        var files = new ContainerFiles();
        Assert.All(files.Copied, path => Assert.True(Path.Exists(Path.Combine(ServerProcess.Root, path)), $"COPY {path}"));
        Assert.Equal("$APP_UID", files.User);
        Assert.Equal("""["dotnet", "/app/webmail.dll"]""", files.EntryPoint);
        Assert.Equal(files.Volumes.Declared, files.Volumes.Used);
        Assert.Equal(["postgres"], files.DependsOn("webmail"));
        var listening = files.Environment.Where(e => e.Key.StartsWith("Webmail__Listeners__", StringComparison.Ordinal)).Select(e => e.Value.Split(':')[^1]);
        Assert.All(files.PublishedPorts, port => Assert.Contains(port, listening));
    }

    [Fact]
    public async Task It_starts_with_the_containers_environment_and_without_rights()
    {
        using var relay = new PostgresRelay(await PostgresFixture.ServerAsync());
        var home = Directory.CreateTempSubdirectory("webmail-container-").FullName;
        try
        {
            var address = new IPAddress([127, 99, (byte)Random.Shared.Next(1, 250), (byte)Random.Shared.Next(1, 250)]);
            var files = new ContainerFiles();
            using var process = Process.Start(Info(files, address, home, await DatabaseAsync(relay)))!;
            string? line;
            while ((line = await process.StandardOutput.ReadLineAsync(Ct)) is not null && !line.StartsWith("Webmail is ready.", StringComparison.Ordinal))
            {
            }

            if (line is null)
                Assert.Fail(await process.StandardError.ReadToEndAsync(Ct));
            if (Environment.IsPrivilegedProcess)
                Assert.Contains($"Uid:\t{Nobody}\t{Nobody}\t", await File.ReadAllTextAsync($"/proc/{process.Id}/status", Ct), StringComparison.Ordinal);
            Assert.Equal(0, await CheckHealthAsync(files, address));
            Assert.StartsWith("220 ", await GreetingAsync(address, 2525), StringComparison.Ordinal);
            Assert.StartsWith("* OK", await GreetingAsync(address, 2143), StringComparison.Ordinal);

            relay.Dispose();
            Assert.NotEqual(0, await CheckHealthAsync(files, address));
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync(Ct);
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    [Fact]
    public async Task Linked_as_sendmail_it_sends_what_snail_is_told_to_send()
    {
        // The checkout as an administrator has it: run, with the program that it has built.
        var checkout = Directory.CreateTempSubdirectory("webmail-checkout-").FullName;
        File.SetUnixFileMode(checkout, (UnixFileMode)0b111_001_001);
        try
        {
            File.Copy(Path.Combine(ServerProcess.Root, "run"), Path.Combine(checkout, "run"));
            Directory.CreateSymbolicLink(Path.Combine(checkout, "scripts"), Path.Combine(ServerProcess.Root, "scripts"));
            Directory.CreateDirectory(Path.Combine(checkout, "artifacts"));
            Directory.CreateSymbolicLink(Path.Combine(checkout, "artifacts", "webmail"), app.Directory);
            var sendmail = Path.Combine(checkout, "sendmail");
            File.CreateSymbolicLink(sendmail, Path.Combine(checkout, "run"));

            await using var server = await ServerProcess.StartAsync(new() { Home = checkout });
            var info = new ProcessStartInfo("s-nail", ["-n", "-S", "mta=" + sendmail, "-r", "lisi@example.test", "-s", "by s-nail", "wangwu@example.test"])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardError = true,
            };
            foreach (var (name, value) in server.Variables)
                info.Environment[name] = value;
            using var snail = Process.Start(info)!;
            await snail.StandardInput.WriteAsync("Line one\n.\nFrom line three\n");
            snail.StandardInput.Close();
            await snail.WaitForExitAsync(Ct);
            Assert.True(snail.ExitCode == 0, await snail.StandardError.ReadToEndAsync(Ct));

            // s-nail doesn't wait for its mailer.
            for (var tries = 0; ; tries++)
            {
                var messages = await InboxAsync(server, "wangwu@example.test");
                if (messages is [var only])
                {
                    Assert.Equal("Line one\n.\nFrom line three\n", only.TextBody!.ReplaceLineEndings("\n"));
                    break;
                }

                Assert.True(tries < 200, "Nothing came");
                await Task.Delay(50, Ct);
            }
        }
        finally
        {
            Directory.Delete(checkout, recursive: true);
        }
    }

    /// <summary>An empty database as the postgres image makes it, and its connection string by way of the relay.</summary>
    private async Task<string> DatabaseAsync(PostgresRelay relay)
    {
        await postgres.CreateDatabaseAsync();
        var name = $"webmail_container_{Environment.ProcessId}";
        await using var connection = new NpgsqlConnection(await PostgresFixture.ServerAsync());
        await connection.OpenAsync(Ct);
        foreach (var sql in new[] { "drop role if exists webmail", "create role webmail superuser login", $"create database {name} owner webmail template template0 encoding 'UTF8'" })
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(Ct);
        }

        return string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={relay.Port};Database={name}");
    }

    /// <summary>docker run, without Docker: the environment as it is written, but for what is another machine's there.</summary>
    private ProcessStartInfo Info(ContainerFiles files, IPAddress address, string home, string database)
    {
        List<string> command = ["dotnet", app.Program, "serve"];
        if (Environment.IsPrivilegedProcess)
        {
            command.InsertRange(0, ["setpriv", "--reuid=" + Nobody, "--regid=" + Nobody, "--clear-groups"]);
            using var chown = Process.Start("chown", [$"{Nobody}:{Nobody}", home]);
            chown.WaitForExit();
        }

        var info = new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = app.Directory,
        };
        foreach (var (name, value) in files.Environment)
        {
            info.Environment[name] = value
                .Replace("0.0.0.0", address.ToString(), StringComparison.Ordinal)
                .Replace(";Database=webmail", "", StringComparison.Ordinal)
                .Replace("Host=postgres", database, StringComparison.Ordinal)
                .Replace("${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}", "secret", StringComparison.Ordinal)
                .Replace("${WEBMAIL_HOSTNAME:?set WEBMAIL_HOSTNAME}", "mail.example.org", StringComparison.Ordinal);
        }

        Assert.DoesNotContain(info.Environment, e => files.Environment.ContainsKey(e.Key) && e.Value!.Contains("${", StringComparison.Ordinal));
        info.Environment["Webmail__DataDirectory"] = Path.Combine(home, "data");
        Assert.Equal("/data", files.Environment["Webmail__DataDirectory"]);
        return info;
    }

    /// <summary>The compose file's own check.</summary>
    private static async Task<int> CheckHealthAsync(ContainerFiles files, IPAddress address)
    {
        Assert.Equal("CMD", files.HealthCheck[0]);
        using var check = Process.Start(files.HealthCheck[1], files.HealthCheck.Skip(2).Select(a => a.Replace("127.0.0.1", address.ToString(), StringComparison.Ordinal)));
        await check.WaitForExitAsync(Ct);
        return check.ExitCode;
    }

    private static async Task<string> GreetingAsync(IPAddress address, int port)
    {
        using var connection = await LineConnection.OpenAsync(address, port);
        return await connection.LineAsync();
    }

    private static async Task<IReadOnlyList<MimeMessage>> InboxAsync(ServerProcess server, string user)
    {
        using var imap = new ImapClient();
        await imap.ConnectAsync(server.Address.ToString(), server.Imap, SecureSocketOptions.None, Ct);
        await imap.AuthenticateAsync(user, server.Passwords[user], Ct);
        await imap.Inbox!.OpenAsync(FolderAccess.ReadOnly, Ct);
        var messages = new List<MimeMessage>();
        for (var i = 0; i < imap.Inbox.Count; i++)
            messages.Add(await imap.Inbox.GetMessageAsync(i, Ct));
        return messages;
    }

    /// <summary>The tests' PostgreSQL has only a Unix socket that others may not open; the container's is another host. This stands between.</summary>
    private sealed class PostgresRelay : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly EndPoint _target;
        private readonly List<Socket> _open = [];

        public PostgresRelay(string server)
        {
            var settings = new NpgsqlConnectionStringBuilder(server);
            _target = settings.Host!.StartsWith('/')
                ? new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"{settings.Host}/.s.PGSQL.{settings.Port}"))
                : new DnsEndPoint(settings.Host, settings.Port);
            _listener.Start();
            _ = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose()
        {
            _listener.Stop();
            lock (_open)
            {
                foreach (var socket in _open)
                    socket.Dispose();
            }
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptSocketAsync();
                    var server = new Socket(_target.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
                    await server.ConnectAsync(_target);
                    lock (_open)
                        _open.AddRange([client, server]);
                    _ = PassAsync(client, server);
                    _ = PassAsync(server, client);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Stopped.
            }
        }

        private static async Task PassAsync(Socket from, Socket to)
        {
            try
            {
                await using var input = new NetworkStream(from);
                await using var output = new NetworkStream(to);
                await input.CopyToAsync(output);
                to.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // One of the two has gone; the other hears it by its own end.
                to.Dispose();
            }
        }
    }
}
