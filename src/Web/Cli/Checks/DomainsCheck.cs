using System.Security.Cryptography;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Dns;

namespace Webmail.Web.Cli.Checks;

/// <summary>Each domain's records: MX to us, SPF, the DKIM key that we sign with, DMARC.</summary>
internal sealed class DomainsCheck : IDoctorCheck
{
    public string Subject => "domains";

    public async Task<IReadOnlyList<Finding>> RunAsync(Workbench bench, CancellationToken ct)
    {
        var domains = await bench.Get<DomainAdmin>().ListAsync(bench.Actor, ct);
        if (domains.Count == 0)
            return [Finding.Note(Subject, "there is none", $"{CommandLine.ProgramName} domain add example.org")];
        var findings = new List<Finding>();
        foreach (var domain in domains)
        {
            if (ReservedNames.Contains(domain.AsciiName))
                findings.Add(Finding.Note(domain.Name, "is only for trying out: not in DNS"));
            else
                findings.AddRange(await LookAsync(bench, domain, ct));
        }

        return findings;
    }

    static async Task<List<Finding>> LookAsync(Workbench bench, DomainInfo domain, CancellationToken ct)
    {
        var resolver = bench.Get<IResolver>();
        var mend = $"publish what `{CommandLine.ProgramName} dns zone {domain.Name}` prints";
        var key = await bench.Get<IDirectory>().DkimKeyAsync(domain.Name, ct);
        var mx = await resolver.MxAsync(domain.AsciiName, ct);
        var spf = await resolver.TxtAsync(domain.AsciiName, ct);
        var dkim = await resolver.TxtAsync($"{domain.DkimSelector}._domainkey.{domain.AsciiName}", ct);
        var dmarc = await resolver.TxtAsync("_dmarc." + domain.AsciiName, ct);
        List<Finding> findings =
        [
            mx.Records.Any(r => r.Host.TrimEnd('.').Equals(bench.Settings.Hostname, StringComparison.OrdinalIgnoreCase))
                ? Finding.Ok(domain.Name, "MX leads here")
                : Finding.Problem(domain.Name, $"MX doesn't lead to {bench.Settings.Hostname}", mend),
            spf.Records.Any(r => r.StartsWith("v=spf1", StringComparison.OrdinalIgnoreCase))
                ? Finding.Ok(domain.Name, "SPF is published")
                : Finding.Problem(domain.Name, "SPF is missing", mend),
            key is not null && dkim.Records.Any(r => Stripped(r).Contains("p=" + PublicKey(key), StringComparison.Ordinal))
                ? Finding.Ok(domain.Name, "the DKIM key is published")
                : Finding.Problem(domain.Name, $"{domain.DkimSelector}._domainkey doesn't hold the key that we sign with", mend),
            dmarc.Records.Any(r => r.StartsWith("v=DMARC1", StringComparison.OrdinalIgnoreCase))
                ? Finding.Ok(domain.Name, "DMARC is published")
                : Finding.Note(domain.Name, "DMARC is missing", mend),
        ];
        return findings;
    }

    static string Stripped(string record) => string.Concat(record.Where(c => !char.IsWhiteSpace(c)));

    static string PublicKey(DkimKey key)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(key.PrivateKeyPem);
        return Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());
    }
}
