using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Inbound.Checks;

/// <summary>The limit for one message, for every door. SMTP also looks while it reads.</summary>
internal sealed class SizeLimit(WebmailSettings settings) : IInboundCheck
{
    public ValueTask<Refusal?> CheckAsync(InboundMessage message, CancellationToken ct)
    {
        var limit = settings.Limits.MessageSize;
        return new(limit > 0 && message.Spool.Length > limit
            ? new Refusal(RefusalKind.TooLarge, $"The message is larger than {limit} octets")
            : null);
    }
}
