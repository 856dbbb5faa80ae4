using System.Diagnostics;

namespace Webmail.MailCore.Data.Cluster;

/// <summary>Runs one of the system's small programs to its end.</summary>
internal static class Tool
{
    /// <param name="Output">Both streams, for messages.</param>
    public sealed record Result(int ExitCode, string Output)
    {
        public bool Ok => ExitCode == 0;
    }

    public static async Task<Result> RunAsync(string program, IEnumerable<string> arguments, CancellationToken ct)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        info.Environment["LC_ALL"] = "C.UTF-8";
        using var process = new Process { StartInfo = info };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new LocalPostgresException($"The program {program} isn't installed (Debian's util-linux and coreutils bring what is needed).");
        }

        var output = process.StandardOutput.ReadToEndAsync(ct);
        var errors = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return new(process.ExitCode, await output + await errors);
    }
}
