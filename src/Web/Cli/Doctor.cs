using System.CommandLine;
using Webmail.Web.Cli.Checks;

namespace Webmail.Web.Cli;

/// <summary>doctor [--quick]: looks over everything that an administrator would otherwise find out from users.</summary>
internal static class Doctor
{
    /// <summary>In the order shown. To add a check: a class with this face, and a line here.</summary>
    internal static IReadOnlyList<IDoctorCheck> Checks { get; } =
    [
        new DataDirectoryCheck(),
        new DatabaseCheck(),
        new InvariantsCheck(),
        new ListenersCheck(),
        new CertificateCheck(),
        new HostnameCheck(),
        new DomainsCheck(),
    ];

    public static Command Create(Terminal terminal)
    {
        var quick = new Option<bool>("--quick") { Description = "Leave out what reads the whole store" };
        var command = new TaughtCommand(
            "doctor", "Check the data directory, the database, what is stored, the listeners, the certificate and each domain's DNS records. Exit code 1: something is to be mended.", "doctor", "doctor --quick --json") { quick };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var findings = new List<Finding>();
            foreach (var check in Checks)
            {
                if (check.ReadsEverything && line.GetValue(quick))
                    continue;
                findings.AddRange(await RunAsync(check, bench, ct));
            }

            await bench.SayAsync(findings, all => all.Select(f => $"{Word(f.Level),-5}  {f.Subject}: {f.Text}{(f.Mend is { } mend ? "\n       → " + mend : "")}"));
            return findings.Exists(f => f.Level == FindingLevel.Problem) ? ExitCodes.Findings : ExitCodes.Ok;
        });
        return command;
    }

    // One check that fails must not hide the others.
    static async Task<IReadOnlyList<Finding>> RunAsync(IDoctorCheck check, Workbench bench, CancellationToken ct)
    {
        try
        {
            return await check.RunAsync(bench, ct);
        }
        catch (Exception e) when (ExitCodes.Of(e) is not (null or ExitCodes.Interrupted))
        {
            return [new(FindingLevel.Problem, check.Subject, e.Message, null)];
        }
    }

    static string Word(FindingLevel level) => level switch
    {
        FindingLevel.Ok => "ok",
        FindingLevel.Note => "note",
        _ => "MEND",
    };
}
