using Microsoft.Extensions.Logging.Console;
using Webmail.Web.Configuration;

namespace Webmail.Web;

/// <summary>Where the log goes: standard error, one line an entry with the time in UTC, or JSON (Logging:Console:FormatterName=json).</summary>
internal static partial class Logs
{
    public static void Configure(ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.ClearProviders();
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        // It warns that keys are stored as they are: their directory is the server's alone, as the mail beside it is.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
        logging.AddConsole(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            // Without a name the console falls back to its old options and ignores those below.
            console.FormatterName = configuration["Logging:Console:FormatterName"] ?? ConsoleFormatterNames.Simple;
        });
        logging.Services.Configure<SimpleConsoleFormatterOptions>(line =>
        {
            line.SingleLine = true;
            line.TimestampFormat = "yyyy-MM-dd HH:mm:ss.fff'Z' ";
            line.UseUtcTimestamp = true;
        });
    }

    /// <summary>A misspelt key would silently change nothing.</summary>
    public static void UnknownKeys(ILoggerFactory factory, SettingsReader reader)
    {
        var log = factory.CreateLogger(typeof(Logs));
        foreach (var (key, nearest) in reader.UnknownKeys())
        {
            var name = SettingsException.EnvironmentName(key);
            if (nearest is null)
                UnknownKey(log, name);
            else
                MisspeltKey(log, name, SettingsException.EnvironmentName(nearest));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The setting {Key} is unknown and does nothing")]
    static partial void UnknownKey(ILogger log, string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The setting {Key} is unknown and does nothing; did you mean {Nearest}?")]
    static partial void MisspeltKey(ILogger log, string key, string nearest);
}
