using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Webmail.Web.Cli;

/// <summary>
/// The program's command line: the table of its commands. Without a command it serves. Every command opens the same settings and the same
/// services as the server, beside a running one or without (<see cref="Workbench"/>).
/// </summary>
internal static class CommandLine
{
    /// <summary>For scripts: one JSON value on standard output.</summary>
    public static readonly Option<bool> Json = new("--json") { Description = "Write the result as JSON, for scripts", Recursive = true };

    /// <summary>Over appsettings.json and the environment, for this one call.</summary>
    public static readonly Option<string[]> Set = new("--set")
    {
        Description = "Set a configuration key for this call, e.g. --set Webmail:DataDirectory=/srv/mail (may be repeated)",
        Recursive = true,
        Arity = ArgumentArity.ZeroOrMore,
        HelpName = "key=value",
    };

    /// <summary>How the user calls us: "./run", or the program's own name.</summary>
    public static string ProgramName => Environment.GetEnvironmentVariable("WEBMAIL_PROGRAM") is { Length: > 0 } name ? name : "webmail";

    public static Task<int> RunAsync(string[] args, Func<string[], CancellationToken, Task<int>> serve) => RunAsync(args, serve, Terminal.Console);

    public static async Task<int> RunAsync(string[] args, Func<string[], CancellationToken, Task<int>> serve, Terminal terminal)
    {
        // Called by sendmail's rules (-i, -oi, -fADDRESS), which no option parser knows.
        if (args is [Sendmail.Name, ..] && !args.Contains("--help", StringComparer.Ordinal))
            return await Workbench.GuardAsync(terminal, () => Sendmail.RunAsync(args[1..], terminal, CancellationToken.None));

        var root = Root(serve, terminal);
        var line = root.Parse(args);
        if (line.Errors.Count > 0)
        {
            await terminal.Error.WriteLineAsync($"{line.Errors[0].Message} Try {ProgramName} {CommandPath(line)}--help.");
            return ExitCodes.Usage;
        }

        var invocation = new InvocationConfiguration
        {
            Output = terminal.Output,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = IsServe(line) ? null : TimeSpan.FromSeconds(2),
        };
        return await Workbench.GuardAsync(terminal, () => line.InvokeAsync(invocation));
    }

    static bool IsServe(ParseResult line) => line.CommandResult.Command.Name is "serve" || line.CommandResult.Parent is null;

    static string CommandPath(ParseResult line)
    {
        var names = new Stack<string>();
        for (var result = line.CommandResult; result.Parent is System.CommandLine.Parsing.CommandResult parent; result = parent)
            names.Push(result.Command.Name);
        return string.Concat(names.Select(n => n + " "));
    }

    static Command Root(Func<string[], CancellationToken, Task<int>> serve, Terminal terminal)
    {
        var root = new TaughtCommand(
            ProgramName,
            "Webmail: mail server and webmail in one program. Without a command it serves.",
            "", "domain add example.org", "user add ann@example.org --password-stdin < password.txt", "doctor")
        {
            Json,
            Set,
            new HelpOption { Recursive = true },
            new VersionOption(),
            Serve.Create(serve),
            Group("domain", "Domains that this server takes mail for", DomainAdd.Create(terminal), DomainList.Create(terminal), DomainRemove.Create(terminal)),
            Group(
                "user", "People with a mailbox", UserAdd.Create(terminal), UserList.Create(terminal), UserRemove.Create(terminal), UserSetPassword.Create(terminal),
                UserAppPassword.Create(terminal), UserToken.Create(terminal), UserCertificate.Create(terminal)),
            Group("alias", "Addresses that lead to others", AliasAdd.Create(terminal), AliasList.Create(terminal), AliasRemove.Create(terminal)),
            Group("mailbox", "Users' mailboxes", MailboxAcl.Create(terminal)),
            Group("queue", "Mail on its way out", QueueList.Create(terminal), QueueRetry.Create(terminal), QueueRemove.Create(terminal)),
            Group("dns", "The DNS records that mail needs", DnsZoneCommand.Create(terminal)),
            Import.Create(terminal),
            Sendmail.Create(),
            Doctor.Create(terminal),
        };
        Serve.ActOn(root, serve);
        foreach (var help in root.Options.OfType<HelpOption>())
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    static Command Group(string name, string description, params Command[] commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands)
            group.Add(command);
        return group;
    }

    sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            inner.Invoke(parseResult);
            if (parseResult.CommandResult.Command is not TaughtCommand { Examples.Count: > 0 } command)
                return ExitCodes.Ok;
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in command.Examples)
                output.WriteLine($"  {ProgramName} {example}".TrimEnd());
            output.WriteLine();
            return ExitCodes.Ok;
        }
    }
}
