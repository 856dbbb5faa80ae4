using System.Diagnostics;
using System.Net;
using MailKit;

namespace Webmail.EndToEnd.Clients;

/// <summary>
/// What every client's day begins and ends with: an account with mail, a folder to work in, doors with ears, the user's phone; and at the end what the
/// client sent, compared with what it has sent before (Sent/NAME.txt).
/// </summary>
internal sealed class ClientDay : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<Ear> _ears = [];
    private readonly ClientServer _site;

    private ClientDay(ClientServer site, ServerProcess server, string name, Phone phone)
    {
        (_site, Server, Name, Phone) = (site, server, name, phone);
        Folder = Directory.CreateTempSubdirectory($"webmail-{name}-").FullName;
    }

    public ServerProcess Server { get; }

    /// <summary>The client's: also the account's local part.</summary>
    public string Name { get; }

    public string Account => Name + "@example.test";

    /// <summary>The client's home, for its settings and its mail.</summary>
    public string Folder { get; }

    public string CertificatePath => _site.CertificatePath;

    public Phone Phone { get; }

    /// <summary>INBOX with "Letter 1" (seen) to "Letter 4", Archive with "Old letter", "Работа" with "Отчёт".</summary>
    public static async Task<ClientDay> BeginAsync(ClientServer site, string name, bool withMail = true)
    {
        var server = await site.ServerAsync();
        await server.AddUserAsync(name + "@example.test", ClientServer.Password);
        var phone = await Phone.ConnectAsync(server, name + "@example.test");
        if (withMail)
            await FillAsync(phone);
        return new(site, server, name, phone);
    }

    public Ear Imaps() => Listen(Server.Imaps, implicitTls: true, tagged: true);

    public Ear Imap() => Listen(Server.Imap, implicitTls: false, tagged: true);

    public Ear Pop3s() => Listen(Server.Pop3s, implicitTls: true, tagged: false);

    public Ear Pop3() => Listen(Server.Pop3, implicitTls: false, tagged: false);

    /// <summary>A script of the tests, beside them in the sources.</summary>
    public static string Script(string name) => Path.Combine(ServerProcess.Root, "tests", "EndToEnd", "Clients", name);

    /// <summary>A file in the client's folder.</summary>
    public async Task<string> WriteAsync(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>A program to its end, which must be a good one. What it printed on both outputs.</summary>
    public Task<string> RunAsync(string program, params string[] arguments) => RunAsync("", program, arguments);

    /// <param name="input">Its standard input.</param>
    public async Task<string> RunAsync(string input, string program, string[] arguments)
    {
        using var process = Start(program, arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await EndAsync(process, async () => await output + await error);
        return await output + await error;
    }

    /// <summary>Waits for the end of a program, which must be a good one.</summary>
    public async Task EndAsync(Process process, Func<Task<string>> said)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{Name} did not end.\n{await said()}\n{Heard()}");
        }

        Assert.True(process.ExitCode == 0, $"{Name} ended with {process.ExitCode}.\n{await said()}\n{Heard()}");
    }

    /// <summary>A program with the client's folder as home and nobody's settings.</summary>
    public Process Start(string program, params string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        info.Environment["HOME"] = Folder;
        info.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var name in info.Environment.Keys.Where(k => k.StartsWith("XDG_", StringComparison.Ordinal)).ToList())
            info.Environment.Remove(name);
        return Process.Start(info)!;
    }

    /// <summary>All that was said, for people.</summary>
    public string Heard() => string.Join("\n", _ears);

    /// <summary>The client has left: what it sent must be what it has always sent.</summary>
    public async Task CompareAsync()
    {
        foreach (var ear in _ears)
            await ear.SilenceAsync();
        Sent.Compare(Name, [.. _ears.SelectMany(e => e.Commands)]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var ear in _ears)
            await ear.DisposeAsync();
        await Phone.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task FillAsync(Phone phone)
    {
        for (var i = 1; i <= 4; i++)
            await phone.AppendAsync("INBOX", $"Letter {i}", i == 1 ? MessageFlags.Seen : MessageFlags.None);
        await phone.CreateAsync("Работа");
        await phone.AppendAsync("Archive", "Old letter", MessageFlags.Seen);
        await phone.AppendAsync("Работа", "Отчёт");
    }

    private Ear Listen(int port, bool implicitTls, bool tagged)
    {
        var ear = new Ear(_site, new IPEndPoint(Server.Address, port), implicitTls, tagged);
        _ears.Add(ear);
        return ear;
    }
}
