using Webmail.MailCore.Admin;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.Web.Cli;

/// <summary>
/// The domain of names without one (Postfix's myorigin): the server's own name where that is a domain of ours, else the nearest domain above it, else
/// the first of our domains. Mail for a root who has no mailbox goes to postmaster, whom every domain has.
/// </summary>
internal sealed class LocalOrigin
{
    readonly IDirectory directory;

    LocalOrigin(IDirectory directory, string domain)
    {
        this.directory = directory;
        Domain = domain;
    }

    public string Domain { get; }

    public static async Task<LocalOrigin> FindAsync(Workbench bench, CancellationToken ct)
    {
        var known = bench.Get<IDirectory>();
        for (var name = bench.Settings.Hostname; name.Contains('.', StringComparison.Ordinal); name = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            if (await known.IsLocalDomainAsync(name, ct))
                return new(known, name);
        }

        var domains = await bench.Get<DomainAdmin>().ListAsync(bench.Actor, ct);
        return new(known, domains.Count > 0 ? domains[0].Name : bench.Settings.Hostname);
    }

    /// <exception cref="MailException">Invalid</exception>
    public EmailAddress Complete(string text)
    {
        var bare = text.Trim();
        if (bare.EndsWith('>') && bare.LastIndexOf('<') is >= 0 and var open)
            bare = bare[(open + 1)..^1];
        return EmailAddress.Parse(bare.Contains('@', StringComparison.Ordinal) ? bare : $"{bare}@{Domain}");
    }

    public async Task<EmailAddress> RootAsync(EmailAddress recipient, CancellationToken ct)
    {
        if (!string.Equals(recipient.Local, "root", StringComparison.OrdinalIgnoreCase) || !string.Equals(recipient.Domain, Domain, StringComparison.Ordinal))
            return recipient;
        var resolution = await directory.ResolveAsync(recipient, ct);
        return resolution.Kind == ResolutionKind.UnknownUser ? EmailAddress.Parse("postmaster@" + Domain) : recipient;
    }
}
