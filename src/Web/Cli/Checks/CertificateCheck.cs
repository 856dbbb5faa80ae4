using Microsoft.Extensions.Logging.Abstractions;
using Webmail.Web.Tls;

namespace Webmail.Web.Cli.Checks;

/// <summary>The certificate that clients see: whose, how long, for which name.</summary>
internal sealed class CertificateCheck : IDoctorCheck
{
    static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public string Subject => "certificate";

    public Task<IReadOnlyList<Finding>> RunAsync(Workbench bench, CancellationToken ct)
    {
        var time = bench.Get<TimeProvider>();
        var certificate = new ServerCertificate(bench.Settings, time, NullLogger<ServerCertificate>.Instance);
        var leaf = certificate.Leaf;
        var until = new DateTimeOffset(leaf.NotAfter.ToUniversalTime());
        var findings = new List<Finding>();
        if (until < time.GetUtcNow() + Soon)
            findings.Add(Finding.Problem(Subject, $"ends on {until:yyyy-MM-dd}", "renew it; the server takes up the new files by itself"));
        if (!leaf.MatchesHostname(bench.Settings.Hostname))
            findings.Add(Finding.Problem(Subject, $"isn't for {bench.Settings.Hostname}", "get one whose names include Webmail__Hostname"));
        if (findings.Count == 0)
            findings.Add(certificate.IsSelfSigned
                ? Finding.Note(Subject, $"self-signed, until {until:yyyy-MM-dd}: clients warn", "set Webmail__Tls__CertificatePath and KeyPath, e.g. to certbot's files")
                : Finding.Ok(Subject, $"for {bench.Settings.Hostname} until {until:yyyy-MM-dd}"));
        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }
}
