using System.Buffers;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Inbound;

/// <summary>Which recipients a client may name. The one place that keeps us from being an open relay.</summary>
internal sealed class RecipientRules(IDirectory directory)
{
    private static readonly SearchValues<char> Routing = SearchValues.Create("%!@");

    private static readonly Refusal Unknown = new(RefusalKind.UnknownUser, "No such user here");
    private static readonly Refusal Disabled = new(RefusalKind.Disabled, "The mailbox is disabled for now");
    private static readonly Refusal NoRelay = new(RefusalKind.RelayDenied, "Relaying denied");

    public async ValueTask<(Resolution Resolution, Refusal? Refusal)> LookAsync(InboundClient client, EmailAddress recipient, CancellationToken ct)
    {
        var resolution = await directory.ResolveAsync(recipient, ct);
        return (resolution, Judge(client, recipient, resolution));
    }

    private static Refusal? Judge(InboundClient client, EmailAddress recipient, Resolution resolution)
    {
        if (resolution.Kind == ResolutionKind.NotLocal)
            return MayRelay(client) ? null : NoRelay;

        // user%elsewhere@here, elsewhere!user@here, "user@elsewhere"@here: routes of another age, which only ask us to relay (RFC 5321 appendix F.2).
        if (recipient.Local.AsSpan().ContainsAny(Routing) && !MayRelayThrough(client, resolution))
            return NoRelay;
        return resolution.Kind switch
        {
            ResolutionKind.Found => null,
            ResolutionKind.UnknownUser => Unknown,
            ResolutionKind.Disabled => Disabled,
            _ => client.Ingress == Ingress.Lmtp ? NoRelay : null,
        };
    }

    private static bool MayRelay(InboundClient client) =>
        client.Ingress != Ingress.Lmtp && (client.Principal is not null || client.IsTrusted);

    private static bool MayRelayThrough(InboundClient client, Resolution resolution) =>
        resolution.Kind == ResolutionKind.RelayDomain && MayRelay(client);
}
