using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Webmail.EndToEnd.Journey;

/// <summary>One of the journey's servers: the built program with its own PostgreSQL, at a loopback address of its own.</summary>
internal sealed record Site(string Domain, ServerProcess Server)
{
    /// <param name="wellKnownPorts">25 and its kin need a privilege.</param>
    public static async Task<Site> StartAsync(string domain, IPAddress address, bool wellKnownPorts, int dnsPort) => new(domain, await ServerProcess.StartAsync(new()
    {
        Address = address,
        Hostname = "mail." + domain,
        WellKnownPorts = wellKnownPorts,
        Environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Webmail__Dns__Servers"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{dnsPort}"),
            ["Webmail__Outbound__Port"] = wellKnownPorts ? "25" : "2525",
            ["Webmail__Outbound__RetryFirst"] = "1s",
            ["Webmail__Outbound__RetryMax"] = "2s",
        },
    }));
}

/// <summary>Other people's programs.</summary>
internal static class Client
{
    /// <summary>What it printed; anything but success is an exception that shows it.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{await output}{await errors}");
    }
}
