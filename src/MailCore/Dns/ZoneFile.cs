using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Webmail.MailCore.Dns;

/// <summary>What a zone file for one of our domains says.</summary>
/// <param name="Domain">A-labels, lower case, no trailing dot.</param>
/// <param name="Host">This server's name, likewise; its addresses are written when it stands in the domain.</param>
/// <param name="SpfAddresses">Addresses that mail leaves from beside the MX's.</param>
/// <param name="DkimPublicKey">SubjectPublicKeyInfo, base64; null: no key.</param>
internal sealed record ZoneFacts(
    string Domain,
    string Host,
    IReadOnlyList<IPAddress> Addresses,
    IReadOnlyList<IPAddress> SpfAddresses,
    string? DkimSelector,
    string? DkimPublicKey,
    IReadOnlyList<(string Service, int Port)> Services,
    uint Serial);

/// <summary>A domain's zone in master file format (RFC 1035 section 5), as BIND loads it.</summary>
internal static class ZoneFile
{
    public static string Write(ZoneFacts zone)
    {
        var text = new StringBuilder();
        var hostIsOurs = zone.Host == zone.Domain || zone.Host.EndsWith("." + zone.Domain, StringComparison.Ordinal);
        text.Append(CultureInfo.InvariantCulture, $"; {zone.Domain}: what must stand in DNS for its mail.\n");
        text.Append(CultureInfo.InvariantCulture, $"$ORIGIN {zone.Domain}.\n$TTL 3600\n");
        text.Append(CultureInfo.InvariantCulture, $"@ IN SOA {zone.Host}. postmaster.{zone.Domain}. {zone.Serial} 3600 900 1209600 300\n");
        Record(text, "@", "NS", zone.Host + ".");
        if (hostIsOurs)
            Addresses(text, Relative(zone.Host, zone.Domain), zone.Addresses);
        Record(text, "@", "MX", $"10 {zone.Host}.");

        Section(text, "Who may send for this domain (SPF, RFC 7208): its MX, and nobody else.");
        Text(text, "@", "v=spf1 mx" + string.Concat(zone.SpfAddresses.Select(Mechanism)) + " -all");
        if (hostIsOurs && zone.Host != zone.Domain)
            Text(text, Relative(zone.Host, zone.Domain), "v=spf1 a" + string.Concat(zone.SpfAddresses.Select(Mechanism)) + " -all");

        if (zone.DkimPublicKey is not null)
        {
            Section(text, "The key that verifies our signatures (DKIM, RFC 6376).");
            Text(text, $"{zone.DkimSelector}._domainkey", $"v=DKIM1; k=rsa; p={zone.DkimPublicKey}");
        }

        Section(text, "What others shall do with mail that fails both (DMARC, RFC 7489).");
        Text(text, "_dmarc", $"v=DMARC1; p=quarantine; rua=mailto:postmaster@{zone.Domain}");

        Section(text, "Where mail programs find us (RFC 6186, RFC 8314).");
        foreach (var (service, port) in zone.Services)
            Record(text, $"{service}._tcp", "SRV", port > 0 ? $"0 1 {port} {zone.Host}." : "0 0 0 .");
        return text.ToString();
    }

    private static void Section(StringBuilder text, string comment) => text.Append(CultureInfo.InvariantCulture, $"\n; {comment}\n");

    private static void Record(StringBuilder text, string name, string type, string value) =>
        text.Append(CultureInfo.InvariantCulture, $"{name} IN {type} {value}\n");

    private static void Addresses(StringBuilder text, string name, IReadOnlyList<IPAddress> addresses)
    {
        foreach (var address in addresses)
            Record(text, name, address.AddressFamily == AddressFamily.InterNetwork ? "A" : "AAAA", address.ToString());
    }

    private static string Mechanism(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? $" ip4:{address}" : $" ip6:{address}";

    /// <summary>A TXT record: its strings hold at most 255 bytes each (RFC 1035 section 3.3), and readers join them.</summary>
    private static void Text(StringBuilder text, string name, string value)
    {
        const int Longest = 255;
        if (value.Length <= Longest)
        {
            Record(text, name, "TXT", Quoted(value));
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"{name} IN TXT (\n");
        for (var at = 0; at < value.Length; at += Longest)
            text.Append(CultureInfo.InvariantCulture, $"    {Quoted(value.Substring(at, Math.Min(Longest, value.Length - at)))}\n");
        text.Append("    )\n");
    }

    private static string Quoted(string value) =>
        "\"" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private static string Relative(string host, string domain) => host == domain ? "@" : host[..^(domain.Length + 1)];
}
