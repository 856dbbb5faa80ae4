using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Dns;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Admin;

/// <summary>The records that a domain of ours needs, as a zone file: "dns zone DOMAIN" and the admin pages.</summary>
public sealed class DnsZone(IDirectory directory, WebmailSettings settings, TimeProvider time)
{
    /// <param name="domain">As written by the user.</param>
    /// <param name="addresses">This server's public addresses; empty: those its listeners name, or the machine's own.</param>
    /// <returns>The zone in master file format (BIND), with every record that mail needs.</returns>
    /// <exception cref="MailException">Invalid: no domain name; NotFound: the domain is not ours.</exception>
    public async ValueTask<string> WriteAsync(string domain, IReadOnlyList<IPAddress> addresses, CancellationToken ct)
    {
        var name = EmailAddress.NormaliseDomain(domain);
        if (name is null || name.StartsWith('['))
            throw new MailException(MailError.Invalid, $"'{domain}' is not a domain name");
        if (!await directory.IsLocalDomainAsync(name, ct))
            throw new MailException(MailError.NotFound, $"{name} is not one of our domains");
        var key = await directory.DkimKeyAsync(name, ct);
        var own = addresses.Count > 0 ? addresses : OwnAddresses();
        return ZoneFile.Write(new(
            Ascii(name), Ascii(settings.Hostname), own,
            settings.Outbound.BindAddress is { } bind && !own.Contains(bind) ? [bind] : [],
            key?.Selector, key is null ? null : PublicKey(key), Services(), (uint)time.GetUtcNow().ToUnixTimeSeconds()));
    }

    private static string Ascii(string domain) => new IdnMapping().GetAscii(domain.TrimEnd('.')).ToLowerInvariant();

    private static string PublicKey(DkimKey key)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(key.PrivateKeyPem);
        return Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());
    }

    private List<(string Service, int Port)> Services() =>
    [
        ("_imaps", PortOf(settings.Listeners.Imaps)),
        ("_submissions", PortOf(settings.Listeners.Submissions)),
        ("_pop3s", PortOf(settings.Listeners.Pop3s)),
        ("_submission", PortOf(settings.Listeners.Submission)),
    ];

    /// <summary>0: not offered, which RFC 6186 section 3.4 says with a target of ".".</summary>
    private static int PortOf(IReadOnlyList<IPEndPoint> listeners) => listeners.Count > 0 ? listeners[0].Port : 0;

    private List<IPAddress> OwnAddresses()
    {
        var named = settings.Listeners.Smtp.Select(l => l.Address).Where(a => !a.Equals(IPAddress.Any) && !a.Equals(IPAddress.IPv6Any)).ToList();
        if (named.Exists(a => !IPAddress.IsLoopback(a)))
            return named.FindAll(a => !IPAddress.IsLoopback(a));
        var machine = NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses.Select(u => u.Address))
            .Where(a => !a.IsIPv6LinkLocal)
            .ToList();
        return machine.Count > 0 ? machine : named.Count > 0 ? named : [IPAddress.Loopback];
    }
}
