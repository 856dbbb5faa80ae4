using System.CommandLine;

namespace Webmail.Web.Cli;

/// <summary>serve: runs the server in the foreground. Also what the program does without a command.</summary>
internal static class Serve
{
    public static Command Create(Func<string[], CancellationToken, Task<int>> serve)
    {
        var command = new TaughtCommand(
            "serve",
            "Run the server in the foreground. Settings come from appsettings.json, the environment (Webmail__Hostname=…) and the command line (--Webmail:Hostname=…); docs/operations.md lists them.",
            "serve", "serve --Webmail:Hostname=mail.example.org --Webmail:Listeners:Smtp=*:25");
        ActOn(command, serve);
        return command;
    }

    public static void ActOn(Command command, Func<string[], CancellationToken, Task<int>> serve)
    {
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (line, ct) =>
        {
            // ASP.NET's own form: --Key=value, --Key value.
            var settings = line.UnmatchedTokens;
            if (settings.Count > 0 && !settings[0].StartsWith("--", StringComparison.Ordinal) && !settings[0].StartsWith('/'))
            {
                await line.InvocationConfiguration.Error.WriteLineAsync($"There is no command {settings[0]}. Try {CommandLine.ProgramName} --help.");
                return ExitCodes.Usage;
            }

            return await serve([.. settings, .. Workbench.Overrides(line)], ct);
        });
    }
}
