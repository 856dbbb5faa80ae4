using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Webmail.MailCore.Dns;

namespace Webmail.Testing;

/// <summary>A real name server (BIND's named) on a loopback port of its own, unprivileged, authoritative for the zones it is given.</summary>
public sealed class NamedServer : IAsyncDisposable
{
    private readonly string _directory;
    private readonly StringBuilder _log = new();
    private readonly Process _process;

    private NamedServer(IPEndPoint address, string directory, Process process)
    {
        Address = address;
        _directory = directory;
        _process = process;
    }

    public IPEndPoint Address { get; }

    /// <param name="zones">Zone name → master file.</param>
    /// <param name="port">Of <see cref="FreePort"/>, where its clients are started first; 0: any.</param>
    public static async Task<NamedServer> StartAsync(IReadOnlyDictionary<string, string> zones, CancellationToken ct, int port = 0)
    {
        var address = new IPEndPoint(IPAddress.Loopback, port > 0 ? port : FreePort());
        var directory = System.IO.Directory.CreateTempSubdirectory("named-").FullName;
        var conf = new StringBuilder($$"""
            options {
              directory "{{directory}}"; listen-on port {{address.Port}} { 127.0.0.1; }; listen-on-v6 { none; };
              recursion no; pid-file none; session-keyfile none; managed-keys-directory "{{directory}}"; notify no; dnssec-validation no;
              allow-transfer { none; };
            };
            controls { };

            """);
        foreach (var (zone, text) in zones)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, zone + ".zone"), text, ct);
            conf.Append($"zone \"{zone}\" {{ type primary; file \"{zone}.zone\"; }};\n");
        }

        await File.WriteAllTextAsync(Path.Combine(directory, "named.conf"), conf.ToString(), ct);
        var process = new Process
        {
            // A user's PATH has no sbin.
            StartInfo = new(File.Exists("/usr/sbin/named") ? "/usr/sbin/named" : "named", ["-f", "-g", "-n", "1", "-4", "-c", Path.Combine(directory, "named.conf")])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
                WorkingDirectory = directory,
            },
        };
        var server = new NamedServer(address, directory, process);
        process.ErrorDataReceived += server.Keep;
        process.OutputDataReceived += server.Keep;
        process.Start();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        await server.WaitUntilRunningAsync(ct);
        return server;
    }

    /// <summary>What named itself says to a zone file: null when it takes it, else its complaint.</summary>
    public static async Task<string?> CheckZoneAsync(string zone, string text, CancellationToken ct)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, text, ct);
        using var check = Process.Start(new ProcessStartInfo("named-checkzone", [zone, file]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await check.StandardOutput.ReadToEndAsync(ct);
        await check.WaitForExitAsync(ct);
        File.Delete(file);
        return check.ExitCode == 0 ? null : output;
    }

    /// <summary>A TXT record as the world sees it.</summary>
    public async Task<IReadOnlyList<string>> TxtAsync(string name, CancellationToken ct)
    {
        var dns = new Resolver([Address], TimeSpan.FromSeconds(3), TimeProvider.System, NullLogger<Resolver>.Instance);
        return (await dns.TxtAsync(name, ct)).Records;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        System.IO.Directory.Delete(_directory, recursive: true);
    }

    private async Task WaitUntilRunningAsync(CancellationToken ct)
    {
        for (var i = 0; i < 400; i++)
        {
            lock (_log)
            {
                var text = _log.ToString();
                if (text.Contains("all zones loaded", StringComparison.Ordinal) && text.Contains("running", StringComparison.Ordinal))
                    return;
                if (_process.HasExited || text.Contains("not loaded due to errors", StringComparison.Ordinal))
                    throw new InvalidOperationException("named did not start:\n" + text);
            }

            await Task.Delay(25, ct);
        }

        throw new TimeoutException("named did not start:\n" + _log);
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
            _log.AppendLine(line.Data);
    }

    /// <summary>A port of 127.0.0.1 that is free for UDP and TCP now.</summary>
    public static int FreePort()
    {
        using var tcp = new TcpListener(IPAddress.Loopback, 0);
        tcp.Start();
        var port = ((IPEndPoint)tcp.LocalEndpoint).Port;
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
        return port;
    }
}
