using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace Webmail.EndToEnd;

/// <summary>How a server is to be started; everything has a default that collides with nobody.</summary>
public sealed record ServerOptions
{
    /// <summary>The loopback address of all listeners; null: one of its own, so that every port number is free.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The server's home; data/ below it is its data directory. Null: a new one, removed at the end.</summary>
    public string? Home { get; init; }

    public string Hostname { get; init; } = "mail.example.test";

    /// <summary>25, 587, 465, 110, 995, 143, 993 in place of the unprivileged ones (needs root).</summary>
    public bool WellKnownPorts { get; init; }

    /// <summary>Over the defaults: Webmail__… and ConnectionStrings__Webmail. An empty listener is off.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Put before "dotnet webmail.dll": strace and its like.</summary>
    public IReadOnlyList<string> Wrapper { get; init; } = [];
}

/// <summary>What a command of the program answered.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>
/// The built program as its users start it: a process of its own, its own private PostgreSQL (unless told otherwise), its own loopback address.
/// Ready when <see cref="StartAsync"/> returns.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    static readonly ConcurrentDictionary<ServerProcess, bool> Running = new();

    readonly StringBuilder output = new();
    readonly StringBuilder log = new();
    TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Dictionary<string, string> environment;
    readonly bool removesHome;
    Process process = null!;

    static ServerProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var server in Running.Keys)
            server.Signal(15);
    };

    ServerProcess(ServerOptions options)
    {
        Options = options;
        Address = options.Address ?? FreshAddress();
        removesHome = options.Home is null;
        Home = options.Home ?? Path.Combine("/tmp", "webmail-e2e-" + Guid.NewGuid().ToString("N")[..12]);
        System.IO.Directory.CreateDirectory(Home);
        if (removesHome)
            File.SetUnixFileMode(Home, (UnixFileMode)0b111_001_001);
        environment = Settings();
    }

    public ServerOptions Options { get; }

    public IPAddress Address { get; }

    public string Home { get; }

    public string DataDirectory => Path.Combine(Home, "data");

    public int Http => 8080;

    public Uri Url => new($"http://{Address}:{Http}/");

    public int Smtp => Options.WellKnownPorts ? 25 : 2525;

    public int Submission => Options.WellKnownPorts ? 587 : 2587;

    public int Submissions => Options.WellKnownPorts ? 465 : 2465;

    public int Lmtp => 2424;

    public int Pop3 => Options.WellKnownPorts ? 110 : 2110;

    public int Pop3s => Options.WellKnownPorts ? 995 : 2995;

    public int Imap => Options.WellKnownPorts ? 143 : 2143;

    public int Imaps => Options.WellKnownPorts ? 993 : 2993;

    public int ProcessId => process.Id;

    /// <summary>What a program needs in its environment to use this server's data, for commands that tests don't start by themselves.</summary>
    public IReadOnlyDictionary<string, string> Variables => environment;

    public bool HasExited => process.HasExited;

    /// <summary>Generated at the first start, by address (admin@example.test, lisi@example.test, wangwu@example.test).</summary>
    public IReadOnlyDictionary<string, string> Passwords { get; private set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Standard output so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>Standard error so far: the log.</summary>
    public string ErrorOutput
    {
        get
        {
            lock (log)
                return log.ToString();
        }
    }

    /// <summary>The built program beside these tests, of the same configuration (Debug or Release).</summary>
    public static string Program
    {
        get
        {
            var here = new DirectoryInfo(AppContext.BaseDirectory);
            var framework = here.Name;
            var configuration = here.Parent!.Name;
            return Path.Combine(Root, "src", "Web", "bin", configuration, framework, "webmail.dll");
        }
    }

    /// <summary>The checkout.</summary>
    public static string Root => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.Parent!.Parent!.FullName;

    /// <summary>Starts and waits until every door is open.</summary>
    public static async Task<ServerProcess> StartAsync(ServerOptions? options = null)
    {
        var server = new ServerProcess(options ?? new());
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts without waiting, for starts that shall fail: <see cref="WaitForExitAsync"/>.</summary>
    public static ServerProcess Launch(ServerOptions options)
    {
        var server = new ServerProcess(options);
        server.Start();
        return server;
    }

    /// <summary>After a stop or a kill: the same home, address and settings.</summary>
    public async Task StartAgainAsync()
    {
        Start();
        using var limit = new CancellationTokenSource(Patience);
        var ended = process.WaitForExitAsync(limit.Token);
        if (await Task.WhenAny(ready.Task, ended) != ready.Task)
            throw new InvalidOperationException($"The server didn't start:\n{Output}\n{ErrorOutput}");
        if (ReadPasswords() is { Count: > 0 } passwords)
            Passwords = passwords;
    }

    void Start()
    {
        string[] command = [.. Options.Wrapper, "dotnet", Program, "serve"];
        process = new Process { StartInfo = Info(command) };
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ready = opened;
        process.OutputDataReceived += (_, e) => Heard(output, e.Data, opened);
        process.ErrorDataReceived += (_, e) => Heard(log, e.Data, opened);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Running[this] = true;
    }

    static void Heard(StringBuilder into, string? line, TaskCompletionSource opened)
    {
        if (line is null)
            return;
        lock (into)
            into.Append(line).Append('\n');
        if (line.StartsWith("Webmail is ready.", StringComparison.Ordinal))
            opened.TrySetResult();
    }

    ProcessStartInfo Info(string[] command)
    {
        var info = new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Home,
        };
        foreach (var name in info.Environment.Keys.Where(k => k.StartsWith("Webmail__", StringComparison.OrdinalIgnoreCase)).ToList())
            info.Environment.Remove(name);
        info.Environment.Remove("ConnectionStrings__Webmail");
        foreach (var (name, value) in environment)
            info.Environment[name] = value;
        return info;
    }

    Dictionary<string, string> Settings()
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WEBMAIL_HOME"] = Home,
            ["Webmail__Hostname"] = Options.Hostname,
            ["Webmail__DataDirectory"] = DataDirectory,
            ["Webmail__Outbound__BindAddress"] = Address.ToString(),
            ["DOTNET_TieredPGO"] = "0",
            ["DOTNET_gcServer"] = "0",
        };
        foreach (var (name, port) in new[]
        {
            ("Http", Http), ("Smtp", Smtp), ("Submission", Submission), ("Submissions", Submissions), ("Lmtp", Lmtp),
            ("Pop3", Pop3), ("Pop3s", Pop3s), ("Imap", Imap), ("Imaps", Imaps),
        })
            all["Webmail__Listeners__" + name] = string.Create(CultureInfo.InvariantCulture, $"{Address}:{port}");
        foreach (var (name, value) in Options.Environment)
            all[name] = value;
        return all;
    }

    /// <summary>The command line of the same program with the same settings, beside the server or without it.</summary>
    public Task<CommandResult> CommandAsync(params string[] arguments) => CommandAsync("", arguments);

    /// <param name="input">Standard input, UTF-8.</param>
    public async Task<CommandResult> CommandAsync(string input, string[] arguments)
    {
        using var command = new Process { StartInfo = Info(["dotnet", Program, .. arguments]) };
        command.Start();
        var said = command.StandardOutput.ReadToEndAsync();
        var complained = command.StandardError.ReadToEndAsync();
        try
        {
            await command.StandardInput.WriteAsync(input);
            command.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: its exit code says why.
        }

        using var limit = new CancellationTokenSource(Patience);
        await command.WaitForExitAsync(limit.Token);
        return new(command.ExitCode, await said, await complained);
    }

    /// <summary>A command that must succeed; gives its output.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var result = await CommandAsync(arguments);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)}: exit {result.ExitCode}\n{result.Output}\n{result.Error}");
        return result.Output;
    }

    public async Task AddUserAsync(string address, string password, bool admin = false)
    {
        string[] arguments = ["user", "add", address, "--password-stdin", .. admin ? ["--admin"] : Array.Empty<string>()];
        var result = await CommandAsync(password + "\n", arguments);
        Assert.True(result.ExitCode == 0, $"user add {address}: exit {result.ExitCode}\n{result.Error}");
    }

    Dictionary<string, string> ReadPasswords() => Output.Split('\n')
        .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(w => w.Length >= 2 && w[0].Contains("@example.test", StringComparison.Ordinal))
        .ToDictionary(w => w[0], w => w[1], StringComparer.Ordinal);

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!process.HasExited)
            Signal(15);
        return await WaitForExitAsync();
    }

    /// <summary>kill -9: nothing is said, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await WaitForExitAsync();
    }

    public async Task<int> WaitForExitAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(limit.Token);
        Running.TryRemove(this, out _);
        return process.ExitCode;
    }

    void Signal(int signal)
    {
        if (!process.HasExited)
            _ = Kill(process.Id, signal);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        process.Dispose();
        if (removesHome)
            await RemoveAsync(Home);
    }

    // PostgreSQL of a server that was killed may still be writing its last checkpoint.
    static async Task RemoveAsync(string directory)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                System.IO.Directory.Delete(directory, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
            catch (IOException) when (tries < 100)
            {
                await Task.Delay(100);
            }
        }
    }

    static IPAddress FreshAddress()
    {
        Span<byte> random = stackalloc byte[3];
        System.Security.Cryptography.RandomNumberGenerator.Fill(random);
        return new IPAddress([127, (byte)(64 + (random[0] % 60)), random[1], (byte)(1 + (random[2] % 250))]);
    }

    [DllImport("libc", EntryPoint = "kill")]
    static extern int Kill(int pid, int signal);
}
