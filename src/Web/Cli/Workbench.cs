using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Webmail.MailCore;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Data;
using Webmail.MailCore.Settings;
using Webmail.Web.Configuration;

namespace Webmail.Web.Cli;

/// <summary>
/// What a command works with: the checked settings, the database (a running server's, or started for this command alone) and the services of
/// MailCore. No listener, no background job runs.
/// </summary>
internal sealed class Workbench : IAsyncDisposable
{
    static readonly JsonSerializerOptions JsonStyle = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    readonly Database database;
    readonly ServiceProvider services;
    readonly ILoggerFactory log;
    readonly bool json;

    Workbench(Terminal terminal, bool json, Database database, ServiceProvider services, ILoggerFactory log)
    {
        Terminal = terminal;
        this.json = json;
        this.database = database;
        this.services = services;
        this.log = log;
    }

    public Terminal Terminal { get; }

    public WebmailSettings Settings => database.Settings;

    public Database Database => database;

    /// <summary>Whoever can run this program on its data may do what an administrator may.</summary>
    public Principal Actor => Principal.LocalConsole;

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    /// <summary>Gives the command its action: open, run, close, and the exit code for what went wrong.</summary>
    public static void Run(Command command, Terminal terminal, Func<Workbench, ParseResult, CancellationToken, Task<int>> action) =>
        command.SetAction(async (line, ct) =>
        {
            await using var bench = await OpenAsync(terminal, Overrides(line), line.GetValue(CommandLine.Json), ct);
            return await action(bench, line, ct);
        });

    public static async Task<Workbench> OpenAsync(Terminal terminal, string[] overrides, bool json, CancellationToken ct)
    {
        var configuration = ConfigurationSources.Read(overrides);
        var settings = SettingsReader.Read(configuration);
        var loggers = LoggerFactory.Create(l =>
        {
            Logs.Configure(l, configuration);
            l.SetMinimumLevel(LogLevel.Warning).AddFilter((_, level) => level >= LogLevel.Warning);
        });
        var opened = await Database.OpenAsync(settings, ClusterUse.Command, loggers, ct);
        try
        {
            var made = new ServiceCollection().AddSingleton(loggers).AddSingleton(typeof(ILogger<>), typeof(Logger<>)).AddMailCore(opened.Settings).BuildServiceProvider();
            var bench = new Workbench(terminal, json, opened, made, loggers);
            if (opened.MayMigrate)
                await made.GetRequiredService<Migrator>().MigrateAsync(ct);
            return bench;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>--set key=value, in the form that configuration reads.</summary>
    public static string[] Overrides(ParseResult line) =>
        [.. (line.GetValue(CommandLine.Set) ?? []).Select(s => "--" + s.Replace("__", ":", StringComparison.Ordinal))];

    /// <summary>Runs and turns what stops it into one line and an exit code. A bug is shown whole.</summary>
    public static async Task<int> GuardAsync(Terminal terminal, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception e) when (ExitCodes.Of(e) is { } code)
        {
            if (code != ExitCodes.Interrupted)
                await terminal.Error.WriteLineAsync(OneLine(e));
            return code;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await terminal.Error.WriteLineAsync($"This is a bug, please report it: {e}");
            return ExitCodes.Software;
        }
    }

    static string OneLine(Exception e)
    {
        var text = e is System.Data.Common.DbException ? $"The database can't be used: {e.Message}" : e.Message;
        return text.ReplaceLineEndings(" ");
    }

    /// <summary>The result: text for people, or the value as JSON.</summary>
    public async Task<int> SayAsync<T>(T value, Func<T, IEnumerable<string>> text)
    {
        if (json)
        {
            await Terminal.Output.WriteLineAsync(JsonSerializer.Serialize(value, JsonStyle));
            return ExitCodes.Ok;
        }

        foreach (var line in text(value))
            await Terminal.Output.WriteLineAsync(line);
        return ExitCodes.Ok;
    }

    /// <summary>One line for people, nothing but the value for scripts.</summary>
    public Task<int> SayAsync<T>(T value, string text) => SayAsync(value, _ => [text]);

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
        log.Dispose();
    }
}
