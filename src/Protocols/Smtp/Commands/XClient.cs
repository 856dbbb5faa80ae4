using System.Net;
using System.Net.Sockets;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;

namespace Webmail.Protocols.Smtp.Commands;

/// <summary>
/// XCLIENT: a trusted proxy says for whom it speaks (Postfix's XCLIENT_README). Only from Networks.Proxies. HELO stays what the proxy said, whatever EHLO
/// it sends for itself afterwards; PORT, PROTO, DESTADDR and DESTPORT are read and tell us nothing.
/// </summary>
internal sealed record XClient(IReadOnlyList<SmtpParameter> Attributes) : IAnyTimeCommand<XClient>
{
    private static readonly SmtpReply NotYou = SmtpReply.Of(550, "5.7.0", "XCLIENT is for trusted proxies only");
    private static readonly SmtpReply InTransaction = SmtpReply.Of(503, "5.5.1", "Not within a transaction");

    public static string Verb => "XCLIENT";

    public static XClient Parse(ref SmtpReader r)
    {
        r.Space();
        var attributes = r.Parameters();
        if (attributes.Count == 0)
            throw SmtpSyntaxException.Arguments("Say XCLIENT NAME=value");
        return new(attributes);
    }

    public async ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct)
    {
        if (!session.IsFromProxy)
            return NotYou;
        if (session.Transaction is not null)
            return InTransaction;
        var client = new ProxiedClient(null, null, false, null, null);
        foreach (var attribute in Attributes)
        {
            if (await TakeAsync(session, client, attribute, ct) is not { } next)
                return SmtpReply.Of(501, "5.5.4", $"The value of {attribute.Keyword} is wrong");
            client = next;
        }

        await session.SpeakForAsync(client);
        return SmtpHandler.Greeting(session.Settings, session.Profile);
    }

    private static async ValueTask<ProxiedClient?> TakeAsync(SmtpSession session, ProxiedClient client, SmtpParameter attribute, CancellationToken ct)
    {
        if (attribute.Value is null || XText.Decode(attribute.Value) is not { } value)
            return null;
        var isUnknown = value is "[UNAVAILABLE]" or "[TEMPUNAVAIL]";
        switch (attribute.Keyword)
        {
            case "NAME":
                return isUnknown || Greetings.IsHostWord(value) ? client with { Name = isUnknown ? null : value, IsNameKnown = true } : null;
            case "ADDR":
                return isUnknown ? client : AddressOf(value) is { } address ? client with { Address = address } : null;
            case "HELO":
                return isUnknown || Greetings.IsHostWord(value) ? client with { Helo = isUnknown ? null : value } : null;
            case "LOGIN":
                return isUnknown ? client : await PrincipalOfAsync(session, value, ct) is { } principal ? client with { Principal = principal } : null;
            case "PORT" or "DESTPORT":
                return isUnknown || (SmtpReader.NumberOf(value) is >= 0 and <= 65535) ? client : null;
            case "PROTO":
                return isUnknown || value.Equals("SMTP", StringComparison.OrdinalIgnoreCase) || value.Equals("ESMTP", StringComparison.OrdinalIgnoreCase) ? client : null;
            case "DESTADDR":
                return isUnknown || AddressOf(value) is not null ? client : null;
            default:
                return null;
        }
    }

    private static IPAddress? AddressOf(string value)
    {
        const string v6 = "IPV6:";
        if (value.StartsWith(v6, StringComparison.OrdinalIgnoreCase))
            return IPAddress.TryParse(value.AsSpan(v6.Length), out var six) && six.AddressFamily == AddressFamily.InterNetworkV6 ? six : null;
        return value.Count(c => c == '.') == 3 && IPAddress.TryParse(value, out var four) ? four : null;
    }

    private static async ValueTask<Principal?> PrincipalOfAsync(SmtpSession session, string login, CancellationToken ct) =>
        EmailAddress.TryParse(login) is { } address ? await session.Services.Directory.PrincipalAsync(address, ct) : null;
}
