namespace Webmail.MailCore.Inbound.Checks;

/// <summary>A message that went through more than 50 servers goes round in circles (RFC 5321 section 6.3).</summary>
internal sealed class MailLoop : IInboundCheck
{
    public const int MaxReceived = 50;

    public ValueTask<Refusal?> CheckAsync(InboundMessage message, CancellationToken ct)
    {
        var hops = 0;
        foreach (var field in new HeaderFields(message.Spool.Header))
        {
            if (field.Is("Received"u8))
                hops++;
        }

        return new(hops > MaxReceived ? new Refusal(RefusalKind.Loop, $"Too many hops ({hops} Received lines): this is a mail loop") : null);
    }
}
