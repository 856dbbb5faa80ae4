using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Inbound;

/// <summary>The fields that a server puts in front of what it takes: Return-Path and Received (RFC 5321 section 4.4).</summary>
internal static class TraceHeader
{
    public static void Write(StringBuilder to, InboundMessage message, Guid traceId, string hostname, DateTimeOffset now, bool withReturnPath)
    {
        if (withReturnPath)
            to.Append("Return-Path: <").Append(message.Sender?.ToString()).Append(">\r\n");
        var client = message.Client;
        to.Append("Received: ");
        if (client.Helo is not null || client.Address is not null)
            to.Append("from ").Append(client.Helo ?? "unknown").Append(AddressOf(client)).Append("\r\n\t");
        to.Append("by ").Append(hostname).Append(" (Webmail) with ").Append(client.Protocol);
        to.Append(CultureInfo.InvariantCulture, $" id {traceId:N}");
        if (client.TlsDescription is { } tls)
            to.Append("\r\n\t(").Append(tls).Append(')');

        // With more than one, naming them would show the blind copies.
        if (message.Recipients is [var only])
            to.Append("\r\n\tfor <").Append(only.Address).Append('>');
        to.Append(";\r\n\t").Append(DateOf(now)).Append("\r\n");
    }

    /// <summary>RFC 5322 section 3.3.</summary>
    public static string DateOf(DateTimeOffset time) =>
        time.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + time.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);

    private static string AddressOf(InboundClient client)
    {
        if (client.Address is not { } address)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        var literal = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"IPv6:{address}" : address.ToString();
        return $" ({client.Name ?? "unknown"} [{literal}])";
    }
}
