using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.Protocols.Imap;

namespace Webmail.Web.Configuration;

/// <summary>Text of a setting to its value; null when it isn't one.</summary>
internal static partial class ValueParsers
{
    /// <summary>"127.0.0.1:25", "[::1]:25", "*:25" (all addresses, both families), "localhost:25"; without a port only where there is a default.</summary>
    public static IPEndPoint? EndPointOrNull(string text, int? defaultPort)
    {
        if (IPAddress.TryParse(text.Trim('[', ']'), out var bare) && (bare.ToString() == text || text.StartsWith('[') || !text.Contains(':', StringComparison.Ordinal)))
            return defaultPort is { } port ? new(bare, port) : null;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || NumberOrNull(text[(colon + 1)..]) is not (>= 0 and <= 65535 and { } number))
            return null;
        var host = text[..colon];
        if (host == "*")
            return new(IPAddress.IPv6Any, (int)number);
        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
            return new(IPAddress.Loopback, (int)number);
        if (host.StartsWith('[') != host.EndsWith(']') || host.StartsWith('[') != host.Contains(':', StringComparison.Ordinal))
            return null;
        return IPAddress.TryParse(host.Trim('[', ']'), out var address) && (host.StartsWith('[') || IsDotted(host)) ? new(address, (int)number) : null;
    }

    // IPAddress takes "1" for 0.0.0.1: a slip here would open a door on a strange address.
    static bool IsDotted(string host) => host.Count(c => c == '.') == 3;

    /// <summary>"192.0.2.0/24", "2001:db8::/32", or one address. Host bits below the prefix are cut off, as Postfix does with a warning.</summary>
    public static IPNetwork? NetworkOrNull(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = (slash < 0 ? text : text[..slash]).Trim('[', ']');
        if (!IPAddress.TryParse(host, out var address) || (!host.Contains(':', StringComparison.Ordinal) && !IsDotted(host)))
            return null;
        var octets = address.GetAddressBytes();
        var prefix = octets.Length * 8;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > octets.Length * 8))
            return null;
        for (var i = 0; i < octets.Length; i++)
        {
            var keep = Math.Clamp(prefix - (i * 8), 0, 8);
            octets[i] &= (byte)(0xFF << (8 - keep));
        }

        return new IPNetwork(new IPAddress(octets), prefix);
    }

    public static long? NumberOrNull(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static bool? YesNoOrNull(string text) => bool.TryParse(text, out var value) ? value : null;

    /// <summary>One of the names, in any case; no numbers.</summary>
    public static T? EnumOrNull<T>(string text)
        where T : struct, Enum => Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<T>(text, ignoreCase: true) : null;

    public static int? PortOrNull(string text) => NumberOrNull(text) is > 0 and <= 65535 and { } port ? (int)port : null;

    /// <summary>Bytes, or with k, M, G, T (powers of 1,024; "MB" and "MiB" are the same).</summary>
    public static long? SizeOrNull(string text)
    {
        var digits = text.Length - text.AsSpan().TrimStart("0123456789").Length;
        if (NumberOrNull(text[..digits]) is not { } number)
            return null;
        var shift = text[digits..].Trim().ToUpperInvariant() switch
        {
            "" or "B" => 0,
            "K" or "KB" or "KIB" => 10,
            "M" or "MB" or "MIB" => 20,
            "G" or "GB" or "GIB" => 30,
            "T" or "TB" or "TIB" => 40,
            _ => -1,
        };
        return shift >= 0 && number <= long.MaxValue >> shift ? number << shift : null;
    }

    /// <summary>A number with ms, s, m, h or d; a bare number is seconds; or .NET's d.hh:mm:ss.</summary>
    public static TimeSpan? DurationOrNull(string text)
    {
        var digits = text.Length - text.AsSpan().TrimStart("0123456789").Length;
        if (NumberOrNull(text[..digits]) is { } number && number < int.MaxValue)
        {
            switch (text[digits..].Trim().ToUpperInvariant())
            {
                case "MS": return TimeSpan.FromMilliseconds(number);
                case "" or "S": return TimeSpan.FromSeconds(number);
                case "M" or "MIN": return TimeSpan.FromMinutes(number);
                case "H": return TimeSpan.FromHours(number);
                case "D" when number < 10_000: return TimeSpan.FromDays(number);
                default: break;
            }
        }

        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span >= TimeSpan.Zero ? span : null;
    }

    /// <summary>"QRESYNC", "MOVE client=Foo/1.*", "IDLE client=iPhone Mail/* user=*@example.org": a capability of IMAP that can be switched off, and for whom.</summary>
    public static CapabilityRule? CapabilityRuleOrNull(string text)
    {
        var match = CapabilityRulePattern().Match(text);
        string? Value(string group) => match.Groups[group] is { Success: true } found ? found.Value : null;
        return match.Success && ImapFeatures.CanBeSwitchedOff(match.Groups["capability"].Value)
            ? new(match.Groups["capability"].Value, Value("client"), Value("user"))
            : null;
    }

    [GeneratedRegex(@"^(?<capability>\S+)(\s+client=(?<client>.+?))?(\s+user=(?<user>\S+))?$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex CapabilityRulePattern();

    /// <summary>"example.org=relay.example.net:25" or "*=10.0.0.1:25"; the port is 25 unless given; the host may be an address.</summary>
    public static OutboundRoute? RouteOrNull(string text)
    {
        if (text.Split('=', 2, StringSplitOptions.TrimEntries) is not [var domain, var target])
            return null;
        var name = domain == "*" ? domain : EmailAddress.NormaliseDomain(domain);
        var colon = target.LastIndexOf(':');
        var isBareIpv6 = target.StartsWith('[') && target.EndsWith(']');
        var host = colon < 0 || isBareIpv6 ? target : target[..colon];
        var port = colon < 0 || isBareIpv6 ? 25 : PortOrNull(target[(colon + 1)..]);
        host = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        return name is not null && port is { } p && Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6
            ? new(name, host.ToLowerInvariant(), port!.Value)
            : null;
    }
}
