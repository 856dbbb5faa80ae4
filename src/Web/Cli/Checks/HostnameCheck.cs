using Webmail.MailCore.Dns;

namespace Webmail.Web.Cli.Checks;

/// <summary>The server's own name resolves, and its address's name leads back: other servers refuse mail where it doesn't.</summary>
internal sealed class HostnameCheck : IDoctorCheck
{
    public string Subject => "hostname";

    public async Task<IReadOnlyList<Finding>> RunAsync(Workbench bench, CancellationToken ct)
    {
        var name = bench.Settings.Hostname;
        if (ReservedNames.Contains(name))
            return [Finding.Note(Subject, $"{name} is only for trying out", "set Webmail__Hostname to the server's name in DNS before it meets the world")];
        var resolver = bench.Get<IResolver>();
        var addresses = await resolver.AddressesAsync(name, ct);
        if (addresses.Records.Count == 0)
            return [Finding.Problem(Subject, $"{name} has no address in DNS", "publish an A (and AAAA) record")];
        var findings = new List<Finding>();
        foreach (var address in addresses.Records)
        {
            var back = await resolver.PtrAsync(address, ct);
            findings.Add(back.Records.Any(p => p.TrimEnd('.').Equals(name, StringComparison.OrdinalIgnoreCase))
                ? Finding.Ok(Subject, $"{name} is {address}, and back")
                : Finding.Note(Subject, $"{name} is {address}, whose reverse name is {(back.Records.Count > 0 ? back.Records[0] : "missing")}", "ask the owner of the address (your provider) to set its PTR record"));
        }

        return findings;
    }
}
