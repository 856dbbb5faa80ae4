using Webmail.MailCore.Auth;
using Webmail.MailCore.Directory;

namespace Webmail.MailCore.Inbound.Checks;

/// <summary>
/// Who logged in writes as itself only: every address of From and Sender must be its own, and there must be exactly one From (RFC 6409
/// section 8.1, RFC 5322 section 3.6). Others can't be held to this here.
/// </summary>
internal sealed class AuthorIsSender(IDirectory directory) : IInboundCheck
{
    private static readonly Refusal NoFrom = new(RefusalKind.Malformed, "The message needs exactly one From field");

    public ValueTask<Refusal?> CheckAsync(InboundMessage message, CancellationToken ct) =>
        message.Client.Principal is { } principal ? CheckAsync(principal, message.Spool, ct) : new((Refusal?)null);

    private async ValueTask<Refusal?> CheckAsync(Principal principal, IncomingSpool spool, CancellationToken ct)
    {
        if (spool.IsHeaderCut)
            return new(RefusalKind.TooLarge, $"The header is larger than {IncomingSpool.MaxHeader} octets");
        if (Authors.Read(spool.Header) is not { } authors)
            return new(RefusalKind.Malformed, "The From or Sender field can't be read");
        if (authors.FromFields != 1 || authors.From.Count == 0)
            return NoFrom;
        foreach (var address in authors.From.Concat(authors.Sender))
        {
            if (!await directory.OwnsAsync(principal, address, ct))
                return new(RefusalKind.NotYourAddress, $"{address} is not an address of yours");
        }

        return null;
    }
}
