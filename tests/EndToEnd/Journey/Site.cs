using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Webmail.EndToEnd.Journey;

/// <summary>One server of ours, as its administrator runs it: the built program in a process of its own, with its own PostgreSQL and data directory.</summary>
internal sealed class Site : IAsyncDisposable
{
    private const string Ready = "Webmail is ready.";

    private readonly Dictionary<string, string> _environment;
    private readonly StringBuilder _log = new();
    private readonly string _directory;
    private Process? _process;

    public Site(string domain, IPAddress address, int offset, int dnsPort)
    {
        Domain = domain;
        Address = address;
        Offset = offset;
        _directory = Directory.CreateTempSubdirectory($"journey-{domain}-").FullName;
        _environment = new()
        {
            ["Webmail__Hostname"] = "mail." + domain,
            ["Webmail__DataDirectory"] = _directory,
            ["Webmail__Listeners__Smtp"] = Door(25),
            ["Webmail__Listeners__Submission"] = Door(587),
            ["Webmail__Listeners__Submissions"] = Door(465),
            ["Webmail__Listeners__Lmtp"] = "",
            ["Webmail__Listeners__Pop3"] = Door(110),
            ["Webmail__Listeners__Pop3s"] = Door(995),
            ["Webmail__Listeners__Imap"] = Door(143),
            ["Webmail__Listeners__Imaps"] = Door(993),
            ["Webmail__Listeners__Http"] = Door(8080),
            ["Webmail__Listeners__Https"] = "",
            ["Webmail__Dns__Servers"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{dnsPort}"),
            ["Webmail__Outbound__Port"] = Port(25).ToString(CultureInfo.InvariantCulture),
            ["Webmail__Outbound__BindAddress"] = address.ToString(),
            ["Webmail__Outbound__RetryFirst"] = "1s",
            ["Webmail__Outbound__RetryMax"] = "2s",
        };
    }

    public string Domain { get; }

    public IPAddress Address { get; }

    /// <summary>0 where the well-known ports may be used; else they are moved by this much.</summary>
    public int Offset { get; }

    public int Port(int wellKnown) => wellKnown + Offset;

    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public async Task StartAsync(CancellationToken ct)
    {
        lock (_log)
            _log.Clear();
        _process = new Process { StartInfo = Command(["serve"]) };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        for (var i = 0; i < 1200 && !Log.Contains(Ready, StringComparison.Ordinal); i++)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"{Domain} did not start:\n{Log}");
            await Task.Delay(100, ct);
        }

        if (!Log.Contains(Ready, StringComparison.Ordinal))
            throw new TimeoutException($"{Domain} did not start:\n{Log}");
    }

    /// <summary>As Ctrl-C or systemd would.</summary>
    public async Task StopAsync()
    {
        if (_process is not { HasExited: false })
            return;
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
    }

    /// <summary>The program's command line, beside the running server.</summary>
    public async Task<string> RunAsync(string? input, params string[] arguments) => await Client.RunAsync(Command(arguments), input);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
        try
        {
            Directory.Delete(_directory, recursive: true);
        }
        catch (IOException)
        {
            // PostgreSQL's last files may be going at the same moment.
        }
    }

    private string Door(int port) => string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port(port)}");

    private ProcessStartInfo Command(IEnumerable<string> arguments)
    {
        var command = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "webmail.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in _environment)
            command.Environment[name] = value;
        return command;
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
            _log.AppendLine(line.Data);
    }
}

/// <summary>Other people's programs.</summary>
internal static class Client
{
    public static Task<string> RunAsync(string program, params string[] arguments) => RunAsync(
        new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false }, null);

    /// <summary>Both outputs; anything but success is an exception that shows them.</summary>
    public static async Task<string> RunAsync(ProcessStartInfo command, string? input)
    {
        using var process = Process.Start(command)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (input is not null)
            await process.StandardInput.WriteLineAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        var text = await output + await errors;
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{command.FileName} ended with {process.ExitCode}:\n{text}");
    }
}
